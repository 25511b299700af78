"""What belongs to single people, published apart: `restricted/<institution>/<table>.parquet`, readable by the owner only.

Belongs here: which tables, how they are split by institution and read again. Does not: how months are put together (marts), the
tables everybody reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.publishing.marts import Mart, write_parquet
from sources.base.files import replacing

FOLDER = "restricted"
BY = "institution_id"
RESTRICTED = (
    Mart("pay_entry", ("institution_id", "month", "entry_id"), stands=True),
    Mart("pay_sheet", ("institution_id", "month", "department_code", "staff_id"), explains=True),
    Mart("pay_difference", ("institution_id", "month", "staff_id")),
    Mart(
        "pay_point",
        ("institution_id", "month", "work_month", "worked_at", "department_code", "staff_id"),
        explains=True,
    ),
    Mart("assistance_account", ("institution_id", "month", "staff_id", "entry_number")),
    Mart("pay_work", ("institution_id", "month", "staff_id", "event_key", "role"), explains=True),
)
_OWNER_ONLY_FILE, _OWNER_ONLY_FOLDER = 0o600, 0o700


def write_restricted(tables: Mapping[str, pa.Table], release: Path, release_id: str) -> None:
    """One folder per institution that has rows, in files that nobody but their owner may read."""
    for name, table in tables.items():
        for institution in sorted(pc.unique(table[BY]).to_pylist()):
            path = private_folder(release / FOLDER / institution) / f"{name}.parquet"
            write_parquet(table.filter(pc.equal(table[BY], institution)), path, release_id)
            path.chmod(_OWNER_ONLY_FILE)


def private_folder(path: Path) -> Path:
    """A folder that only the owner may enter, and so the folders on the way to it that were not there."""
    for folder in reversed([each for each in (path, *path.parents) if not each.exists()]):
        folder.mkdir(mode=_OWNER_ONLY_FOLDER)
    return path


def write_private(path: Path, text: str) -> None:
    """A text that only the owner may read, in folders that only the owner may enter."""
    private_folder(path.parent)
    with replacing(path, private=True) as temporary:
        temporary.write_text(text, "utf-8")


def read_restricted(release: Path) -> dict[str, pa.Table]:
    """The tables of a release, its institutions together; an older one may have none."""
    found = {mart.name: sorted((release / FOLDER).glob(f"*/{mart.name}.parquet")) for mart in RESTRICTED}
    return {
        name: pa.concat_tables([pq.ParquetFile(path).read() for path in paths])
        for name, paths in found.items()
        if paths
    }
