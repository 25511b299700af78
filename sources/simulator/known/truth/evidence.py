"""Evidence: per event what an indicator counts above and below the line, and the tiers an indicator is meant for.

Not here: which events (arrived.py and the subjects).
"""

from dataclasses import dataclass

import numpy as np

from sources.simulator.ground.layout import COUNTY_TIERS, PRIMARY_TIERS

COUNTY, GRASS_ROOTS, VILLAGE = COUNTY_TIERS, PRIMARY_TIERS, ("village",)
ALL_BUT_VILLAGE = (*COUNTY, *GRASS_ROOTS)


@dataclass(frozen=True)
class Evidence:
    """Events an indicator counts. Integers; `denominator` 0 = only counted above the line. Overall scores in tenths."""

    kpi: str
    institution: np.ndarray
    month: np.ndarray  # month number, may lie outside the simulated months
    numerator: np.ndarray
    denominator: np.ndarray


def merged(*parts: Evidence) -> Evidence:
    """Evidence of one indicator from several kinds of events."""
    columns = ("institution", "month", "numerator", "denominator")
    return Evidence(parts[0].kpi, *(np.concatenate([getattr(p, c) for p in parts]) for c in columns))
