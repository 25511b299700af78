"""What the rivals start from: rows of the feeds as conformed, the small tables that stand before any event, and our SQL.

Here: which KPIs, which models they need, the build database of a finished run brought back to before these models, running them
in it. Not here: PostgreSQL and pandas (modules of their own), comparing and timing (rivals).
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection as Connection

KPIS = [
    "KPI-010",
    "KPI-011",
    "KPI-023",
    "KPI-026",
    "KPI-027",
    "KPI-028",
    "KPI-029",
    "KPI-032",
    "KPI-035",
    "KPI-043",
    "KPI-062",
    "KPI-063",
    "KPI-072",
    "KPI-074",
    "KPI-093",
]
# In this order every model finds what it reads.
FACTS = [
    "dim_patient",
    "fct_outpatient_visit",
    "fct_registration",
    "fct_prescription",
    "fct_prescription_item",
    "fct_inpatient_stay",
    "fct_inpatient_diagnosis",
    "fct_inpatient_front_page",
    "fct_out_of_county_settlement",
    "fct_settlement",
    "fct_insured_month",
    "settled_case",
]
SUBJECTS = ("visit", "stay", "settlement", "insured_case")
MODELS = (
    *FACTS,
    *(f"kpi_evidence__{subject}" for subject in SUBJECTS),
    "kpi_measure",
    "kpi_component",
    "kpi_value",
)
STAGES = ("facts", "evidence", "values")
# What a value is of, and its numbers.
KEY = ["kpi_id", "month", "kpi_window", "unit_level", "unit_id", "institution_id"]
ANSWER = [*KEY, "numerator", "denominator", "sample_size", "value"]
SCHEMAS = ("conformed", "staging", "core", "policy", "kpi")
_OF_KPIS = ("core.dim_kpi", "policy.kpi_part", "kpi.kpi_home", "kpi.kpi_missing_delivery", "kpi.kpi_spread")
_FEED = "stg_"
_EVIDENCE = "kpi_evidence__"
_BATCHES = "stg_batch_outcome"
_TABLE = re.compile(r'"build"\."(\w+)"\."(\w+)"')
_FILE = re.compile(r"read_parquet\('conformed/([a-z_]+)(?:/([a-z_]+))?(?:/\*|\[)[^)]*\)")


@dataclass(frozen=True)
class Model:
    """A model as dbt compiled it for DuckDB: `relation` is schema and name."""

    relation: str
    sql: str

    @property
    def name(self) -> str:
        return self.relation.partition(".")[2]

    def elsewhere(self) -> Model:
        """The same where there is one database, and files are tables."""
        one_database = self.sql.replace('"build".', "")
        return Model(self.relation, _FILE.sub(lambda call: f"conformed.{file_name(call)}", one_database))


@dataclass(frozen=True)
class Bed:
    """A home that was run, and a copy of its build database in which the models are to be made again."""

    home: Path
    build: Path

    @classmethod
    def made(cls, home: Path, folder: Path) -> Bed:
        """The copy: of other KPIs nothing is left, of other subjects no event; what the models make is gone."""
        bed = cls(home, folder / "build.duckdb")
        shutil.copy2(home / "warehouse" / "build.duckdb", bed.build)
        with bed.opened() as con:
            for table in _OF_KPIS:
                con.execute(f"delete from {table} where kpi_id not in ?", [KPIS])
            for model in bed.models():
                con.execute(f"drop table {model.relation}")
            for table in _evidence(con):
                con.execute(f"create or replace table {table} as select * from {table} limit 0")
        return bed

    def opened(self) -> Connection:
        """The copy; its files are found in the home."""
        con = opened(self.build)
        con.execute(f"set file_search_path = '{self.home}'")
        return con

    def models(self) -> list[Model]:
        """The models, in the order in which they can be made."""
        return [self._model(name) for name in MODELS]

    def views(self) -> list[Model]:
        """The newest version of each feed that the models read."""
        read = {name for model in self.models() for _, name in _TABLE.findall(model.sql)}
        return [self._model(name) for name in sorted(read) if name.startswith(_FEED) and name != _BATCHES]

    def given(self) -> list[str]:
        """Tables that the models read and do not make: configuration, codes, batches, and what was emptied."""
        read = {
            f"{schema}.{name}"
            for model in (*self.models(), *self.views())
            for schema, name in _TABLE.findall(model.sql)
        }
        return sorted(read - {m.relation for m in (*self.models(), *self.views())})

    def files(self) -> dict[str, str]:
        """By a name of their own, the calls that read what lies in files: feeds and a few lists."""
        texts = (model.sql for model in (*self.models(), *self.views()))
        return {file_name(call): call[0] for text in texts for call in _FILE.finditer(text)}

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Everything the models read, to be loaded elsewhere: given tables, and files as tables of the schema `conformed`."""
        with self.opened() as con:
            for table in self.given():
                yield table, con.execute(f"from {table}").to_arrow_table()
            for name, call in self.files().items():
                yield f"conformed.{name}", con.execute(f"from {call}").to_arrow_table()

    def _model(self, name: str) -> Model:
        path = next((self.home / "warehouse" / "dbt" / "compiled").rglob(f"{name}.sql"))
        layer = path.parts[path.parts.index("models") + 1]
        return Model(f"{layer}.{name}", path.read_text("utf-8"))


def opened(database: Path) -> Connection:
    """A database with the settings of dbt_project/profiles.yml."""
    return duckdb.connect(
        str(database), config={"threads": 2, "memory_limit": "2GB", "preserve_insertion_order": False}
    )


def file_name(call: re.Match[str]) -> str:
    """`policy_kpi_parameter` of a file in a folder of several lists, else the name of the folder."""
    return "_".join(part for part in call.groups() if part)


def run(con: Connection, models: list[Model]) -> dict[str, float]:
    """Seconds by model in DuckDB, sent as dbt would send them, one after the other."""
    seconds = {}
    for model in models:
        start = time.perf_counter()
        con.execute(f"create or replace table {model.relation} as {model.sql}")
        seconds[model.name] = time.perf_counter() - start
    return seconds


def by_stage(seconds: dict[str, float]) -> dict[str, float]:
    """Seconds of facts, of evidence and of measures and values."""
    sums = dict.fromkeys(STAGES, 0.0)
    for name, took in seconds.items():
        sums["facts" if name in FACTS else "evidence" if name.startswith(_EVIDENCE) else "values"] += took
    return sums


def load(con: Connection, bed: Bed) -> float:
    """Seconds to bring everything the models read into an empty database, which then needs no file."""
    for schema in SCHEMAS:
        con.execute(f"create schema {schema}")
    seconds = 0.0
    for relation, rows in bed.tables():
        start = time.perf_counter()
        con.register("arriving", rows)
        con.execute(f"create table {relation} as from arriving")
        seconds += time.perf_counter() - start
    for view in bed.views():
        con.execute(f"create view {view.relation} as {view.elsewhere().sql}")
    return seconds


def _evidence(con: Connection) -> list[str]:
    rows = con.execute(
        "select table_schema || '.' || table_name from information_schema.tables where starts_with(table_name, ?)",
        [_EVIDENCE],
    ).fetchall()
    return [name for (name,) in rows]
