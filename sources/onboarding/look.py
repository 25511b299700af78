"""What stands in the columns of one delivered file, told without a personal value: for `feed check`.

Here: looking at the first rows through the mapping. Not here: judging them (trial) or drawing (the command line).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pyarrow as pa

from sources.base.engine import cursor
from sources.base.likeness import normalise_header
from sources.conforming import values
from sources.connectors.delivered import header_of
from sources.contracts.words import Column
from sources.mappings.plan import FeedPlan
from sources.onboarding.codes import may_be_shown
from sources.onboarding.profile import ColumnProfile, profile_columns
from sources.onboarding.suggest import suggest_columns

LOOKED_AT = 5000
_CODES_SHOWN = 8


@dataclass(frozen=True)
class CodeLook:
    """One delivered code, how often it stands there, and what it becomes (None: nothing, it is not known)."""

    shown: str
    rows: int
    becomes: str | None


@dataclass(frozen=True)
class ColumnLook:
    """One delivered column that the mapping reads. `low` and `high` only where they cannot tell of one person."""

    column: str
    header: str
    filled: int
    rows: int
    distinct: int
    shapes: tuple[str, ...]
    codes: tuple[CodeLook, ...]
    low: str | None
    high: str | None


@dataclass(frozen=True)
class Unmatched:
    """A delivered header that the mapping does not read, and the columns it may be, best first."""

    header: str
    filled: int
    rows: int
    shape: str
    may_be: tuple[str, ...]


@dataclass(frozen=True)
class BlockLook:
    """One block of a wide sheet: [(column, header, filled cells, None when the file has no such header)] and its rows."""

    number: int
    cells: tuple[tuple[str, str, int | None], ...]
    rows: int


@dataclass(frozen=True)
class FileLook:
    """The first rows of a file: columns read, headers not read, text that seems cut off at its field's length (V36), and
    the blocks of a wide sheet.
    """

    columns: tuple[ColumnLook, ...]
    unmatched: tuple[Unmatched, ...]
    cut_off: tuple[tuple[str, int], ...]
    blocks: tuple[BlockLook, ...] = ()


def look_at(rows: pa.Table, plan: FeedPlan, institutions: Collection[str]) -> FileLook:
    """Look at delivered rows (LOOKED_AT of them are enough) through a plan, in a county of these institutions."""
    there = plan.delivered_headers(header_of(rows.schema))
    profiles = profile_columns(rows, sorted(set(there.values())))
    looks = [
        _column_look(column, profiles[there[normalise_header(header)]], plan, institutions)
        for column in plan.contract.columns
        for header in plan.headers_of(column.name)
        if normalise_header(header) in there
    ]
    ranges = _ranges({look.header: profiles[look.header] for look in looks})
    known = plan.used_headers | plan.ignored_headers
    unread = {name: profiles[name] for folded, name in there.items() if folded not in known}
    return FileLook(
        tuple(_with_range(look, plan, ranges) for look in looks),
        tuple(_unmatched(unread, plan)),
        tuple(_cut_off(profiles)),
        tuple(_blocks(plan, there, profiles, rows.num_rows)),
    )


def _blocks(
    plan: FeedPlan, there: dict[str, str], profiles: dict[str, ColumnProfile], rows: int
) -> Iterator[BlockLook]:
    repeat = plan.feed_mapping.repeat
    for number, block in enumerate(repeat.expanded if repeat else ()):
        cells = []
        for column, header in block.items():
            delivered = there.get(normalise_header(header))
            cells.append((column, header, profiles[delivered].filled if delivered else None))
        yield BlockLook(repeat.start + number if repeat else number, tuple(cells), rows)


def _column_look(
    column: Column, profile: ColumnProfile, plan: FeedPlan, institutions: Collection[str]
) -> ColumnLook:
    codes = (
        tuple(_codes(column, profile, plan, institutions)) if column.valid_values or column.references else ()
    )
    shapes = tuple(shape for shape, _ in profile.shapes)
    return ColumnLook(
        column.name, profile.header, profile.filled, profile.rows, profile.distinct, shapes, codes, None, None
    )


def _codes(
    column: Column, profile: ColumnProfile, plan: FeedPlan, institutions: Collection[str]
) -> list[CodeLook]:
    source = plan.columns.get(column.name)
    name = source.dictionary if source else None
    dictionary = plan.dictionary(name or ("institution" if column.references else None))
    found = []
    for value, rows in profile.top[:_CODES_SHOWN]:
        meant, vouched = dictionary.translated(value) if dictionary else (value, True)
        allowed = meant in (institutions if column.references else column.valid_values)
        shown = value if may_be_shown(value, rows, profile, column) else profile.mask_of(value)
        found.append(CodeLook(shown, rows, meant if vouched and allowed else None))
    return found


def _ranges(profiles: dict[str, ColumnProfile]) -> dict[str, tuple[str, str]]:
    """{header: (least, greatest)} of dates (as months) and numbers."""
    cells = [(header, text) for header, profile in profiles.items() for text, _ in profile.top]
    if not cells:
        return {}
    moment, number = values.timestamp("text"), values.decimal("text", "DECIMAL(24, 2)")
    # Months are written by DuckDB: its years go beyond Python's.
    sql = f"""select header, strftime(min({moment}), '%Y-%m') as first, strftime(max({moment}), '%Y-%m') as last,
        min({number}) as least, max({number}) as most from cells group by header"""
    with cursor() as connection:
        connection.register(
            "cells", pa.table({"header": [c[0] for c in cells], "text": [c[1] for c in cells]})
        )
        found = connection.execute(sql).to_arrow_table().to_pylist()
    ranges = {}
    for row in found:
        if profiles[row["header"]].share("date") > 0.5 and row["first"]:
            ranges[row["header"]] = (row["first"], row["last"])
        elif row["least"] is not None:
            ranges[row["header"]] = (str(row["least"]), str(row["most"]))
    return ranges


def _with_range(look: ColumnLook, plan: FeedPlan, ranges: dict[str, tuple[str, str]]) -> ColumnLook:
    """The range of a date of events or of a number; never of anything that tells of one person."""
    column = plan.contract.columns_by_name[look.column]
    counts = column.logical_type in ("integer", "number", "date", "timestamp")
    harmless = column.classification in ("P0", "P1", "P2") and not (
        column.privacy or column.linkage or column.primary_key
    )
    if not (counts and harmless and look.header in ranges):
        return look
    low, high = ranges[look.header]
    if column.logical_type in ("date", "timestamp") and "-" not in low[1:]:
        return look
    return ColumnLook(
        look.column, look.header, look.filled, look.rows, look.distinct, look.shapes, look.codes, low, high
    )


def _unmatched(unread: dict[str, ColumnProfile], plan: FeedPlan) -> list[Unmatched]:
    free = {s.header: s.column for s in suggest_columns(plan.contract.feed, unread)}
    found = []
    for header, profile in unread.items():
        may_be = [free[header]] if header in free and free[header] not in plan.mapped_columns else []
        shape = profile.shapes[0][0] if profile.shapes else ""
        found.append(Unmatched(header, profile.filled, profile.rows, shape, tuple(may_be)))
    return found


def _cut_off(profiles: dict[str, ColumnProfile]) -> list[tuple[str, int]]:
    """[(header, length)] of texts of which suspiciously many are exactly as long as the longest."""
    return [(p.header, p.longest) for p in profiles.values() if _is_prose(p) and p.seems_cut_off]


def _is_prose(profile: ColumnProfile) -> bool:
    return profile.share("chinese") > 0.5 and profile.share("date") < 0.5
