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

KPIS = (
    "KPI-010 KPI-011 KPI-023 KPI-026 KPI-027 KPI-028 KPI-029 KPI-032 KPI-035 KPI-043 KPI-062 KPI-063 KPI-072 KPI-074 KPI-093"
).split()
# In this order every model finds what it reads.
FACTS = (
    "dim_patient fct_outpatient_visit fct_registration fct_prescription fct_prescription_item fct_inpatient_stay "
    "fct_inpatient_diagnosis fct_inpatient_front_page fct_out_of_county_settlement fct_settlement fct_insured_month settled_case"
).split()
SUBJECTS = ("visit", "stay", "settlement", "insured_case")
MODELS = (*FACTS, *(f"kpi_evidence__{s}" for s in SUBJECTS), "kpi_measure", "kpi_component", "kpi_value")
ANSWER = "kpi_id month kpi_window unit_level unit_id institution_id numerator denominator sample_size value".split()
_OF_KPIS = ("core.dim_kpi", "policy.kpi_part", "kpi.kpi_home", "kpi.kpi_missing_delivery", "kpi.kpi_spread")
_FEED = "stg_"
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

    def opened(self) -> duckdb.DuckDBPyConnection:
        """The settings of dbt_project/profiles.yml."""
        con = duckdb.connect(str(self.build), config={"threads": 2, "preserve_insertion_order": False})
        con.execute(f"set file_search_path = '{self.home}'")
        con.execute("set memory_limit = '2GB'")
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
            f"{schema}.{name}" for model in (*self.models(), *self.views()) for schema, name in _TABLE.findall(model.sql)
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


def elsewhere(sql: str) -> str:
    """The same text where there is one database, and files are tables."""
    return _FILE.sub(lambda call: f"conformed.{file_name(call)}", sql).replace('"build".', "")


def file_name(call: re.Match[str]) -> str:
    """`policy_kpi_parameter` of a file in a folder of several lists, else the name of the folder."""
    return "_".join(part for part in call.groups() if part)


def run(bed: Bed) -> dict[str, float]:
    """Seconds by model of ours, as dbt would send them to DuckDB one after the other."""
    seconds = {}
    with bed.opened() as con:
        for model in bed.models():
            start = time.perf_counter()
            con.execute(f"create or replace table {model.relation} as {model.sql}")
            seconds[model.name] = time.perf_counter() - start
    return seconds


def _evidence(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(
        "select table_schema || '.' || table_name from information_schema.tables where table_name like 'kpi_evidence__%'"
    ).fetchall()
    return [name for (name,) in rows]
