"""Writing files so that readers see all or nothing, and the same content is the same bytes.

Here: replacing a file atomically, JSON, Parquet whole or in pieces, lists that only grow, having it on the disk;
reading a CSV as text and Parquet of ours, telling whether a file is still the same. Not here: where files lie (home).
"""

from __future__ import annotations

import csv
import errno
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pyarrow import dataset

# Key in the metadata of a Parquet file that is not written again: digest of what it was made of.
CONTENT = "content"


def read_texts(path: Path, *, missing: Sequence[str] = ()) -> pa.Table:
    """A CSV in UTF-8 with every cell as text: 37.5100 is a code, not a number. missing: cells that are none.

    Raises UnicodeDecodeError and pyarrow.ArrowInvalid.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    options = pacsv.ConvertOptions(
        column_types=dict.fromkeys(header, pa.string()),
        null_values=list(missing),
        strings_can_be_null=bool(missing),
    )
    return pacsv.read_csv(
        path, convert_options=options, parse_options=pacsv.ParseOptions(newlines_in_values=True)
    )


def synchronise(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk before going on: a power cut must not undo a rename."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well: readers see all or nothing.

    private: nobody but its owner may read the file.
    """
    temporary = _beside(path)
    try:
        yield temporary
        _put(temporary, path, private=private)
    finally:
        temporary.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    """An empty file of its own beside `path`, readable by nobody else while it is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
    os.close(descriptor)
    return Path(name)


def _put(temporary: Path, path: Path, *, private: bool = False) -> None:
    """Into its place, with the rights that the user's umask gives to new files, or its owner's only."""
    temporary.chmod(0o600 if private else 0o666 & ~_umask())
    temporary.replace(path)


def _umask() -> int:
    """The process's umask; asked from the kernel, because to ask Python for it is to change it for every thread."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1], 8) for line in status.splitlines() if line.startswith("Umask:"))


class ParquetInPieces:
    """A Parquet file written chunk by chunk that takes its place when kept; same tables, same bytes."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._temporary = path, _beside(path)
        self._writer = pq.ParquetWriter(self._temporary, schema, compression="snappy")

    def add(self, table: pa.Table) -> None:
        """Write one chunk, as a row group of its own."""
        if table.num_rows:
            self._writer.write_table(table, row_group_size=table.num_rows)

    def keep(self) -> None:
        self._writer.close()
        _put(self._temporary, self._path)

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


def write_bytes(path: Path, content: bytes) -> None:
    """Write what a user asked for to where he said; folders on the way are made. Raises OSError naming the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Whatever goes wrong in reading `path` names it."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        number = getattr(error, "errno", None) or errno.EBADMSG
        raise OSError(number, os.strerror(number), str(path)) from error


def content_of(path: Path) -> str | None:
    """The digest of what a Parquet file was made of, which its writer put into its metadata; None without file or digest."""
    told = (pq.read_schema(path).metadata or {}).get(CONTENT.encode()) if path.is_file() else None
    return told and told.decode()


def as_it_lies(path: Path) -> str:
    """Size and time of a file, by which one is told from what took its place; empty if there is none."""
    known = path.stat() if path.is_file() else None
    return f"{known.st_size}:{known.st_mtime_ns}" if known else ""


def read_parquet(path: Path) -> pa.Table:
    """A Parquet file of ours, whole. Raises OSError naming the path, EBADMSG if it is damaged."""
    with _named(path):
        return pq.ParquetFile(path).read()


def parquet_dataset(path: Path) -> dataset.Dataset:
    """A Parquet file of ours, to be read piece by piece. Raises OSError naming the path, EBADMSG if it is damaged."""
    with _named(path):
        from pyarrow import dataset

        return dataset.dataset(path, format="parquet")


def write_parquet(path: Path, table: pa.Table, *, private: bool = False) -> None:
    """Write Parquet atomically; same table, same bytes. private: nobody but its owner may read it."""
    with replacing(path, private=private) as temporary:
        pq.write_table(table, temporary, compression="snappy")


def append_line(path: Path, line: str) -> None:
    """Add one line to a list that only grows, on the disk when this returns. What a kill left of a line is cut off first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if size := file.seek(0, os.SEEK_END):
            file.seek(size - 1)
            if file.read(1) != b"\n":
                file.truncate(path.read_bytes().rfind(b"\n") + 1)
        file.write(line.encode("utf-8") + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_lines(path: Path) -> list[str]:
    """The whole lines of such a list; none when it is not there."""
    if not path.is_file():
        return []
    *lines, _ = path.read_bytes().split(b"\n")
    return [line.decode("utf-8") for line in lines]
