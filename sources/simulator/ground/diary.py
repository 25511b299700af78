"""The diary: every true event the truth needs, numbered per subject, with a mark for those that never arrived.

Not here: what an indicator makes of an event (known/truth).
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays, concat


class Diary:
    """Slim copies of events by subject. Numbers run from 0; `alive` is False for events lost in delivery."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Arrays]] = {}
        self._sizes: dict[str, int] = {}
        self._lost: dict[str, list[np.ndarray]] = {}
        self._amended: dict[str, list[tuple[np.ndarray, Arrays]]] = {}

    def write(self, subject: str, rows: Arrays, columns: tuple[str, ...]) -> np.ndarray:
        """Enter the given columns of the rows; return the numbers of the new events."""
        first = self._sizes.get(subject, 0)
        self._parts.setdefault(subject, []).append(Arrays({name: rows[name].copy() for name in columns}))
        self._sizes[subject] = first + rows.rows
        return np.arange(first, first + rows.rows)

    def amend(self, subject: str, events: np.ndarray, rows: Arrays, columns: tuple[str, ...]) -> None:
        """Correct the given columns of events already entered; the last word counts."""
        self._amended.setdefault(subject, []).append(
            (events, Arrays({name: rows[name].copy() for name in columns}))
        )

    def lose(self, subject: str, events: np.ndarray) -> None:
        """These events were delivered in rows that cannot be used; -1 is the row of no event."""
        self._lost.setdefault(subject, []).append(events[events >= 0])

    def latest(self, subject: str) -> Arrays:
        """The events of a subject that were entered last, as they were entered."""
        return Arrays(self._parts[subject][-1])

    def read(self, subject: str) -> Arrays:
        """All events of a subject in the order of their numbers, with the column `alive`."""
        rows = concat(self._parts[subject])
        for events, mended in self._amended.get(subject, []):
            for name, values in mended.items():
                rows[name][events] = values
        rows["alive"] = np.ones(rows.rows, bool)
        for events in self._lost.get(subject, []):
            rows["alive"][events] = False
        return rows
