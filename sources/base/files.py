"""Writing files so that readers see all or nothing, and the same content is the same bytes.

Here: replacing a file atomically, JSON, Parquet whole or in pieces, having it on the disk. Not here: where files lie (home).
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def synchronise(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk before going on: a power cut must not undo a rename."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well: readers see all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


class ParquetInPieces:
    """A Parquet file written chunk by chunk that takes its place when kept; same tables, same bytes."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
        os.close(descriptor)
        self._path, self._temporary = path, Path(name)
        self._writer = pq.ParquetWriter(self._temporary, schema, compression="snappy")

    def add(self, table: pa.Table) -> None:
        """Write one chunk, as a row group of its own."""
        if table.num_rows:
            self._writer.write_table(table, row_group_size=table.num_rows)

    def keep(self) -> None:
        self._writer.close()
        self._temporary.chmod(0o644)
        self._temporary.replace(self._path)

    def drop(self) -> None:
        """Leave nothing behind; after `keep` there is nothing to leave."""
        self._writer.close()
        self._temporary.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Write sorted, indented JSON atomically."""
    with replacing(path) as temporary:
        temporary.write_text(
            json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write Parquet atomically; same table, same bytes."""
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="snappy")
