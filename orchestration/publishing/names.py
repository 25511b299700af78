"""What pages and `explain` call institutions, communities and departments: {id: name}, of a department {institution/code: name}.

Not here: words for accounts (orchestration/account_words.py), codes (sources/base/terms.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

NAMED = {"dim_unit": "unit_name", "dim_department": "department_name"}


def names_in(tables: Mapping[str, pa.Table]) -> dict[str, str]:
    """Of the tables of a release; one that it does not have names nothing."""
    return {
        row["unit_id"]: row[column]
        for table, column in NAMED.items()
        if table in tables
        for row in tables[table].select(["unit_id", column]).to_pylist()
        if row[column]
    }


def names_of(release: Path) -> dict[str, str]:
    """Of a published release."""
    paths = {name: release / "marts" / f"{name}.parquet" for name in NAMED}
    return names_in({name: pq.ParquetFile(path).read() for name, path in paths.items() if path.is_file()})
