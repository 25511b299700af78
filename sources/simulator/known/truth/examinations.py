"""KPI-012, 015, 090 and 091: examinations repeated too soon, waited for, done in a day, and finding something."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening.orders import LABS, VISIT
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, COUNTY, NOBODY, Evidence, merged
from sources.simulator.known.truth.mutual_recognition import (
    IMAGING_DAYS,
    LAB_DAYS,
    justified_orders,
    order_key,
    same_exam,
)
from sources.simulator.known.truth.neighbours import preceded
from sources.simulator.place.facilities import MODALITIES


def repeated(arrived: Arrived) -> Evidence:
    """Imaging of the same part by the same modality, and laboratory items, done again without a reason."""
    exams, labs = arrived.large_exams, arrived.of_patients("lab")
    justified = justified_orders(arrived)
    pieces = []
    for rows, thing, times, within, offset in (
        (exams, same_exam(exams), exams.exam, IMAGING_DAYS, len(LABS)),
        (labs, labs.item, labs.due, LAB_DAYS, 0),
    ):
        again = preceded(rows.person * 1_000 + thing, times, (rows.id, rows.place), within)
        order = order_key(rows.person, rows.institution, rows.item + offset, rows["apply"])
        again &= ~np.isin(order, justified)
        department, physician = arrived.ordered_by(rows)
        pieces.append(
            arrived.evidence(
                "KPI-012",
                ALL_BUT_VILLAGE,
                rows.institution,
                times,
                again,
                1,
                department=department,
                physician=physician,
            )
        )
    return merged(*pieces)


def waiting(arrived: Arrived) -> Evidence:
    """Minutes from the order to the examination; orders known to come from an emergency do not count."""
    exams, deliverer = arrived.large_exams, arrived.layout.deliverer
    known = (exams.source == VISIT) & (deliverer[exams.place] == deliverer[exams.institution])
    visit_arrived = ~np.isin(arrived.visit_key(exams), arrived.lost_emergencies)
    exams = exams.take(~(known & exams.emergency & visit_arrived))
    minutes = (exams.exam - exams["apply"]).astype(np.int64) // 60
    own = _own_departments(arrived, exams)
    found = arrived.evidence("KPI-015", COUNTY, exams.place, exams.exam, minutes, 1, department=own)
    return found.of(divisor=60, statistic="median")


def per_day(arrived: Arrived) -> Evidence:
    """Computed tomographies, by the calendar days of every institution that has a machine."""
    machines, months, ct = arrived.world.equipment, arrived.world.months, MODALITIES.index("CT")
    exams = arrived.large_exams.take(arrived.large_exams.modality == ct)
    owners = np.unique(machines.institution[machines.modality == ct])
    owner = np.tile(owners, len(months))
    month = np.repeat([m.number for m in months], len(owners))
    length = np.repeat([len(m.days) for m in months], len(owners))
    return merged(
        arrived.evidence("KPI-090", COUNTY, exams.place, exams.exam, 1, 0),
        arrived.evidence("KPI-090", COUNTY, owner, month, 0, length),
    ).of(scale=1)


def positive(arrived: Arrived) -> Evidence:
    """Large examinations whose report finds something."""
    exams = arrived.large_exams
    own = _own_departments(arrived, exams)
    return arrived.evidence("KPI-091", COUNTY, exams.place, exams.exam, exams.positive, 1, department=own)


def _own_departments(arrived: Arrived, exams: Arrays) -> np.ndarray:
    """Who ordered what was done in the same house; what another institution ordered is no department's."""
    department, _ = arrived.ordered_by(exams)
    return np.where(exams.place == exams.institution, department, NOBODY)
