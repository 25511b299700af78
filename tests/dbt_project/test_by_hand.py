"""dbt as somebody uses it by hand: every command of docs/use-dbt.md does what the page says; groups, access, exposures, freshness."""

from __future__ import annotations

import re
import shlex

import pytest
from dbt.artifacts.schemas.results import FreshnessStatus
from dbt.cli.main import dbtRunnerResult
from dbt.node_types import AccessType, NodeType

from sources.contracts.load import load_contracts
from tests.dbt_project.conftest import ROOT, Dbt, failures
from tests.dbt_project.test_interface import DIMENSIONS

PAGE = (ROOT / "docs" / "use-dbt.md").read_text("utf-8")
COMMANDS = re.findall(r"^\.\./\.venv/bin/dbt (.+)$", PAGE, flags=re.MULTILINE)


def test_the_page_has_commands_of_every_kind() -> None:
    assert {"debug", "ls", "show", "source", "build", "test", "docs"} <= {each.split()[0] for each in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_works(dbt: Dbt, built: dbtRunnerResult, command: str) -> None:
    done = dbt.run(*shlex.split(command))
    assert done.success, (done.exception, failures(done) if hasattr(done.result, "results") else done.result)
    if command.startswith(("ls", "build", "test", "show")):
        assert list(done.result), "it selects something"


def test_every_model_has_a_group_with_an_owner_and_interfaces_alone_are_public(manifest) -> None:
    owners = {group.name: group.owner.name for group in manifest.groups.values()}
    models = [node for node in manifest.nodes.values() if node.resource_type == NodeType.Model]
    assert {node.name for node in models if not owners.get(node.group)} == set()
    public = {node.name for node in models if node.access == AccessType.Public}
    assert public == {node.name for node in models if node.name.startswith(("mart_", "event_"))} | set(DIMENSIONS)
    private = {node.name for node in models if node.access == AccessType.Private}
    assert all(name.startswith(("kpi_evidence__", "left_out__", "kpi_left_out", "quality_rule__")) for name in private) and private


def test_somebody_reads_every_mart(manifest) -> None:
    read = {node for exposure in manifest.exposures.values() for node in exposure.depends_on.nodes}
    marts = {name for name, node in manifest.nodes.items() if node.name.startswith(("mart_", "event_")) and name.startswith("model.")}
    assert marts - read == set()


def test_a_feed_that_nobody_delivered_is_stale_and_no_error(dbt: Dbt, built: dbtRunnerResult) -> None:
    found = dbt.run("source", "freshness", "--select", "source:conformed")
    assert found.success, found.exception
    assert {one.node.name for one in found.result} == set(load_contracts())
    assert {one.status for one in found.result} == {FreshnessStatus.Warn}
