"""KPI-103, 106 and 107: settlement lists that passed at once, special reviews, and what audits took back."""

import numpy as np

from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, Evidence, merged

_INPATIENT = (*COUNTY, "township")


def evidence(arrived: Arrived) -> list[Evidence]:
    """All three."""
    return [_special_reviews(arrived), _passed_at_once(arrived), _deducted(arrived)]


def _special_reviews(arrived: Arrived) -> Evidence:
    """Of the cases of county hospitals, one per stay: those whose review was agreed to."""
    lists, reviews = arrived.of("settlement list"), arrived.of("special review")
    lists = lists.take(np.lexsort((lists.id, lists.end)))
    lists = lists.take(arrived.layout.is_county[lists.place])
    _, from_end = np.unique(_stay(lists.place, lists.number)[::-1], return_index=True)
    cases = lists.take(lists.rows - 1 - from_end)
    reviews = reviews.take(reviews.agreed)
    agreed = np.isin(_stay(cases.place, cases.number), _stay(reviews.place, reviews.number))
    return arrived.evidence("KPI-103", COUNTY, cases.place, cases.due, agreed, 1)


def _stay(place: np.ndarray, number: np.ndarray) -> np.ndarray:
    return place * 10**11 + number


def _passed_at_once(arrived: Arrived) -> Evidence:
    """Every list was uploaded; some were sent back."""
    lists = arrived.of("settlement list")
    return arrived.evidence("KPI-106", _INPATIENT, lists.place, lists.due, lists.passed, 1)


def _deducted(arrived: Arrived) -> Evidence:
    """Money that stayed deducted, over the fund money declared."""
    taken, declared = arrived.of("deduction"), arrived.of("clearing")
    return merged(
        arrived.evidence("KPI-107", _INPATIENT, taken.place, taken.due, taken.fen, 0),
        arrived.evidence("KPI-107", _INPATIENT, declared.place, declared.month, 0, declared.fen),
    )
