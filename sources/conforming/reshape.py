"""Rows given another shape before columns are read: one file shared by several feeds, wide sheets made long.

Here: `select` and `repeat` of a mapping carried out. Not here: columns and their text (normalise, texts).
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.likeness import normalise_header
from sources.conforming.texts import Text, clean
from sources.connectors.delivered import LINE, MALFORMED
from sources.mappings.language import Choice, Repeat
from sources.mappings.plan import FeedPlan

ORPHAN = "(orphan)"
BLOCK = "(block)"


def selected(rows: pa.Table, plan: FeedPlan, headers: dict[str, str]) -> pa.Table:
    """Rows this feed's `select` claims. Of feeds that share a file the first also takes what none of them claims, marked
    ORPHAN, so that no row is lost; damaged lines stay with it as well.
    """
    choices = plan.feed_mapping.select
    if not choices:
        return rows
    mine = _chosen(rows, plan, headers, choices)
    damaged = pc.is_valid(rows.column(MALFORMED))
    if not plan.takes_orphans:
        return rows.filter(pc.and_not(mine, damaged))
    others = [_chosen(rows, plan, headers, choice) for choice in plan.sharing.values()]
    orphan = pc.invert(pc.or_(functools.reduce(pc.or_, others), damaged))
    rows = rows.append_column(ORPHAN, orphan)
    return rows.filter(pc.or_(pc.or_(mine, damaged), orphan))


def _chosen(
    rows: pa.Table, plan: FeedPlan, headers: dict[str, str], choices: dict[str, Choice]
) -> pa.Array | Text:
    """True for rows that every choice takes; a choice of nothing takes all."""
    chosen: pa.Array | Text = pa.repeat(pa.scalar(True), rows.num_rows)
    for header, choice in choices.items():
        name = headers.get(normalise_header(header))
        cells = rows.column(name) if name else pa.nulls(rows.num_rows, pa.string())
        cells = pc.fill_null(clean(cells, False, ("", *plan.mapping.null_values)), "")
        among = pc.is_in(cells, value_set=pa.array(choice.in_ or choice.not_in, pa.string()))
        chosen = pc.and_(chosen, among if choice.in_ else pc.invert(among))
    return chosen


def made_long(
    rows: pa.Table, repeat: Repeat, headers: dict[str, str], filled: Callable[[str], pa.Array | Text]
) -> pa.Table:
    """One row per block (V03): the first always (unless told otherwise), others when `keep_when` is filled (`filled` says
    where, of a header); numbered, in the order of the file.
    """
    first = repeat.expanded[0]
    in_blocks = {normalise_header(h) for block in repeat.expanded for h in block.values()}
    meant = {delivered: folded for folded, delivered in headers.items()}
    shared = [name for name in rows.column_names if meant.get(name, name) not in in_blocks]
    parts = []
    for number, block in enumerate(repeat.expanded):
        part = rows.select(shared)
        for column, target in first.items():
            source = headers.get(normalise_header(block[column]))
            values = rows.column(source) if source else pa.nulls(rows.num_rows, pa.string())
            part = part.append_column(headers.get(normalise_header(target), target), values)
        for column, constant in repeat.constants[number].items():
            part = part.append_column(constant_of(column), pa.repeat(constant, rows.num_rows))
        part = part.append_column(BLOCK, pa.repeat(repeat.start + number, rows.num_rows))
        if number or not repeat.first_always:
            kept = filled(block[repeat.keep_when])
            part = part.filter(pc.or_(kept, pc.is_valid(part.column(MALFORMED))) if not number else kept)
        parts.append(part)
    together = pa.concat_tables(parts)
    order = pc.sort_indices(together, sort_keys=[(LINE, "ascending"), (BLOCK, "ascending")])
    return together.take(order)


def constant_of(column: str) -> str:
    return f"(const) {column}"
