"""What a figure does not count, and why; and where a delivered line counts: of a county that was run, through the command line."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from expectations.facts import load_facts
from sources.contracts.load import load_contracts
from tests.end_to_end.conftest import World, must

MONTH = "2025-03"


@pytest.fixture(scope="module")
def known(messy: World) -> duckdb.DuckDBPyConnection:
    """The build beside the release: `left_out`, and every evidence model by its name."""
    connection = duckdb.connect()
    connection.execute(f"set file_search_path = '{messy.home}'")
    connection.execute(f"attach '{messy.home / 'warehouse' / 'build.duckdb'}' as build (read_only)")
    files = messy.release / "lineage" / "left_out" / "*" / "*.parquet"
    connection.execute(
        f"create view left_out as select * from read_parquet('{files}', hive_partitioning = false)"
    )
    return connection


def _tables(known: duckdb.DuckDBPyConnection, start: str) -> dict[str, str]:
    """Tables whose rows belong to months, by name: where each is."""
    found = known.execute(
        """select table_name, schema_name from duckdb_columns()
           where database_name = 'build' and column_name = 'month' and starts_with(table_name, ?)""",
        [start],
    ).fetchall()
    return {name: f"build.{schema}.{name}" for name, schema in found}


def test_every_event_counts_or_says_why_not(known: duckdb.DuckDBPyConnection) -> None:
    """Of every subject made of events, and of others whose rules are said: of each line that was delivered every row is
    evidence or left out, and none is both. A line may hold several rows (operations of a front page).
    """
    tables, contracts = _tables(known, ""), load_contracts()
    facts = {fact.feed: tables[fact.table] for fact in load_facts() if fact.table in tables}
    said = {subject for (subject,) in known.execute("select distinct subject from left_out").fetchall()}
    checked = set()
    for name, view in sorted(_tables(known, "kpi_evidence__").items()):
        subject = name.removeprefix("kpi_evidence__")
        lines = f"""select month, source_feed, source_batch_id, source_line, 'in' as fate from {view}
            union all select month, source_feed, source_batch_id, source_line, 'out' from left_out where subject = '{subject}'"""
        for (feed,) in known.execute(f"select distinct source_feed from ({lines})").fetchall():
            if feed in facts and (contracts[feed].delivery == "events" or subject in said):
                wrong = known.execute(_WRONG.format(lines=lines, fact=facts[feed], feed=feed)).fetchall()
                assert wrong == [], (subject, feed)
                checked.add((subject, feed))
    assert len(checked) >= 30
    assert known.execute("select count(distinct reason) from left_out").fetchone()[0] >= 15


# Lines of which a month tells more rows than were delivered, no month tells them all, or whose only row is told both ways.
_WRONG = """
    with delivered as (
        select source_file, source_batch_id, source_line, count(*) as delivered_rows from {fact}
        where month in (select month from build.core.dim_month) group by all
    ), told as (
        select source_batch_id, source_line, max(told_rows) as told_rows, max(fates) as fates
        from (
            select month, source_batch_id, source_line, count(*) as told_rows, any_value(fates) as fates
            from (
                select *, count(distinct fate) over (partition by source_batch_id, source_line) as fates
                from ({lines}) where source_feed = '{feed}'
            ) group by all
        ) group by all
    )
    select source_file, source_line, delivered_rows, told_rows, fates
    from delivered left join told using (source_batch_id, source_line)
    where told_rows is distinct from delivered_rows or (delivered_rows = 1 and fates > 1)
    order by all limit 5"""


def test_explain_says_of_every_examination_why_it_is_left_out(
    messy: World, known: duckdb.DuckDBPyConnection
) -> None:
    """The lines listed under each rule are those of the release, as many as it says, and none of them is evidence."""
    institution, zh, count = known.execute(
        """select institution_id, reason_zh, count(*) from left_out where subject = 'exam_ordered' and month = ?
           group by all order by count(*) desc, institution_id, reason_zh limit 1""",
        [MONTH],
    ).fetchone()
    text = must(
        "explain", "--home", messy.home, "--month", MONTH, "--institution", institution, "--kpi", "KPI-012",
        "--rows", "--not-counted",
    )  # fmt: skip
    counted, left_out = text.split("没有计入的 / not counted:")
    assert f"his_exam_report {zh}" in left_out and f":{count}\n" in left_out
    places = re.compile(r"· ([^·\s]+:\d+)")
    evidence, listed = set(places.findall(counted)), places.findall(left_out)
    assert evidence and listed and not evidence & set(listed)
    assert f"按业务规则不计 {len(listed)} " in left_out


def test_a_line_says_in_which_figure_it_counts(messy: World) -> None:
    """From a figure to a line of evidence, and back from the line to the figure."""
    path = messy.release / "lineage" / "evidence" / "stay" / f"month={MONTH}" / "evidence.parquet"
    institution, file, line = duckdb.execute(
        """select institution_id, source_file, source_line from read_parquet(?, hive_partitioning = false)
           where typical_stays is not null order by all limit 1""",
        [str(path)],
    ).fetchone()
    said = must("feed", "line", file, str(line), "--home", messy.home)
    assert "接受 accepted" in said
    assert f"{MONTH} {institution} KPI-010" in said
    assert "整个文件拒收" not in said and Path(file).name in said
