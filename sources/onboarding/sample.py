"""The first rows of any file, read without a mapping: format by its content, header by how many of its cells are known.

Here: reading and the pattern that would claim such files. Not here: what the columns are (suggest).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from sources.bounds import DEFAULT_BOUNDS
from sources.connectors.delivered import Delivered, header_of
from sources.connectors.files import read_any
from sources.connectors.source import Source, open_source
from sources.connectors.wanted import Wanted
from sources.onboarding.draft import Sample
from sources.onboarding.profile import profile_columns
from sources.onboarding.vocabulary import folded, header_meanings
from sources.refusal import RefusedError

ENOUGH_ROWS = 5000


class _AnyWanted(Wanted):
    """Stands for a mapping's wishes where there is no mapping yet: any known word may be a header."""

    def matches(self, names: Sequence[str]) -> int:
        return sum(folded(name) in header_meanings() for name in names)


def read_samples(path: Path, name: str) -> Iterator[Sample]:
    """A sample per file, or per sheet of a workbook that holds a table. Raises RefusedError. `name` is how it is shown."""
    with open_source(path, DEFAULT_BOUNDS) as source:
        sheets = _sheets(source)
        for sheet in sheets:
            try:
                yield _sample(source, name, sheet)
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


def _sample(source: Source, name: str, sheet: str | None) -> Sample:
    delivered = read_any(source, _AnyWanted(headers=frozenset(header_meanings()), least=2, sheet=sheet))
    rows = _first_rows(delivered)
    return Sample(
        file=name,
        pattern=pattern_of(name),
        sheet=sheet,
        rows=rows.num_rows,
        encoding=f"{delivered.encoding} {delivered.dialect}",
        profiles=profile_columns(rows, list(header_of(rows.schema))),
        is_exact=rows.num_rows < ENOUGH_ROWS,
    )


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
