"""Who carries out what stands on a fee line, and in which department: nurses, technicians, an expert
who operates, else the physician who ordered it.

Not here: what is charged (fees.py).
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import pick
from sources.simulator.happening.fee_items import DRUG_0, EXAM_0, LAB_0, NURSING, TREATMENT
from sources.simulator.place.departments import DEPARTMENT_CODES, departments_of
from sources.simulator.place.staff import NURSE, Workforce

_TECHNICIANS, _PHARMACISTS = ("41",), ("31",)


def executing(seed: int, month: CalendarMonth, lines: Arrays, workforce: Workforce) -> np.ndarray:
    """Staff number of each line."""
    rng = stream(seed, "fees/executing", month.number)
    done = np.where(lines.executor >= 0, lines.executor, lines.doctor)
    for kinds, mine in (
        ((NURSE,), np.isin(lines.item, (TREATMENT, NURSING))),
        (_TECHNICIANS, (lines.item >= LAB_0) & (lines.item < DRUG_0)),
        (_PHARMACISTS, lines.item >= DRUG_0),
    ):
        for place in np.unique(lines.institution[mine]):
            here = np.flatnonzero(mine & (lines.institution == place))
            known = workforce.of_kind(int(place), kinds, month)
            if len(known):
                done[here] = known[rng.integers(0, len(known), len(here))]
    return done


def executing_department(lines: Arrays, layout: Layout) -> pa.Array:
    """Laboratories and imaging; of everything else the line says nothing."""
    names = [[name for name, _ in departments_of(tier)] for tier in layout.tiers]
    found = np.full(lines.rows, -1)
    for name, first, last in (("检验科", LAB_0, EXAM_0), ("医学影像科", EXAM_0, DRUG_0)):
        number = np.array([each.index(name) if name in each else -1 for each in names])
        mine = (lines.item >= first) & (lines.item < last)
        found = np.where(mine, number[lines.institution], found)
    return pick(DEPARTMENT_CODES, found)
