"""Headers that repeat with a counter (JBDM1..15, C06x01C..): which blocks of a wide sheet they make.

Here: finding them and turning them into blocks of `repeat`. Not here: single headers (suggest).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from sources.contracts.load import load_contracts
from sources.onboarding.vocabulary import meanings, numbered_header, repeated_codes


@dataclass(frozen=True)
class Blocks:
    """A wide sheet's blocks: the headers of the first row (if it has its own) and those with `{n}` from `first` to `last`."""

    into: str
    keep_when: str
    own: dict[str, str]
    counted: dict[str, str]
    first: int
    last: int

    @property
    def headers(self) -> set[str]:
        """Every header the blocks read."""
        numbered = {
            numbered_header(h, n) for h in self.counted.values() for n in range(self.first, self.last + 1)
        }
        return numbered | set(self.own.values())


def find_blocks(feed: str, headers: list[str]) -> Blocks | None:
    """The blocks in which a file repeats what this feed tells in rows, None when it does not."""
    long = load_contracts()[feed].side_by_side
    if long is None:
        return None
    counted: dict[str, str] = {}
    spans: dict[str, tuple[int, int]] = {}
    for template, numbers in _families(headers).items():
        for column in _columns_of(template, feed):
            known = (template, feed, column) in repeated_codes()
            if column not in counted and (len(numbers) > 1 or known):
                counted[column], spans[column] = template, (min(numbers), max(numbers))
    if long.filled not in counted:
        return None
    first, last = spans[long.filled]
    counted = {column: template for column, template in counted.items() if spans[column][0] <= first}
    own = {column: header for column in counted if (header := _unnumbered(column, feed, headers))}
    return Blocks(long.number, long.filled, own if set(own) == set(counted) else {}, counted, first, last)


def _families(headers: list[str]) -> dict[str, set[int]]:
    """{header with `{n}`, or with `{n:02}` where a counter below ten has a zero before it: its numbers}."""
    plain: dict[str, set[int]] = defaultdict(set)
    padded: dict[str, set[int]] = defaultdict(set)
    for header in headers:
        for match in re.finditer(r"(?<!\d)\d{1,2}(?!\d)", header):
            before, after, number = header[: match.start()], header[match.end() :], match.group()
            if not number.startswith("0"):
                plain[f"{before}{{n}}{after}"].add(int(number))
            if len(number) == 2:
                padded[f"{before}{{n:02}}{after}"].add(int(number))
    with_zero = {template: numbers for template, numbers in padded.items() if min(numbers) < 10}
    taken = {template.replace("{n:02}", "{n}") for template in with_zero}
    return {**{t: n for t, n in plain.items() if t not in taken or min(n) < 10}, **with_zero}


def _columns_of(template: str, feed: str) -> list[str]:
    known = [column for code, owner, column in repeated_codes() if (code, owner) == (template, feed)]
    bare = re.sub(r"[_x-]?\{n(:02)?\}", "", template)
    by_name = meanings(bare, feed)
    return known or sorted(by_name, key=lambda column: (-by_name[column], column))[:1]


def _unnumbered(column: str, feed: str, headers: list[str]) -> str | None:
    """The header of the principal diagnosis or first operation, which has no counter."""
    candidates = [
        (meanings(header, feed).get(column, 0), header) for header in headers if not re.search(r"\d$", header)
    ]
    best = max(candidates, default=(0, ""))
    return best[1] if best[0] > 0.8 and column in load_contracts()[feed].columns_by_name else None
