"""What a KPI costs: measures summed once against a union per KPI, and a build with twice as many KPIs over the same events.

Here: one synthetic subject for the two forms, the demo county's own build for the KPIs on top. Not here: the whole run (stages).
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.stages import run_demo

KPIS, EVENTS = 14, 1_000_000
_ROUNDS = 3
_LAYER = ("kpi_component", "kpi_value")
# Tables whose rows belong to a KPI, which doubling copies under another number.
_OF_KPIS = ("core.dim_kpi", "policy.kpi_part", "kpi.kpi_home", "kpi.kpi_missing_delivery", "kpi.kpi_spread")


@dataclass(frozen=True)
class Forms:
    """Median seconds of both forms over one subject: sums by month and institution of KPIS ratios."""

    union_seconds: float
    measures_seconds: float

    @property
    def ratio(self) -> float:
        return self.union_seconds / self.measures_seconds


@dataclass(frozen=True)
class Layer:
    """Median seconds of the KPI models over the demo county's build, with its KPIs and with twice as many."""

    kpis: int
    seconds: float
    doubled_seconds: float

    @property
    def milliseconds_a_kpi(self) -> float:
        return 1000 * (self.doubled_seconds - self.seconds) / self.kpis


def forms() -> Forms:
    """Time the union per KPI (0.2.0) against measures, of the same events, in turn."""
    with duckdb.connect(config={"threads": 2}) as con:
        con.execute("select setseed(0.5)")
        columns = ", ".join(f"(random() < 0.3)::integer as n{k}, 1 as d{k}" for k in range(KPIS))
        con.execute(
            f"""create table evidence as select '2025-0' || (1 + i % 3) as month, 'H' || (i % 23) as institution_id, {columns}
            from range({EVENTS}) as r(i)"""
        )
        union, measures = _union_per_kpi(), _measures()
        assert con.execute(f"select sum(n), sum(d) from ({union})").fetchone() == _added(con, measures)
        seconds = [[_seconds(con, sql) for sql in (union, measures)] for _ in range(_ROUNDS)]
    return Forms(*(median(column) for column in zip(*seconds, strict=True)))


def layer(residents: int = 20_000) -> Layer:
    """Time the models that turn measures into values, as compiled for the demo county, before and after doubling the KPIs."""
    with tempfile.TemporaryDirectory(prefix="yigongti-bench-") as name:
        home, *_ = run_demo(Path(name), residents)
        compiled = home / "warehouse" / "dbt" / "compiled"
        texts = [next(compiled.rglob(f"{model}.sql")).read_text("utf-8") for model in _LAYER]
        shutil.copy2(home / "warehouse" / "build.duckdb", Path(name) / "build.duckdb")
        with duckdb.connect(str(Path(name) / "build.duckdb"), config={"threads": 2}) as con:
            con.execute(f"set file_search_path = '{home}'")

            def both() -> float:
                return sum(_seconds(con, text) for text in texts)

            before = _median(both)
            (kpis,) = con.execute("select count(distinct kpi_id) from policy.kpi_part").fetchone() or (0,)
            for table in _OF_KPIS:
                con.execute(f"insert into {table} select * replace ('X' || kpi_id as kpi_id) from {table}")
            return Layer(kpis, before, _median(both))


def _union_per_kpi() -> str:
    """A row per event and KPI, then its sums."""
    rows = " union all ".join(
        f"select {k} as kpi, month, institution_id, n{k} as n, d{k} as d from evidence" for k in range(KPIS)
    )
    return f"select kpi, month, institution_id, sum(n) as n, sum(d) as d from ({rows}) group by all"


def _measures() -> str:
    """The form of dbt_project/macros/measures.sql: one pass that sums every column, then a row per measure."""
    names = [f"{part}{k}" for k in range(KPIS) for part in "nd"]
    sums = ", ".join(f"sum({name}) as {name}" for name in names)
    turned = " ".join(f"when '{name}' then g.{name}" for name in names)
    listed = ", ".join(f"('{name}')" for name in names)
    return f"""select m.measure, g.month, g.institution_id, case m.measure {turned} end as amount
        from (select month, institution_id, {sums} from evidence group by all) as g
        cross join (values {listed}) as m(measure)"""


def _added(con: duckdb.DuckDBPyConnection, measures: str) -> tuple | None:
    return con.execute(
        f"""select sum(amount) filter (where measure[1] = 'n'), sum(amount) filter (where measure[1] = 'd')
        from ({measures})"""
    ).fetchone()


def _seconds(con: duckdb.DuckDBPyConnection, sql: str) -> float:
    start = time.perf_counter()
    con.execute(f"create or replace temp table measured as {sql}")
    return time.perf_counter() - start


def _median(measured: Callable[[], float]) -> float:
    return median(measured() for _ in range(_ROUNDS))
