"""How a stay is coded: the plan it follows, the complications and companions written beside it, a newborn's weight.

Whoever is ill of what is decided already (stays.py); here a stay gets a group first and then the codes that lead there. Not here:
what the codes of a plan are (place/casebook.py), what is written of them (stay_records.py, operations.py, settle_lists.py).
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.happening.stays import DAY_SURGERY, LAST
from sources.simulator.place.casebook import NOWHERE, Casebook

# share of cases with a major complication, with an ordinary one; of those that end with death
_COMPLICATED, _FATAL = (0.10, 0.28), (0.55, 0.25)
_SECOND_COMPLICATION, _VOID, _COMPANION = 0.3, 0.06, (0.55, 0.3)


def coded(seed: int, month: CalendarMonth, stays: Arrays, layout: Layout, book: Casebook) -> Arrays:
    """Give stays their `plan`, `others` (further diagnoses, one row each), `drg` and `birth_weight` (grams)."""
    rng = stream(seed, "casemix", month.number)
    size = stays.rows
    share = book.operated_share[stays.disease]
    wanted = (rng.random(size) < share) | ((stays.way == DAY_SURGERY) & (share > 0))
    stays["plan"] = book.draw(
        stays.disease, wanted & layout.is_county[stays.institution], rng.random(size) * 0.999_999
    )
    stays["others"] = _others(rng, stays, book)
    least, most = book.birth_weight[stays.plan].T
    stays["birth_weight"] = least + (rng.random(size) * (most - least)).astype(np.int64)
    stays["drg"] = book.drg(stays.plan, stays.others)
    return stays


def _others(rng: np.random.Generator, stays: Arrays, book: Casebook) -> np.ndarray:
    """Numbers of further diagnoses: what belongs to the plan, what counts for nothing, complications, companions."""
    size, plan = stays.rows, stays.plan
    fatal = (stays.kind == LAST)[:, None]
    major, minor = np.where(fatal, _FATAL, _COMPLICATED).T
    point = rng.random(size)
    level = np.select([point < major, point < major + minor], [2, 1], 0)
    again = np.where(rng.random(size) < _SECOND_COMPLICATION, np.minimum(level, 1), 0)
    void = np.where(rng.random(size) < _VOID, book.own_group[plan], NOWHERE)
    columns = [
        book.second[plan],
        void,
        _complication(rng, level, plan, book),
        _complication(rng, again, plan, book),
    ]
    grown = book.pool[plan] == 0
    for chance in _COMPANION:
        which = book.companions[rng.integers(0, len(book.companions), size)]
        columns.append(np.where(grown & (rng.random(size) < chance), which, NOWHERE))
    return told_once(np.column_stack(columns), book.principal[plan])


def _complication(
    rng: np.random.Generator, level: np.ndarray, plan: np.ndarray, book: Casebook
) -> np.ndarray:
    """A complication of each level (0: none) from the pool of the plan's patients."""
    point, found = rng.random(len(level)), np.full(len(level), NOWHERE)
    for pool, levels in enumerate(book.complications):
        for number, codes in enumerate(levels, start=1):
            here = (book.pool[plan] == pool) & (level == number)
            found[here] = codes[(point[here] * len(codes)).astype(np.int64)]
    return found


def told_once(others: np.ndarray, principal: np.ndarray) -> np.ndarray:
    """Without what repeats the principal diagnosis or one told before."""
    kept = np.where(others == principal[:, None], NOWHERE, others)
    for column in range(1, kept.shape[1]):
        repeated = (kept[:, :column] == kept[:, [column]]).any(axis=1)
        kept[repeated, column] = NOWHERE
    return kept


def in_order(others: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, place from 1 and number of every further diagnosis."""
    row, column = np.nonzero(others >= 0)
    place = (others >= 0).cumsum(axis=1)[row, column]
    return row, place, others[row, column]
