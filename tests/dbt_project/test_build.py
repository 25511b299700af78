"""The project parses without a warning, and builds and passes its own tests on a home without deliveries."""

from __future__ import annotations

from dbt.artifacts.schemas.results import NodeStatus
from dbt.cli.main import dbtRunnerResult
from dbt.node_types import NodeType

from tests.dbt_project.conftest import failures


def test_parses_without_warnings(parsed: dbtRunnerResult) -> None:
    assert parsed.success, parsed.exception


def test_builds_on_an_empty_home(built: dbtRunnerResult) -> None:
    assert built.success, failures(built)


def test_every_unit_test_ran_and_passed(built: dbtRunnerResult, manifest) -> None:
    ran = {one.node.name: one.status for one in built.result if one.node.resource_type == NodeType.Unit}
    assert set(ran) == {test.name for test in manifest.unit_tests.values()}
    assert {name for name, status in ran.items() if status != NodeStatus.Pass} == set()


def test_every_kpi_has_a_unit_test(manifest) -> None:
    """The definition of each KPI is held by a unit test of the evidence model that counts it."""
    tested = {node for test in manifest.unit_tests.values() for node in test.depends_on.nodes}
    views = {name for name in manifest.nodes if ".kpi_evidence__" in name}
    assert views - tested == set()


def test_scoring_holds_the_worked_numbers(manifest) -> None:
    """A1, A2, A4 and B of the methods are unit tests: here only that none of them was dropped."""
    names = {test.name for test in manifest.unit_tests.values()}
    assert {
        "a1_referral_rate_higher_is_better",
        "a1_length_of_stay_lower_is_better",
        "a1_bed_occupancy_range",
        "a2_benchmark_against_peers",
        "a4_coverage_and_b_pay_curve",
    } <= names
