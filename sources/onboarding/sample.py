"""The first rows of any file, read without a mapping: format by its content, header by how many of its cells are known.

Here: reading and the pattern that would claim such files. Not here: what the columns are (suggest).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from sources.bounds import DEFAULT_BOUNDS
from sources.connectors.delivered import Delivered, header_of
from sources.connectors.files import WORKBOOK_SUFFIXES, read_any
from sources.connectors.source import Source, open_source
from sources.connectors.wanted import Wanted
from sources.onboarding.draft import Sample
from sources.onboarding.profile import profile_columns
from sources.onboarding.vocabulary import folded, header_meanings
from sources.refusal import RefusedError

ENOUGH_ROWS = 5000
_HEADER_ROWS = 6


def read_samples(path: Path, name: str) -> Iterator[Sample]:
    """A sample per file, or per sheet of a workbook that holds a table. Raises RefusedError. `name` is how it is shown."""
    with open_source(path, DEFAULT_BOUNDS) as source:
        sheets = _sheets(source) if path.suffix.lower() in WORKBOOK_SUFFIXES else [None]
        for sheet in sheets:
            try:
                yield _sample(source, name, sheet, is_only=len(sheets) == 1)
            except RefusedError:
                if len(sheets) == 1:
                    raise


def _sheets(source: Source) -> list[str | None]:
    try:
        with source.open() as file:
            return list(CalamineWorkbook.from_filelike(cast(Any, file)).sheet_names) or [None]
    except (CalamineError, OSError, ValueError):
        return [None]


def _sample(source: Source, name: str, sheet: str | None, is_only: bool) -> Sample:
    """The sample read with the header row under which most cells are known words."""
    best: tuple[float, int] | None = None
    refused: RefusedError | None = None
    for header_row in range(1, _HEADER_ROWS + 1):
        try:
            delivered = _read(source, sheet, header_row)
        except RefusedError as error:
            refused = refused or error
            continue
        merit = _merit(delivered)
        if best is None or merit > best[0] + 0.01:
            best = merit, header_row
        if merit > 0.6:
            break
    if best is None:
        raise cast(RefusedError, refused)
    delivered = _read(source, sheet, best[1])
    rows = _first_rows(delivered)
    headers = list(header_of(rows.schema))
    return Sample(
        file=name,
        pattern=pattern_of(name),
        sheet=None if is_only and sheet is not None and best[1] == 1 else sheet,
        header_row=best[1],
        rows=rows.num_rows,
        encoding=delivered.encoding,
        profiles=profile_columns(rows, headers),
        is_exact=rows.num_rows < ENOUGH_ROWS,
    )


def _read(source: Source, sheet: str | None, header_row: int) -> Delivered:
    """Read without a mapping: any known word may be a header."""
    return read_any(source, Wanted(frozenset(header_meanings()), 1, header_row=header_row, sheet=sheet))


def _merit(delivered: Delivered) -> float:
    """Share of header cells that are known words; cells that look like data count against it."""
    if len(delivered.header) < 2:
        return 0.0
    known = sum(folded(cell) in header_meanings() for cell in delivered.header)
    data = sum(bool(re.search(r"\d{4}|^\(空列|^[\d.]+$", cell)) for cell in delivered.header)
    return (known - data + 0.3 * (len(delivered.header) - known - data)) / len(delivered.header)


def _first_rows(delivered: Delivered) -> pa.Table:
    chunks, rows = [delivered.schema.empty_table()], 0
    for chunk in delivered.chunks:
        chunks.append(chunk)
        rows += chunk.num_rows
        if rows >= ENOUGH_ROWS:
            break
    table = pa.concat_tables(chunks)
    return table.filter(table.column("malformed_text").is_null()).slice(0, ENOUGH_ROWS)


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
