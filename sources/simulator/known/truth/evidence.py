"""Evidence: per event what an indicator counts above and below the line, and whose figure it is.

Not here: which events (arrived.py and the subjects).
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from sources.simulator.ground.layout import COUNTY_TIERS, PRIMARY_TIERS

COUNTY, GRASS_ROOTS, VILLAGE = COUNTY_TIERS, PRIMARY_TIERS, ("village",)
ALL_BUT_VILLAGE = (*COUNTY, *GRASS_ROOTS)
EVERYONE = (*ALL_BUT_VILLAGE, *VILLAGE)
# An indicator of communities and the county only: no institution has a value of its own.
NO_INSTITUTION: tuple[str, ...] = ()
NOBODY = -1
_OF_EVENTS = (
    "institution", "community", "month", "numerator", "denominator", "place", "department", "physician", "day",
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """Events an indicator counts. Integers; `denominator` 0 = only counted above the line.

    institution: whose figure an event is in (village events: their township's where villages have none), NOBODY for none;
    community: number of the alliance among those of the county, in order of their ids, NOBODY for none.
    place: institution where an event happened; department (its number there) and physician (staff number): whose it is at
    `place`, NOBODY where it names none, None where such events never say. day: when, None where only the month is known.
    unit: how many of its integers make one of the published numerator (10 where scores are kept in tenths).
    value = scale × numerator ÷ denominator ÷ divisor, or the median of the numerators ÷ divisor, or (`cv`) their standard
    deviation ÷ their mean.
    item: what `distinct` counts the different ones of, among the events with a part; of a `life_table` the five-year group.
    over: how (numerator, denominator) are taken over months: added, those of the last month, or the mean of the months.
    """

    kpi: str
    institution: np.ndarray
    community: np.ndarray
    month: np.ndarray  # month number, may lie outside the simulated months
    numerator: np.ndarray
    denominator: np.ndarray
    place: np.ndarray
    department: np.ndarray | None = None
    physician: np.ndarray | None = None
    day: np.ndarray | None = None
    scale: int = 100
    divisor: int = 1
    unit: int = 1
    statistic: Literal["ratio", "median", "cv", "distinct", "life_table"] = "ratio"
    over: tuple[str, str] = ("sum", "sum")
    item: np.ndarray | None = None

    def of(self, **kind: Any) -> "Evidence":
        """The same with another scale, unit, statistic or rule over months."""
        return replace(self, **kind)


def merged(*parts: Evidence) -> Evidence:
    """Evidence of one indicator from several kinds of events; it says of them what all of them say."""
    together = {name: [getattr(part, name) for part in parts] for name in _OF_EVENTS}
    return parts[0].of(
        **{
            name: None if any(c is None for c in said) else np.concatenate(said)
            for name, said in together.items()
        }
    )
