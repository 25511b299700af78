"""The internal price list: what members of a medical community charge each other, version by version.

The demo county's policy says the same (`policy/market_price.csv`, `market_split.csv`; a test holds them together). Not here: what
was provided (afterwards/market.py).
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Price:
    """A version of a service's price: fen a unit, or of the fee so many hundredths that the provider gets."""

    service: str
    version: str
    first_day: np.datetime64
    fen: int = 0
    of_fee: int = 0


def _day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


_SIGNED = ("2024.1", _day("2015-01-01"))
PRICES = (
    Price("TELE-CON", *_SIGNED, 10_000),
    Price("TELE-IMG", *_SIGNED, 2_500),
    Price("TELE-IMG", "2025.2", _day("2025-03-01"), 2_200),
    Price("TELE-ECG", *_SIGNED, 1_500),
    Price("TELE-US", *_SIGNED, 3_500),
    Price("OUT-CLINIC", *_SIGNED, 40_000),
    Price("OUT-ROUND", *_SIGNED, 30_000),
    Price("SURG-7030", *_SIGNED, of_fee=70),
    Price("DOWN-REHAB", *_SIGNED, 6_000),
    Price("UP-PREP", *_SIGNED, 3_000),
    Price("CHRON-PKG", *_SIGNED, 4_000),
    Price("CSSD", *_SIGNED, 1_200),
    Price("LAB-HUB", *_SIGNED, of_fee=60),
    Price("EXAM-HUB", *_SIGNED, of_fee=80),
)
SERVICES = tuple(dict.fromkeys(price.service for price in PRICES))
VERSIONS = sorted({price.version for price in PRICES})
# Minutes from the request within which a report is in time.
REPORT_WITHIN = {"TELE-CON": 30, "TELE-IMG": 90, "TELE-ECG": 60, "TELE-US": 90, "LAB-HUB": 240}
HALF_DAY_HOURS, RECOGNISED_WITHIN_DAYS, SILENCE_DAYS, LATE_COSTS_PCT = 4, 14, 15, 20
# Whose how many hundredths of a fee are. The first keeps it, the others are on the provider's side.
SPLITS = {
    "SURG-7030": {"township": 30, "county_hospital": 28, "expert": 42},
    "LAB-HUB": {"township": 40, "county_hospital": 60},
    "EXAM-HUB": {"township": 20, "county_hospital": 80},
}


def prices_on(service: int, days: np.ndarray) -> list[Price]:
    """The version of a service (number in SERVICES) that holds on each of these days."""
    own = sorted((p for p in PRICES if p.service == SERVICES[service]), key=lambda p: p.first_day)
    place = np.searchsorted([p.first_day for p in own], days.astype("datetime64[D]"), side="right") - 1
    return [own[i] for i in place]


def number(service: str) -> int:
    return SERVICES.index(service)
