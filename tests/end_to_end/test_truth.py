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
    assert kpis == 15
    assert rows > 500
