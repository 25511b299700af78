"""Every published value equals what the simulator knows to be true, without and with defects."""

from __future__ import annotations

import duckdb

from tests.end_to_end.conftest import World

COMPARED = ("numerator", "denominator", "value", "sample_size")


def test_every_value_equals_the_truth(published: World) -> None:
    con = duckdb.connect()
    marts, truth = published.release / "marts", published.county / "truth"
    con.execute(
        f"create view published as select * from '{marts / 'mart_kpi_value.parquet'}' where denominator <> 0"
    )
    con.execute(
        f"create view truth as select * from read_csv('{truth / 'kpi_value.csv'}', types = {{'month': 'VARCHAR'}})"
    )
    keys = ("month", '"window"', "institution_id", "kpi_id")
    differing = con.execute(
        f"""select {", ".join(keys)},
              {", ".join(f"p.{c} as published_{c}, t.{c} as true_{c}" for c in COMPARED)}
            from published p full join truth t using ({", ".join(keys)})
            where {" or ".join(f"p.{c}::decimal(24,6) is distinct from t.{c}::decimal(24,6)" for c in COMPARED)}
            order by all limit 20"""
    ).fetchall()
    assert differing == []
    kpis, rows = con.execute("select count(distinct kpi_id), count(*) from published").fetchone()
    assert kpis >= 15
    assert rows > 500


def test_every_unit_equals_the_truth(published: World) -> None:
    """The county, its communities, institutions, and what belongs to none."""
    con = duckdb.connect()
    con.execute(
        f"""create view published as select * from '{published.release / "marts" / "mart_unit_value.parquet"}'
        where denominator <> 0 and unit_level in ('county', 'community', 'institution')"""
    )
    con.execute(
        f"""create view truth as select *, "window" as kpi_window
        from read_csv('{published.county / "truth" / "kpi_unit_value.csv"}', types = {{'month': 'VARCHAR', 'unit_id': 'VARCHAR'}})"""
    )
    keys = ("month", "kpi_window", "unit_level", "unit_id", "kpi_id")
    differing = con.execute(
        f"""select {", ".join(keys)}, {", ".join(f"p.{c} as published_{c}, t.{c} as true_{c}" for c in COMPARED)}
            from published p full join truth t using ({", ".join(keys)})
            where {" or ".join(f"p.{c}::decimal(24,6) is distinct from t.{c}::decimal(24,6)" for c in COMPARED)}
            order by all limit 20"""
    ).fetchall()
    assert differing == []
    found = con.execute(
        "select unit_level, count(distinct unit_id) from published group by all order by all"
    ).fetchall()
    assert dict(found)["county"] == 1 and dict(found)["community"] >= 2
    nobodys = con.execute(
        "select count(*) from published where unit_level = 'institution' and unit_id = '-'"
    ).fetchone()
    assert nobodys[0] > 0


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
