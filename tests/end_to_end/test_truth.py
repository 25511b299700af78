"""Every value equals what the simulator knows to be true, of every unit and in every week, without and with defects."""

from __future__ import annotations

import duckdb

from orchestration.kpi_registry import load_registry
from tests.end_to_end.conftest import World

COMPARED = ("numerator", "denominator", "value", "sample_size")
REGISTRY = {one.kpi_id: one.kpi for one in load_registry()}
# They compare with the year before, and the county is three months old.
NEED_A_YEAR = {"KPI-064", "KPI-092"}


def beside(world: World, told: str, truth: str) -> duckdb.DuckDBPyConnection:
    """`told`: rows of a mart, or of a table of the `build`, with something to count; `truth`: a file of the county."""
    con = duckdb.connect()
    con.execute(f"attach '{world.home / 'warehouse' / 'build.duckdb'}' as build (read_only)")
    source = told if "." in told else f"'{world.release / 'marts' / told}.parquet'"
    con.execute(f"create table told as select * from {source} where denominator <> 0")
    file = world.county / "truth" / truth
    con.execute(f"create table truth as select * from read_csv('{file}', all_varchar = true)")
    return con


def differing(con: duckdb.DuckDBPyConnection, *keys: str) -> list[tuple]:
    """Figures that only one of both has, or that are not the same in both."""
    unequal = (f"p.{c}::decimal(24,6) is distinct from t.{c}::decimal(24,6)" for c in COMPARED)
    return con.execute(
        f"""select {", ".join(keys)}, {", ".join(f"p.{c} as told_{c}, t.{c} as true_{c}" for c in COMPARED)}
            from told p full join truth t using ({", ".join(keys)})
            where {" or ".join(unequal)}
            order by all limit 20"""
    ).fetchall()


def too_few(con: duckdb.DuckDBPyConnection, least: dict[str, tuple[int, int, int]]) -> dict[str, tuple]:
    """Levels of units of which less is told than at `least`: how many KPIs, units and rows."""
    counts = "count(distinct kpi_id), count(distinct unit_id), count(*)"
    rows = con.execute(f"select unit_level, {counts} from told group by unit_level").fetchall()
    found = {level: tuple(sizes) for level, *sizes in rows}
    assert set(found) == set(least)
    return {
        level: found[level]
        for level, sizes in least.items()
        if any(have < wanted for have, wanted in zip(found[level], sizes, strict=True))
    }


def test_every_value_equals_the_truth(published: World) -> None:
    con = beside(published, "mart_kpi_value", "kpi_value.csv")
    assert differing(con, "month", '"window"', "institution_id", "kpi_id") == []
    kpis, rows = con.execute("select count(distinct kpi_id), count(*) from told").fetchone()
    assert kpis >= 100
    assert rows > 5_000


def test_every_unit_equals_the_truth(published: World) -> None:
    """The county, its communities, institutions, departments, physicians, and what belongs to none of a level. Of single
    physicians what lies below the smallest sample is not published, and everything else is.
    """
    con = beside(published, "mart_unit_value", "kpi_unit_value.csv")
    smallest = [[name, kpi.scored.at_least] for name, kpi in REGISTRY.items()]
    con.execute("create table smallest (kpi_id varchar, sample integer)")
    con.executemany("insert into smallest values (?, ?)", smallest)
    con.execute(
        """delete from truth using smallest
           where truth.kpi_id = smallest.kpi_id and unit_level = 'physician' and sample_size::integer < sample"""
    )
    con.execute('alter table truth rename "window" to kpi_window')
    assert differing(con, "month", "kpi_window", "unit_level", "unit_id", "kpi_id") == []
    least = {
        "county": (100, 1, 1_000),
        "community": (100, 2, 2_000),
        "institution": (100, 20, 5_000),
        "department": (20, 50, 5_000),
        "physician": (2, 100, 1_000),
    }
    assert too_few(con, least) == {}
    for level in ("institution", "department"):
        nobodys = con.execute("select count(*) from told where unit_level = ? and unit_id like '%-'", [level])
        assert nobodys.fetchone()[0] > 0


def test_every_physician_equals_the_truth(published: World) -> None:
    """Before the smallest sample hides most of them: every KPI that has figures of physicians, every physician."""
    con = beside(published, "build.kpi.kpi_value", "kpi_unit_value.csv")
    for table in ("told", "truth"):
        con.execute(f"delete from {table} where unit_level <> 'physician'")
    con.execute('alter table truth rename "window" to kpi_window')
    assert differing(con, "month", "kpi_window", "unit_id", "kpi_id") == []
    of_physicians = con.execute("select kpi_id from build.core.dim_kpi where unit_levels like '%physician%'")
    expected = {name for (name,) in of_physicians.fetchall()} - NEED_A_YEAR
    assert {name for (name,) in con.execute("select kpi_id from told").fetchall()} == expected
    assert too_few(con, {"physician": (30, 100, 10_000)}) == {}


def test_every_week_equals_the_truth(published: World) -> None:
    con = beside(published, "mart_week_value", "kpi_week_value.csv")
    con.execute("alter table truth alter week type date")
    assert differing(con, "month", "week", "unit_level", "unit_id", "kpi_id") == []
    watched = {name for name, kpi in REGISTRY.items() if kpi.weekly}
    assert {name for (name,) in con.execute("select kpi_id from told").fetchall()} == watched
    least = {"county": (19, 1, 150), "community": (19, 2, 300), "institution": (19, 20, 1_000)}
    assert too_few(con, least) == {}
    assert con.execute("select count(distinct week) from told").fetchone()[0] > 10


def test_quarantine_holds_exactly_the_damaged_lines(messy: World) -> None:
    con = duckdb.connect()
    quarantined = set(
        con.execute(
            "select distinct source_file, source_line from read_parquet(?)",
            [str(messy.home / "quarantine" / "*" / "*" / "*" / "*.parquet")],
        ).fetchall()
    )
    injected = set(
        con.execute(
            "select distinct file, line from read_csv(?, all_varchar=false) where disposition = 'quarantined'",
            [str(messy.county / "truth" / "defect.csv")],
        ).fetchall()
    )
    assert injected
    assert quarantined == injected
