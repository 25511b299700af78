"""Direct identifiers where none belongs: a card, a telephone number or a name in a key, a code or a free text.

A key or code becomes a stand-in under the county's secret, the same wherever the same value stands, so that joins still
hold; in a free text the identifier alone is covered. Each value that was touched is marked, so that the member is told.
Not here: how identifiers are found (personal), columns that are personal by contract (statement).
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.privacy import Pseudonymiser, message
from sources.conforming.normalise import Normalised
from sources.conforming.personal import holds_name, holds_number, narrow, without_names, without_numbers
from sources.contracts.words import Column
from sources.mappings.plan import FeedPlan

PERSONAL_SUFFIX = "__personal"
NUMBER, NAME = 1, 2
_FREE_TEXT = ("text", "json")
_LENGTH = 16


def is_searched(plan: FeedPlan, column: Column) -> bool:
    """Whether people may have typed anything into that column, and it leaves this room as it came."""
    source, repeat = plan.columns.get(column.name), plan.feed_mapping.repeat
    is_read = not (source and source.const is not None) and not (repeat and column.name == repeat.into)
    plain = column.privacy is None and column.logical_type == "string" and not column.valid_values
    return is_read and plain and column.format != "month" and column.references != "institution"


def is_free_text(column: Column) -> bool:
    return column.format in _FREE_TEXT


def without_identifiers(text: Normalised, plan: FeedPlan, pseudonyms: Pseudonymiser) -> Normalised:
    """The same rows with stand-ins and covers, and beside each column that was searched which kind was found."""
    table = text.table
    for column in plan.contract.columns:
        if column.name in plan.mapped_columns and is_searched(plan, column):
            values = table.column(column.name).combine_chunks()
            kept, found = _covered(values) if is_free_text(column) else _stood_in(values, column, pseudonyms)
            if kept is not values:
                position = table.column_names.index(column.name)
                table = table.set_column(position, column.name, pa.chunked_array([kept]))
            table = table.append_column(column.name + PERSONAL_SUFFIX, found)
    return replace(text, table=table)


def _stood_in(values: pa.Array, column: Column, pseudonyms: Pseudonymiser) -> tuple[pa.Array, pa.Array]:
    """Whole values replaced. What is too long for its column is left: it is quarantined, and shown as its shape."""
    found = _kinds(values, key=True)
    if found is None:
        return values, _nothing(values)
    if column.max_length:
        fits = pc.less_equal(pc.utf8_length(values), column.max_length)
        found = pc.if_else(pc.fill_null(fits, False), found, pa.scalar(0, pa.uint8()))
    hit = pc.greater(found, 0)
    messages = [message("stand_in", "", text) for text in values.filter(hit).to_pylist()]
    names = pseudonyms.column(pa.chunked_array([pa.array(messages, pa.string())]))
    stand_ins = pc.binary_join_element_wise("~", pc.utf8_slice_codeunits(names, 0, _LENGTH), "")
    return pc.replace_with_mask(values, hit, stand_ins), found


def _covered(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Identifiers inside texts covered. Looks at each different text once."""
    encoded = pc.dictionary_encode(values)
    plain = narrow(encoded.dictionary)
    found = _kinds(plain, key=False)
    if found is None:
        return values, _nothing(values)
    hit = pc.greater(found, 0)
    covered = pa.array(
        [without_names(text) for text in without_numbers(plain.filter(hit)).to_pylist()], pa.string()
    )
    kept = pc.replace_with_mask(encoded.dictionary, hit, covered)
    return kept.take(encoded.indices), pc.fill_null(found.take(encoded.indices), 0)


def _kinds(values: pa.Array, *, key: bool) -> pa.Array | None:
    """NUMBER or NAME where one was found, else 0; None when nothing was found anywhere."""
    numbers, names = holds_number(values, key=key), holds_name(values)
    if not (pc.any(numbers).as_py() or pc.any(names).as_py()):
        return None
    kind = pa.scalar(NUMBER, pa.uint8()), pa.scalar(NAME, pa.uint8()), pa.scalar(0, pa.uint8())
    return pc.if_else(numbers, kind[0], pc.if_else(names, kind[1], kind[2]))


def _nothing(values: pa.Array) -> pa.Array:
    return pa.repeat(pa.scalar(0, pa.uint8()), len(values))
