"""Visits and stays by the number that orders and questionnaires name them by. Not here: what an indicator counts."""

import numpy as np

from sources.simulator.ground.arrays import Arrays, concat
from sources.simulator.known.truth.evidence import NOBODY

_SEEN = ("institution", "number", "department", "doctor")


class Encounters:
    """Finds the department and the doctor of a visit or stay that arrived."""

    def __init__(self, visits: Arrays, stays: Arrays, deliverer: np.ndarray):
        self._deliverer = deliverer
        rows = concat([Arrays({name: part[name] for name in _SEEN}) for part in (visits, stays)])
        key = self._key(np.arange(rows.rows) >= visits.rows, rows.institution, rows.number)
        order = np.argsort(key)
        self._keys, self._rows = key[order], rows.take(order)

    def seen_by(
        self, is_stay: np.ndarray, institution: np.ndarray, number: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Department and doctor of the visits and stays of these numbers, NOBODY of what never arrived."""
        key = self._key(is_stay, institution, number)
        place = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        found = self._keys[place] == key
        rows = self._rows.take(place)
        return np.where(found, rows.department, NOBODY), np.where(found, rows.doctor, NOBODY)

    def _key(self, is_stay: np.ndarray, institution: np.ndarray, number: np.ndarray) -> np.ndarray:
        """A deliverer numbers its visits and its stays."""
        return (self._deliverer[institution] * 10**11 + number) * 2 + is_stay
