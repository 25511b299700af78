"""Reference tables that belong to no county (see README.md in this folder): reading them, and writing them for the warehouse.

Here: the national code tables as files and as Parquet, and where the casemix schemes lie. Not here: how a code is read
(dbt_project/models/core/codes), what a county adds to the tables (sources/county/code_maps.py), what a scheme is (sources/casemix).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sources.base.files import read_texts, write_parquet
from sources.base.home import Home

FOLDER = Path(__file__).parent / "icd"
CASEMIX = Path(__file__).parent / "casemix"
TERMINOLOGIES = ("diagnosis", "procedure")
_TABLES = {"nhsa_code": "{}_nhsa_2_0.csv", "clinical_map": "{}_clinical_to_nhsa.csv"}
_VERSION = b"reference_version"


@cache
def nhsa_codes(terminology: str) -> dict[str, str]:
    """Insurance edition (医保版 2.0) of 'diagnosis' or 'procedure': code → Chinese name, in the order of the table."""
    table = read_texts(FOLDER / _TABLES["nhsa_code"].format(terminology))
    return dict(zip(table["code"].to_pylist(), table["name_zh"].to_pylist(), strict=True))


def write_reference(home: Home) -> None:
    """Write the tables to `<home>/conformed/reference`, unless they lie there in this version already."""
    versions = {name: _version(pattern) for name, pattern in _TABLES.items()}
    for name, pattern in _TABLES.items():
        path = home.reference / f"{name}.parquet"
        if _written_version(path) != versions[name]:
            write_parquet(path, _both(pattern).replace_schema_metadata({_VERSION: versions[name]}))
    rows = {"table_name": list(versions), "version": list(versions.values())}
    write_parquet(home.reference / "reference_version.parquet", pa.table(rows))


def _both(pattern: str) -> pa.Table:
    """The table of diagnoses and of procedures as one, told apart by `terminology`; sorted as filed."""
    parts = []
    for terminology in TERMINOLOGIES:
        table = read_texts(FOLDER / pattern.format(terminology))
        parts.append(table.add_column(0, "terminology", pa.repeat(terminology, table.num_rows)))
    return pa.concat_tables(parts).combine_chunks()


def _version(pattern: str) -> str:
    """First twelve digits of a SHA-256 over the files: what `code_map_version` shows beside a mapped code."""
    digest = hashlib.sha256()
    for terminology in TERMINOLOGIES:
        digest.update((FOLDER / pattern.format(terminology)).read_bytes())
    return digest.hexdigest()[:12]


def _written_version(path: Path) -> str | None:
    if not path.is_file():
        return None
    return (pq.read_schema(path).metadata or {}).get(_VERSION, b"").decode()
