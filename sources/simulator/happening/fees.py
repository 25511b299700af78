"""Fee lines of visits and stays, and what an episode costs in all. Booking them is the business of fee_book.py."""

import numpy as np

from sources.simulator.ground.arrays import Arrays, concat, spread
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.happening import medicines
from sources.simulator.happening.fee_items import (
    BED,
    CATEGORIES,
    CONSULTATION,
    DRUG_0,
    EXAM_0,
    GENERAL_TREATMENT,
    LAB_0,
    NURSING,
    SELF_PAID,
    SURGERY,
    TREATMENT,
    category,
)
from sources.simulator.happening.orders import VISIT
from sources.simulator.happening.stays import nights
from sources.simulator.people.population import Residents
from sources.simulator.place.casebook import Casebook
from sources.simulator.place.diseases import Diseases

_YEARLY_INFLATION = 0.05
_CHARGED_TWICE = 0.03
_SMALL_OPERATION = 60_000
_FAR_DEARER = 0.02


def visit_lines(
    seed: int,
    month: CalendarMonth,
    visits: Arrays,
    labs: Arrays,
    exams: Arrays,
    items: Arrays,
    layout: Layout,
    people: Residents,
) -> Arrays:
    """Fee lines of the month's completed visits; `row` points at the visit."""
    rng = stream(seed, "fees/visits", month.number)
    done = np.flatnonzero(((visits.status == 1) | visits.charged) & ~people.is_test[visits.person])
    county = layout.is_county[visits.institution[done]]
    consult = _lines(
        done, np.where(county, CONSULTATION, GENERAL_TREATMENT), 1, np.where(county, 2_000, 1_000)
    )
    treated = done[(rng.random(len(done)) < 0.3) & (visits.status[done] == 1)]
    level = np.where(layout.is_county[visits.institution[treated]], 6_500, 2_600)
    treatment = _lines(treated, TREATMENT, 1, _priced(rng, level, month))
    own_labs, own_exams = labs.take(labs.source == VISIT), exams.take(exams.source == VISIT)
    parts = [
        consult,
        treatment,
        _operated(seed, month, done[visits.expert[done] >= 0]),
        _lines(own_labs.row, LAB_0 + own_labs.item, 1, own_labs.fen),
        _lines(own_exams.row, EXAM_0 + own_exams.item, 1, own_exams.fen),
        _lines(items.row, DRUG_0 + items.drug, items.quantity, items.price),
    ]
    return _sorted(parts)


def _operated(seed: int, month: CalendarMonth, operated: np.ndarray) -> Arrays:
    """What an expert from above operated at the grass roots without admitting the patient."""
    rng = stream(seed, "fees/experts", month.number)
    return _lines(operated, SURGERY, 1, _priced(rng, np.full(len(operated), _SMALL_OPERATION), month))


def stay_lines(
    seed: int, month: CalendarMonth, stays: Arrays, diseases: Diseases, layout: Layout, book: Casebook
) -> Arrays:
    """Fee lines of the stays discharged in the month; their sum is lognormal around the mean cost of the stay's group."""
    rng = stream(seed, "fees/stays", month.number)
    size = stays.rows
    days = np.maximum(nights(stays), 1)
    county = layout.is_county[stays.institution]
    group = np.where(
        stays.drg < 0, diseases.stay_cost_yuan[stays.disease] * 100, book.mean_cost_fen[stays.drg]
    )
    mean = group * np.where(county, 1.0, 0.52) * _inflation(month)
    mean = np.maximum(mean, 60_000) * (0.4 + 0.6 * days / np.maximum(diseases.stay_days[stays.disease], 1))
    total = (mean * rng.lognormal(-0.1, 0.45, size) * _far_dearer(seed, month, size)).astype(np.int64)
    every = np.arange(size)
    bed, care = np.where(county, 4_000, 2_000), np.where(county, 1_800, 1_200)
    rest = np.maximum(total - days * (bed + care), 10_000)
    surgical = diseases.departments[stays.disease] != "内科"
    shares = np.column_stack([np.where(surgical, 0.28, 0.0), np.full(size, 0.16), np.full(size, 0.2)])
    parts = [_lines(every, BED, days, bed), _lines(every, NURSING, days, care)]
    for item, share in zip((SURGERY, SELF_PAID, TREATMENT), shares.T, strict=True):
        chosen = np.flatnonzero(share > 0)
        parts.append(_lines(chosen, item, 1, (rest * share).astype(np.int64)[chosen]))
    left = rest - sum((rest * share).astype(np.int64) for share in shares.T)
    drugs = rng.integers(3, 7, size)
    row = np.repeat(every, drugs)
    drug = medicines.sample(rng, len(row))
    parts.append(_lines(row, DRUG_0 + drug, 1, (left[row] // drugs[row]).astype(np.int64)))
    return _sorted(parts)


def _lines(
    row: np.ndarray, item: np.ndarray | int, quantity: np.ndarray | int, price: np.ndarray | int
) -> Arrays:
    size = len(row)
    return Arrays(
        row=row,
        item=spread(item, size),
        quantity=spread(quantity, size),
        price=spread(price, size),
        again=np.zeros(size, bool),
    )


def charged_twice(seed: int, month: CalendarMonth, lines: Arrays, stays: Arrays, culprit: int) -> Arrays:
    """The lines of stays, some of one institution a second time (重复收费)."""
    rng = stream(seed, "anomalies/charged twice", month.number)
    again = lines.take((stays.institution[lines.row] == culprit) & (rng.random(lines.rows) < _CHARGED_TWICE))
    again["again"] = np.ones(again.rows, bool)
    return _sorted([lines, again])


def _sorted(parts: list[Arrays]) -> Arrays:
    rows = concat(parts)
    return rows.take(np.argsort(rows.row, kind="stable"))


def _far_dearer(seed: int, month: CalendarMonth, size: int) -> np.ndarray:
    """What a few stays cost beyond what their group explains."""
    rng = stream(seed, "fees/far dearer", month.number)
    return np.where(rng.random(size) < _FAR_DEARER, rng.uniform(3, 5, size), 1.0)


def _inflation(month: CalendarMonth) -> float:
    return (1 + _YEARLY_INFLATION) ** (month.number / 12)


def _priced(rng: np.random.Generator, level: np.ndarray, month: CalendarMonth) -> np.ndarray:
    return (level * rng.uniform(0.6, 1.5, len(level)) * _inflation(month)).astype(np.int64)


def totals(lines: Arrays, rows: int) -> np.ndarray:
    """Sum of the fee lines of each episode, in fen."""
    return np.bincount(lines.row, weights=lines.quantity * lines.price, minlength=rows).astype(np.int64)


def by_category(lines: Arrays, rows: int) -> np.ndarray:
    """Fen of each episode by fee category, a (rows, CATEGORIES) matrix."""
    total = np.zeros((rows, CATEGORIES), np.int64)
    np.add.at(total, (lines.row, category(lines.item)), lines.quantity * lines.price)
    return total
