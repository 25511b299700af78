"""How DuckDB runs the models: no outer join compares every row with every other.

A condition beside the equalities of an outer join that is no comparison of two sides (an `or`, a test of the left side alone)
makes the engine give up hashing and compare all pairs: nothing at the size of tests, hours at the size of a county.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.end_to_end.conftest import World

# Joined with a short list of the policy or the county: as many comparisons as rows times entries.
SHORT_LISTS = {
    "kpi_evidence__account", "kpi_evidence__operation", "kpi_left_out", "left_out__inpatient", "left_out__resources",
    "policy_parameter",
}  # fmt: skip


@pytest.fixture(scope="module")
def engine(messy: World) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"set file_search_path = '{messy.home}'")
    connection.execute(f"attach '{messy.home / 'warehouse' / 'build.duckdb'}' as build (read_only)")
    connection.execute("use build")
    return connection


def compared_pairwise(engine: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    """Conditions of outer joins for which every row is compared with every other."""

    def operators(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for node in nodes:
            yield node
            yield from operators(node["children"])

    ((_, plan),) = engine.execute(f"explain (format json) {query}").fetchall()
    return [
        str(node["extra_info"].get("Condition"))
        for node in operators(json.loads(plan))
        if node["name"].strip() == "BLOCKWISE_NL_JOIN" and node["extra_info"]["Join Type"] != "INNER"
    ]


def _models(home: Path) -> list[Path]:
    """The text of every model as it was built; tests of a model lie in folders named after its description."""
    compiled = home / "warehouse" / "dbt" / "compiled"
    return sorted(
        path for path in compiled.rglob("*.sql") if "models" in path.parts and ".yml" not in str(path.parent)
    )


def test_no_outer_join_compares_every_row_with_every_other(
    engine: duckdb.DuckDBPyConnection, messy: World
) -> None:
    models = _models(messy.home)
    assert len(models) > 250
    found = {path.stem: compared_pairwise(engine, path.read_text("utf-8")) for path in models}
    assert {name: joins for name, joins in found.items() if joins and name not in SHORT_LISTS} == {}
    assert {name for name, joins in found.items() if joins} == SHORT_LISTS


def test_such_a_join_is_seen(engine: duckdb.DuckDBPyConnection) -> None:
    visits = "build.core.fct_outpatient_visit"
    either = "a.visit_id = b.visit_id and (a.institution_id = b.institution_id or b.institution_id is null)"
    assert compared_pairwise(engine, f"select * from {visits} as a left join {visits} as b on {either}")
    assert not compared_pairwise(
        engine, f"select * from {visits} as a left join {visits} as b using (visit_id)"
    )
