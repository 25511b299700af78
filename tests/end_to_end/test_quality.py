"""Data quality as an institution sees it: scores that add up to what was received, a page for everyone, a board to read."""

from __future__ import annotations

import re

import duckdb
import pytest

from expectations.verdict import outcome_of
from tests.end_to_end.conftest import World, must

DIMENSIONS = {"completeness", "conformance", "plausibility", "timeliness", "uniqueness", "total"}


@pytest.fixture(scope="module")
def marts(messy: World) -> duckdb.DuckDBPyConnection:
    """The published marts, read-only."""
    connection = duckdb.connect()
    connection.execute(f"attach '{messy.release / 'marts.duckdb'}' as release (read_only)")
    connection.execute("use release.marts")
    return connection


def test_everyone_is_scored_in_every_dimension_and_month(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute(
        "select month, institution_id, list(dimension), min(score), max(score), sum(violated) from mart_quality_score group by all"
    ).fetchall()
    delivering = marts.execute(
        "select count(*) from (select distinct month, institution_id from mart_batch_reconciliation)"
    ).fetchone()
    assert len(rows) >= delivering[0] > 0
    assert all(set(dimensions) == DIMENSIONS for _, _, dimensions, *_ in rows)
    assert all(low is not None and 0 <= low <= high <= 100 for *_, low, high, _ in rows)
    assert sum(violated for *_, violated in rows) > 0


def test_whoever_is_scored_is_an_institution_or_a_platform_with_a_name(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    for mart in (
        "mart_quality_score",
        "mart_quality_rule",
        "mart_batch_reconciliation",
        "mart_quarantine_summary",
    ):
        unknown = f"select count(*) from {mart} anti join dim_institution using (institution_id)"
        assert marts.execute(unknown).fetchone() == (0,), mart
    named = "select count(*) from dim_institution where institution_tier = 'platform' and institution_name is not null"
    assert marts.execute(named).fetchone() == (3,)


def test_every_verdict_follows_from_its_stored_figures(marts: duckdb.DuckDBPyConnection) -> None:
    rows = marts.execute("from mart_data_quality").fetch_arrow_table().to_pylist()
    assert {"pass", "pass_with_violations", "warn"} <= {row["outcome"] for row in rows}
    for row in rows:
        assert 0 <= row["violated"] <= row["total"], row
        figures = [row[name] for name in ("violated", "total", "threshold_pct", "tolerated", "severity")]
        assert row["outcome"] in ("not_applicable", "waived", outcome_of(*figures)), row


def test_duplicates_of_the_rules_are_those_of_the_reconciliation(marts: duckdb.DuckDBPyConnection) -> None:
    counted = "select institution_id, month, feed, sum({}) from {} where {} group by all order by all"
    rules = counted.format("violated", "mart_quality_rule", "rule_id = 'DUPLICATE_ROW'")
    batches = counted.format("duplicate_rows", "mart_batch_reconciliation", "duplicate_rows > 0")
    assert marts.execute(rules).fetchall() == marts.execute(batches).fetchall() != []


def test_the_board_names_everyone_and_where_the_pages_lie(messy: World) -> None:
    said = must("quality", "--county", messy.county, "--home", messy.home)
    folder = messy.release / "quality" / "2025-03"
    assert str(folder) in said and "濉河县人民医院" in said
    for page in folder.glob("*.html"):
        text = page.read_text("utf-8")
        assert "收到 = 接收 + 隔离 + 重复" in text
        assert not re.search(r"https?:|src=|<script", text)
    assert len(list(folder.glob("*.html"))) >= 9
