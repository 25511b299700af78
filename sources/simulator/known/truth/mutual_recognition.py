"""KPI-001: results of others recognised where they could be; and the refusals that justify doing it again."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening.orders import EXAMS, LABS
from sources.simulator.happening.recognition import REASONS
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, Evidence, merged
from sources.simulator.known.truth.neighbours import days, happened_between

IMAGING_DAYS, LAB_DAYS = 14, 7
_JUSTIFIES = ("01", "02", "04", "05")


def recognised(arrived: Arrived) -> Evidence:
    """Prompts accepted, of all but justified refusals, and of what was done unasked though others had a result."""
    prompts = arrived.of_patients("recognition")
    prompts = prompts.take(prompts.accepted | ~_justified(prompts.reason))
    labs, exams = arrived.of_patients("lab"), arrived.of_patients("exam")
    unasked_labs = labs.take(_unasked(arrived, labs, labs.item, 0, LAB_DAYS))
    unasked_exams = exams.take(_unasked(arrived, exams, same_exam(exams), len(LABS), IMAGING_DAYS))
    return merged(
        arrived.evidence(
            "KPI-001", ALL_BUT_VILLAGE, prompts.institution, prompts["apply"], prompts.accepted, 1
        ),
        arrived.evidence("KPI-001", ALL_BUT_VILLAGE, unasked_labs.institution, unasked_labs.due, 0, 1),
        arrived.evidence("KPI-001", ALL_BUT_VILLAGE, unasked_exams.institution, unasked_exams.exam, 0, 1),
    )


def justified_orders(arrived: Arrived) -> np.ndarray:
    """order_key of what was refused for a reason that justifies doing it again; laboratory items count first."""
    prompts = arrived.of_patients("recognition")
    return _prompt_key(prompts.take(~prompts.accepted & _justified(prompts.reason)))


def order_key(person: np.ndarray, institution: np.ndarray, item: np.ndarray, apply: np.ndarray) -> np.ndarray:
    """Who ordered what for whom on which day."""
    return ((person * 64 + institution) * 64 + item) * 100_000 + days(apply)


def same_exam(exams: Arrays) -> np.ndarray:
    """What makes two examinations the same: modality and part of the body."""
    parts = sorted({entry[2] for entry in EXAMS})
    return exams.modality * 100 + np.array([parts.index(entry[2]) for entry in EXAMS])[exams.item]


def _unasked(arrived: Arrived, done: Arrays, same: np.ndarray, first_item: int, within: int) -> np.ndarray:
    """True where another institution had reported the same in the days before the order, and no prompt came up."""
    person = done.person * 1_000 + same
    day = done["apply"].astype("datetime64[D]") - within
    everybody = happened_between(person, done.due, person, day, done["apply"])
    places = arrived.layout.size
    own = happened_between(
        person * places + done.place, done.due, person * places + done.institution, day, done["apply"]
    )
    order = order_key(done.person, done.institution, done.item + first_item, done["apply"])
    return (everybody > own) & ~np.isin(order, _prompt_key(arrived.of_patients("recognition")))


def _prompt_key(prompts: Arrays) -> np.ndarray:
    item = prompts.item + np.where(prompts.labs, 0, len(LABS))
    return order_key(prompts.person, prompts.institution, item, prompts["apply"])


def _justified(reason: np.ndarray) -> np.ndarray:
    """True where the reason is one that allows to do it again; accepted prompts have reason -1."""
    return np.isin(np.array([*REASONS, ""])[reason], _JUSTIFIES)
