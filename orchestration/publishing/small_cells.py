"""Which figures are too small to show to the public, and which others must go with them so that nobody works them out again.

A cell is the figure of one institution (COUNTY: of all together), KPI and month. Hidden are cells of which a count lies between 0
and the minimum; then, until nothing is left to do, whatever would give one of them back: the last cell that a sum lacks, the
last indicator that a total of scores lacks, the later of two running figures whose difference is small. Months are decided in their
order and never again, so that the excerpt of a later release hides the same of an earlier month. Decision 0028.
Here: deciding. Not here: reading a release and writing an excerpt (excerpt.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

COUNTY = ""


class Key(NamedTuple):
    """A cell; `institution_id` COUNTY is the sum over all institutions."""

    month: str
    institution_id: str
    kpi_id: str


class Card(NamedTuple):
    """The total of an institution's scores in a month."""

    month: str
    institution_id: str


@dataclass(frozen=True)
class Counts:
    """What must not be small, all of it adding up over institutions: above, below the line, events, and of a share those not in it."""

    numerator: Decimal
    denominator: Decimal
    sample: Decimal
    outside: Decimal

    @classmethod
    def of(cls, numerator: Decimal, denominator: Decimal, sample: int, is_share: bool) -> Counts:
        outside = denominator - numerator if is_share else Decimal(0)
        return cls(numerator, denominator, Decimal(sample), outside)

    def is_small(self, minimum: int) -> bool:
        """Nobody is recognised by a zero; a difference may be negative."""
        counts = (self.numerator, self.denominator, self.sample, self.outside)
        return any(0 < abs(count) < minimum for count in counts)

    def plus(self, other: Counts, sign: int = 1) -> Counts:
        return Counts(
            self.numerator + sign * other.numerator,
            self.denominator + sign * other.denominator,
            self.sample + sign * other.sample,
            self.outside + sign * other.outside,
        )


NOTHING = Counts(Decimal(0), Decimal(0), Decimal(0), Decimal(0))


def added(counts: Iterable[Counts]) -> Counts:
    """The sum."""
    total = NOTHING
    for each in counts:
        total = total.plus(each)
    return total


@dataclass
class Suppression:
    """What to hide of these cells and cards. `hide` decides; `cells` and `cards` hold what it found.

    counts: every cell that has a figure; the county's own where it is shown.
    members: of every card the cells whose scores add up to it, the one to give up first in front.
    minimum: by month and KPI, the smallest count that may be shown.
    periods: of cells that run on from month to month, what they count since (quarter, year); cells of one period contain each other.
    """

    counts: Mapping[Key, Counts]
    members: Mapping[Card, Sequence[Key]]
    minimum: Mapping[tuple[str, str], int]
    periods: Mapping[Key, str]
    cells: set[Key] = field(default_factory=set)
    cards: set[Card] = field(default_factory=set)

    def hide(self) -> None:
        """Decide month by month."""
        by_month: dict[str, list[Key]] = defaultdict(list)
        for key in sorted(self.counts):
            by_month[key.month].append(key)
        shown: dict[tuple[str, str, str], Key] = {}
        for month, keys in sorted(by_month.items()):
            self._hide_small(keys, shown)
            while self._hide_in_sums(month, keys) or self._hide_in_cards(month):
                pass
            for key in keys:
                if key in self.periods and key not in self.cells:
                    shown[self._running(key)] = key

    def _running(self, key: Key) -> tuple[str, str, str]:
        return key.institution_id, key.kpi_id, self.periods[key]

    def _hide_small(self, keys: Iterable[Key], shown: Mapping[tuple[str, str, str], Key]) -> None:
        """Small figures, and figures that differ by a small one from the last shown of their period."""
        for key in keys:
            own, minimum = self.counts[key], self.minimum[key.month, key.kpi_id]
            before = shown.get(self._running(key)) if key in self.periods else None
            grown = own.plus(self.counts[before], sign=-1) if before else NOTHING
            if own.is_small(minimum) or grown.is_small(minimum):
                self.cells.add(key)

    def _hide_in_sums(self, month: str, keys: Iterable[Key]) -> bool:
        """Where the county's figure is shown, at least two others are hidden and together they are not small."""
        changed = False
        by_kpi: dict[str, list[Key]] = defaultdict(list)
        for key in keys:
            by_kpi[key.kpi_id].append(key)
        for kpi_id, cells in by_kpi.items():
            total = Key(month, COUNTY, kpi_id)
            while total in self.counts and total not in self.cells and self._sum_gives_back(cells):
                self.cells.add(self._next_in_sum(cells) or total)
                changed = True
        return changed

    def _sum_gives_back(self, cells: Iterable[Key]) -> bool:
        hidden = [key for key in cells if key in self.cells]
        if not hidden:
            return False
        together = added(self.counts[key] for key in hidden)
        return len(hidden) == 1 or together.is_small(self.minimum[hidden[0].month, hidden[0].kpi_id])

    def _next_in_sum(self, cells: Iterable[Key]) -> Key | None:
        """The smallest that is still shown; one without events would cover nothing."""
        shown = [key for key in cells if key.institution_id != COUNTY and key not in self.cells]
        covering = [key for key in shown if self.counts[key].sample > 0]
        return min(covering, key=lambda key: (self.counts[key].sample, key), default=None)

    def _hide_in_cards(self, month: str) -> bool:
        """Of a total that is shown, no single score is hidden: cells of this month are given up, else the total."""
        changed = False
        for card, members in sorted(self.members.items()):
            if card.month != month or card in self.cards:
                continue
            if len([key for key in members if key in self.cells]) == 1:
                spare = [key for key in members if key.month == month and key not in self.cells]
                if spare:
                    self.cells.add(spare[0])
                else:
                    self.cards.add(card)
                changed = True
        return changed
