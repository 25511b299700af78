"""What is said of how a file looks, as far as reading it needs to know, and where the header is when it is not said.

Not here: reading (the readers) or what columns mean (mappings).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sources.base.likeness import folded, looks_like_data, normalise_header

# Titles, dates of printing and blank lines stand above a header; further down it is none.
HEADER_WITHIN = 20


@dataclass(frozen=True)
class Wanted:
    """`headers` are the names the mapping reads, normalised, alternatives included; `least` of them make a header.
    `claimed` are sheets that other feeds of the mapping read, `claimed_like` patterns of such. `sheets` is a pattern (`*`, `?`) of
    those that are one table.

    `header_row`, `sheet`, `delimiter` and `encoding` are None when the mapping does not state them. Without a mapping
    (`is_guess`) `headers` are all words known for anything, folded.
    """

    headers: frozenset[str]
    least: int
    header_row: int | None = None
    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    fixed_width: tuple[tuple[str, int], ...] = ()
    claimed: frozenset[str] = frozenset()
    sheets: str | None = None
    claimed_like: tuple[str, ...] = ()
    is_guess: bool = False

    def matches(self, names: Sequence[str]) -> int:
        """How many of these names the mapping reads; in a guess none when most of them are data."""
        if not self.is_guess:
            return len({normalise_header(name) for name in names} & self.headers)
        known = {name for name in names if self._is_word(name)}
        data = sum(looks_like_data(name) for name in names if name not in known)
        return len(set(map(folded, known))) if len(known) > data else 0

    def is_claimed(self, part: str) -> bool:
        """Whether a part belongs to another feed of the mapping."""
        return part.strip() in self.claimed or any(_is_like(part, pattern) for pattern in self.claimed_like)

    def is_one_of(self, part: str) -> bool:
        """Whether a part may be one of several that are one table."""
        return self.sheets is not None and _is_like(part, self.sheets)

    def _is_word(self, name: str) -> bool:
        """Whether a name is known, as it stands or without a counter at its end (诊断编码1)."""
        word = folded(name)
        return word in self.headers or re.sub(r"(?<=\D\D)\d{1,2}$", "", word) in self.headers


def _is_like(part: str, pattern: str) -> bool:
    """Brackets stand for themselves: `2025-03 (*)`."""
    return fnmatchcase(part.strip(), pattern.strip().replace("[", "[[]"))


@dataclass(frozen=True)
class Header:
    """The header's cells, its last line, and how many lines it takes."""

    names: tuple[str, ...]
    row: int
    height: int = 1

    @property
    def dialect(self) -> str:
        """Where it is, for the manifest."""
        first = self.row - self.height + 1
        return f"header_row={self.row}" if self.height == 1 else f"header_row={first}-{self.row}"


def find_header(rows: Sequence[Sequence[str]], wanted: Wanted) -> Header | None:
    """The header among the first rows: the stated row, else row 1, else the one row further down that is clearly one.

    A header over two rows (a merged title above the columns it covers) is put together when only both give the names;
    stated is the last of them. None when the row is not there or blank.
    """
    last = wanted.header_row
    if last is not None:
        stated, both = _header_at(rows, last), _double_at(rows, last) if 1 < last <= len(rows) else None
        if (
            stated
            and both
            and wanted.matches(both.names) > max(wanted.matches(stated.names), wanted.least - 1)
        ):
            return both
        return stated
    within = range(1, min(len(rows), HEADER_WITHIN) + 1)
    single = _clearest([Header(_trimmed(rows[n - 1]), n) for n in within], wanted)
    double = _clearest([_double_at(rows, n) for n in within[1:]], wanted)
    if single and wanted.matches(single.names) >= wanted.least:
        if double and wanted.matches(double.names) > wanted.matches(single.names):
            return double
        return single
    if double and wanted.matches(double.names) >= wanted.least:
        return double
    return _header_at(rows, above_data(rows) if wanted.is_guess else 1)


def above_data(rows: Sequence[Sequence[str]]) -> int:
    """The row above the first one that holds data, where no name is known; row 1 when that is data itself or none is."""
    for number, row in enumerate(rows[:HEADER_WITHIN], start=1):
        filled = [cell for cell in row if cell.strip()]
        data = sum(map(looks_like_data, filled))
        if data >= 2 and 3 * data >= len(filled):
            above = [n for n in range(1, number) if any(cell.strip() for cell in rows[n - 1])]
            return above[-1] if above else number
    return 1


def _clearest(headers: Sequence[Header], wanted: Wanted) -> Header | None:
    """The header with the most known names; None when two are equally good, except in a guess: there the earliest."""
    best = max((wanted.matches(header.names) for header in headers), default=0)
    found = [header for header in headers if wanted.matches(header.names) == best]
    is_clear = len(found) == 1 or (found and (wanted.is_guess or found[0].row == found[0].height))
    return found[0] if is_clear else None


def _double_at(rows: Sequence[Sequence[str]], last: int) -> Header:
    return Header(_trimmed(_both(rows[last - 2], rows[last - 1])), last, 2)


def _header_at(rows: Sequence[Sequence[str]], row: int) -> Header | None:
    names = _trimmed(rows[row - 1]) if len(rows) >= row else ()
    return Header(names, row) if names else None


def _both(above: Sequence[str], below: Sequence[str]) -> list[str]:
    width = max(len(above), len(below))
    upper, lower = ([*row, *[""] * (width - len(row))] for row in (above, below))
    return [low if low.strip() else up for up, low in zip(upper, lower, strict=True)]


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """Without the empty cells at the end."""
    names = list(cells)
    while names and not names[-1].strip():
        names.pop()
    return tuple(names)
