"""Expressions of a mapping worked out over whole columns of text: exact, and what cannot be computed is said, not guessed.

Numbers are decimals of at most 18 digits before the point and 6 after it. Not here: what may be written (mappings.expression).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sources.conforming.texts import Text, emptied, says_nothing
from sources.mappings.expression import AnyOf, Case, Constant, Expression, FirstFilled, Header, Same, Sum

_DIGITS = r"^[+-]?([0-9]{1,18}([.][0-9]{0,6})?|[.][0-9]{1,6})$"
_GROUPED = "^[+-]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]*)?$"
# Eighteen digits, six decimals, and room for ten terms.
_TYPE = pa.decimal128(26, 6)
Cells = Callable[[str], pa.Array | Text]


@dataclass(frozen=True)
class Computed:
    """The text that came out, and where a cell in it was no number although one was needed."""

    text: pa.Array
    unread: pa.Array


def computed(tree: Expression, cells: Cells, rows: int) -> Computed:
    """An expression over `rows` rows; `cells` gives the cleaned cells under a header."""
    match tree:
        case Header(name):
            return Computed(_whole(cells(name)), _nowhere(rows))
        case Constant(text):
            return Computed(
                pa.array([text], pa.string()).take(pa.array([0] * rows, pa.int8())), _nowhere(rows)
            )
        case FirstFilled(parts):
            return _first_filled([computed(part, cells, rows) for part in parts])
        case Sum(terms):
            return _sum([(sign, computed(term, cells, rows)) for sign, term in terms])
        case Case(branches, otherwise):
            found = computed(otherwise, cells, rows)
            for condition, value in reversed(branches):
                found = _chosen(_holds(condition, cells, rows), computed(value, cells, rows), found)
            return found


def _first_filled(parts: list[Computed]) -> Computed:
    """A part that could not be computed is not passed over; one that says it has nothing is, where another has something."""
    telling = [Computed(emptied(part.text, says_nothing(part.text)), part.unread) for part in parts]
    found = parts[-1]
    for part in reversed([*telling, *parts[:-1]]):
        found = _chosen(pc.or_(pc.is_valid(part.text), part.unread), part, found)
    return found


def _chosen(where: pa.Array, one: Computed, other: Computed) -> Computed:
    return Computed(pc.if_else(where, one.text, other.text), pc.if_else(where, one.unread, other.unread))


def _holds(condition: AnyOf, cells: Cells, rows: int) -> pa.Array:
    return functools.reduce(pc.or_, (_same(same, cells, rows) for same in condition.conditions))


def _same(same: Same, cells: Cells, rows: int) -> pa.Array:
    left, right = computed(same.left, cells, rows).text, computed(same.right, cells, rows).text
    both_nothing = pc.and_(pc.is_null(left), pc.is_null(right))
    return pc.or_(pc.fill_null(pc.equal(left, right), False), both_nothing)


def _sum(terms: list[tuple[int, Computed]]) -> Computed:
    total, unread = None, None
    for sign, term in terms:
        number, bad = _number(term.text)
        bad = pc.or_(bad, term.unread)
        number = number if sign > 0 else pc.negate(number)
        total = number if total is None else pc.add(total, number)
        unread = bad if unread is None else pc.or_(unread, bad)
    text = pc.replace_substring_regex(pc.cast(total, pa.string()), r"([.][0-9]*?)0+$", r"\1")
    return Computed(pc.replace_substring_regex(text, r"[.]$", ""), unread)


def _number(text: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The numbers, and where something stands that is none."""
    plain = pc.replace_substring_regex(text, "^([+-]?)[¥¥]?(.*?)元?$", r"\1\2")
    grouped = pc.match_substring_regex(plain, _GROUPED)
    plain = pc.if_else(pc.fill_null(grouped, False), pc.replace_substring(plain, ",", ""), plain)
    bad = pc.fill_null(pc.invert(pc.match_substring_regex(plain, _DIGITS)), False)
    return pc.cast(emptied(plain, bad), _TYPE), bad


def _whole(text: pa.Array | Text) -> pa.Array:
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def _nowhere(rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(False), rows)
