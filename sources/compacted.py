"""Conformed rows for engines that like few and large files: of every feed and month one, of the rows that count.

`<folder>/<feed>/month=YYYY-MM/<feed>.parquet`, in the columns of today's contract whichever version a batch was conformed
under, in the order of deliverer and key, so that the statistics of row groups tell a reader what to skip. Pseudonyms only, as
everywhere behind the front door. Here: writing them, and leaving what has not changed. Not here: what counts (standing).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sources.base.engine import connect, literal, literals, matching, quoted
from sources.base.files import CONTENT, as_it_lies, content_of, replacing
from sources.base.home import Home
from sources.contracts.contract import Contract
from sources.contracts.load import load_contracts
from sources.intake.standing import out_of_force

# Raised when the same batches would be written otherwise.
_FORMAT = "1"
_ROW_GROUP = 122_880


@dataclass(frozen=True)
class Compacted:
    """One feed: its files, those of them written now (the others had not changed), their rows and bytes."""

    feed: str
    files: int
    written: int
    rows: int
    bytes: int


def compact(home: Home, folder: Path, feeds: Sequence[str] = ()) -> Iterator[Compacted]:
    """Bring `folder` up to date, feed by feed; all that have anything, or `feeds`. A month of which nothing counts any more loses
    its file.
    """
    for feed, contract in sorted(load_contracts().items()):
        if feeds and feed not in feeds:
            continue
        months = _batches(home, feed)
        gone = set((folder / feed).glob(f"month=*/{feed}.parquet")) - {
            _file(folder, feed, month) for month in months
        }
        for path in sorted(gone):
            path.unlink()
            path.parent.rmdir()
        written = [_write(home, folder, contract, month, own) for month, own in sorted(months.items())]
        files = [_file(folder, feed, month) for month in sorted(months)]
        if files:
            rows = sum(pq.read_metadata(path).num_rows for path in files)
            yield Compacted(feed, len(files), sum(written), rows, sum(path.stat().st_size for path in files))


def columns(contract: Contract) -> pa.Schema:
    """The columns of a file: who delivered, and what the contract says."""
    return pa.schema([pa.field("institution_id", pa.string()), *contract.arrow_schema()])


def _file(folder: Path, feed: str, month: str) -> Path:
    return folder / feed / f"month={month}" / f"{feed}.parquet"


def _batches(home: Home, feed: str) -> dict[str, list[Path]]:
    """{month: files of the batches that count}, sorted."""
    dead, found = out_of_force(home, feed), dict[str, list[Path]]()
    for path in sorted((home.conformed / feed).glob("institution_id=*/month=*/*.parquet")):
        if path.stem not in dead and path.name != "schema.parquet":
            found.setdefault(path.parent.name.removeprefix("month="), []).append(path)
    return found


def _write(home: Home, folder: Path, contract: Contract, month: str, batches: Sequence[Path]) -> bool:
    """Whether the file of a month had to be written."""
    path, content = _file(folder, contract.feed, month), _content(home, contract, batches)
    if content_of(path) == content:
        return False
    conformed = home.conformed / contract.feed
    read = f"""read_parquet([{literal(matching(conformed, "*/month=0000-00/schema.parquet"))},
        {literal(matching(conformed, f"*/month={month}/*.parquet"))}],
        hive_partitioning = true, hive_types_autocast = false, union_by_name = true)"""
    ordered = [*contract.conformed_key, "source_batch_id", "source_line"]
    with replacing(path) as temporary, connect(spill=home.spill) as connection:
        connection.execute(f"""
            copy (
                select {", ".join(map(quoted, columns(contract).names))} from {read}
                where source_batch_id in ({literals(each.stem for each in batches)})
                order by institution_id, {", ".join(map(quoted, ordered))}
            ) to {literal(temporary)}
            (format parquet, compression zstd, row_group_size {_ROW_GROUP}, kv_metadata {{{CONTENT}: {literal(content)}}})
        """)
    return True


def _content(home: Home, contract: Contract, batches: Sequence[Path]) -> str:
    """Digest of the batches, told by size and time as everywhere, of the columns and of what writes them."""
    types = [(field.name, str(field.type)) for field in columns(contract)]
    known = [(path.relative_to(home.root).as_posix(), as_it_lies(path)) for path in batches]
    made = [_FORMAT, version("duckdb"), types, known]
    return hashlib.sha256(repr(made).encode()).hexdigest()
