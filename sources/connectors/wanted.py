"""What a mapping says a file looks like, as far as reading it needs to know, and where the header is when it does not.

Not here: reading (the readers) or what columns mean (mapping).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sources.mapping import FeedPlan, normalise_header

# Titles, dates of printing and blank lines stand above a header; further down it is none.
HEADER_WITHIN = 20


@dataclass(frozen=True)
class Wanted:
    """`headers` are the names the mapping reads, normalised, alternatives included; `least` of them make a header.

    `header_row`, `sheet`, `delimiter` and `encoding` are None when the mapping does not state them.
    """

    headers: frozenset[str]
    least: int
    header_row: int | None = None
    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    fixed_width: tuple[tuple[str, int], ...] = ()

    def matches(self, names: Sequence[str]) -> int:
        """How many of these names the mapping reads."""
        return len({normalise_header(name) for name in names} & self.headers)


def wanted_by(plan: FeedPlan) -> Wanted:
    """What the mapping of one feed says of its file."""
    feed = plan.feed_mapping
    others = {**plan.mapping.aliases, **feed.aliases}
    aliases = {normalise_header(name) for names in others.values() for name in names}
    return Wanted(
        headers=frozenset(plan.used_headers | aliases),
        least=(len(plan.used_headers) + 1) // 2,
        header_row=feed.header_row if "header_row" in feed.model_fields_set else None,
        sheet=feed.sheet,
        delimiter=feed.delimiter,
        encoding=feed.encoding,
        fixed_width=tuple(feed.fixed_width.items()),
    )


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

    A header over two rows (a merged title above the columns it covers) is put together when only both give the names.
    None when the row is not there or blank.
    """
    if wanted.header_row is not None:
        return _header_at(rows, wanted.header_row)
    within = range(1, min(len(rows), HEADER_WITHIN) + 1)
    single = _clearest([Header(_trimmed(rows[n - 1]), n) for n in within], wanted.matches)
    double = _clearest(
        [Header(_trimmed(_both(rows[n - 2], rows[n - 1])), n, 2) for n in within[1:]], wanted.matches
    )
    if single and wanted.matches(single.names) >= wanted.least:
        if double and wanted.matches(double.names) > wanted.matches(single.names):
            return double
        return single
    if double and wanted.matches(double.names) >= wanted.least:
        return double
    return _header_at(rows, 1)


def _clearest(headers: Sequence[Header], matches: Callable[[Sequence[str]], int]) -> Header | None:
    """The header with the most known names; None when two are equally good."""
    best = max((matches(header.names) for header in headers), default=0)
    found = [header for header in headers if matches(header.names) == best]
    return found[0] if len(found) == 1 or (found and found[0].row == found[0].height) else None


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
