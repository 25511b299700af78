"""The first rows of any file, read without a mapping: format by its content, header by how many of its cells are known.

Here: what a sample is, reading it, and the pattern that would claim such files. Not here: what the columns are (suggest).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from sources.base.bounds import DEFAULT_BOUNDS
from sources.base.likeness import looks_like_data
from sources.base.refusal import RefusedError
from sources.connectors.delivered import MALFORMED, Delivered, header_of
from sources.connectors.files import read_any
from sources.connectors.source import Source, open_source
from sources.connectors.wanted import Wanted
from sources.onboarding.profile import ColumnProfile, profile_columns
from sources.onboarding.vocabulary import header_words

ENOUGH_ROWS = 5000


@dataclass(frozen=True)
class Sample:
    """A sample file: the pattern that claims its like, and what stands in it.

    `damaged` lines stand among the first besides `rows`; `header_is_data` when no row was found that names columns, so that
    what stands there may be shown to nobody; `header_row` and `delimiter` only when the person stated them. `alike` sheets of the file
    have this header.
    """

    file: str
    pattern: str
    sheet: str | None
    rows: int
    encoding: str
    profiles: dict[str, ColumnProfile]
    is_exact: bool = True
    table: str | None = None
    damaged: int = 0
    header_is_data: bool = False
    header_row: int | None = None
    delimiter: str | None = None
    alike: int = 1


def with_alike(samples: Sequence[Sample]) -> list[Sample]:
    """The samples, each with how many sheets of its file have the same header."""
    tables = Counter((each.file, frozenset(each.profiles)) for each in samples if each.sheet)
    return [replace(s, alike=tables.get((s.file, frozenset(s.profiles)), 1)) for s in samples]


def read_samples(
    path: Path, name: str, header_row: int | None = None, delimiter: str | None = None
) -> Iterator[Sample]:
    """A sample per file, or per sheet of a workbook that holds a table. Raises RefusedError. `name` is how it is shown;
    `header_row` (the header's last row) and `delimiter` are what the person knows of the file.
    """
    wanted = Wanted(header_words(), 2, header_row=header_row, delimiter=delimiter, is_guess=True)
    with open_source(path, DEFAULT_BOUNDS) as source:
        sheets = _sheets(source)
        for sheet in sheets:
            try:
                yield _sample(source, name, replace(wanted, sheet=sheet))
            except RefusedError:
                if len(sheets) == 1:
                    raise


def _sheets(source: Source) -> list[str | None]:
    """Names of a workbook's sheets when it has several; else one that has no name."""
    if not source.head(8).startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return [None]
    try:
        with source.open() as file:
            names = list(CalamineWorkbook.from_filelike(cast(Any, file)).sheet_names)
    except (CalamineError, OSError, ValueError):
        return [None]
    return [*names] if len(names) > 1 else [None]


def _sample(source: Source, name: str, wanted: Wanted) -> Sample:
    delivered = read_any(source, wanted)
    rows, damaged = _first_rows(delivered)
    header = delivered.header
    return Sample(
        file=name,
        pattern=pattern_of(name),
        sheet=wanted.sheet,
        rows=rows.num_rows,
        encoding=f"{delivered.encoding} {delivered.dialect}",
        profiles=profile_columns(rows, list(header_of(rows.schema))),
        is_exact=rows.num_rows + damaged < ENOUGH_ROWS,
        damaged=damaged,
        header_is_data=not wanted.matches(header) and _may_be_data(header, wanted.header_row is not None),
        header_row=wanted.header_row,
        delimiter=wanted.delimiter,
    )


def _may_be_data(header: Sequence[str], is_stated: bool) -> bool:
    """Whether a row without a known word is data; a stated one may have short codes for names, but no long numbers."""
    return any(re.search(r"\d{4}", name) if is_stated else looks_like_data(name) for name in header)


def _first_rows(delivered: Delivered) -> tuple[pa.Table, int]:
    """Good rows among the first, and how many were damaged."""
    chunks, rows = [delivered.schema.empty_table()], 0
    for chunk in delivered.chunks:
        chunks.append(chunk)
        rows += chunk.num_rows
        if rows >= ENOUGH_ROWS:
            break
    table = pa.concat_tables(chunks).slice(0, ENOUGH_ROWS)
    good = table.filter(table.column(MALFORMED).is_null())
    return good, table.num_rows - good.num_rows


def pattern_of(name: str) -> str:
    """The `file` pattern that claims such names: institution and month of the inbox path as placeholders; in the file's own
    name the same month too, every other date or long number as *.
    """
    *folders, plain = name.split("/")
    month = folders[1] if len(folders) > 1 and re.fullmatch(r"\d{4}-\d{2}", folders[1]) else None
    if month:
        plain = plain.replace(month, "{month}")
        plain = re.sub(rf"(?<!\d){month.replace('-', '')}(?!\d)", "{yyyymm}", plain)
    plain = re.sub(r"\d{4}年\d{1,2}月(\d{1,2}日)?", "*", plain)
    plain = re.sub(r"\d{4,}([-_.]\d{2,})*(?=[^{}]*(\{|$))", "*", plain)
    return "/".join(["{institution}", "{month}", *(folders[2:] if month else []), plain])
