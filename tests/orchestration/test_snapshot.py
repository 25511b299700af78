"""All that Dagster is told, beside what was accepted: a change of the graph is seen and meant."""

import difflib

import dagster as dg
import pytest

from tests.orchestration import snapshot


def test_the_definitions_are_those_that_were_accepted(defs: dg.Definitions):
    accepted, today = snapshot.FILE.read_text("utf-8"), snapshot.describe(defs)
    if today != accepted:
        changes = difflib.unified_diff(
            accepted.splitlines(), today.splitlines(), "accepted", "today", n=0, lineterm=""
        )
        pytest.fail(
            "Dagster 的定义变了;若是有意的 / the definitions changed; if you mean it: "
            + "\n".join([snapshot.ACCEPT, *changes]),
            pytrace=False,
        )
