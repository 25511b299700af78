"""KPI-001: results of others recognised where they could be; and the refusals that justify doing it again."""

import numpy as np

from sources.simulator.happening.orders import LABS
from sources.simulator.happening.recognition import REASONS
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, Evidence
from sources.simulator.known.truth.neighbours import days

_NOT_COUNTED, _JUSTIFIES_REPEATING = ("04", "05"), ("01", "04", "05")


def recognised(arrived: Arrived) -> Evidence:
    """Prompts accepted, of all but those refused for a reason that exempts."""
    prompts = arrived.of_patients("recognition")
    prompts = prompts.take(prompts.accepted | ~_refused_for(prompts.reason, _NOT_COUNTED))
    return arrived.evidence(
        "KPI-001", ALL_BUT_VILLAGE, prompts.institution, prompts["apply"], prompts.accepted, 1
    )


def justified_orders(arrived: Arrived) -> np.ndarray:
    """order_key of what was refused for a reason that justifies doing it again; laboratory items count first."""
    prompts = arrived.of_patients("recognition")
    prompts = prompts.take(~prompts.accepted & _refused_for(prompts.reason, _JUSTIFIES_REPEATING))
    item = prompts.item + np.where(prompts.labs, 0, len(LABS))
    return order_key(prompts.person, prompts.institution, item, prompts["apply"])


def order_key(person: np.ndarray, institution: np.ndarray, item: np.ndarray, apply: np.ndarray) -> np.ndarray:
    """Who ordered what for whom on which day."""
    return ((person * 64 + institution) * 64 + item) * 100_000 + days(apply)


def _refused_for(reason: np.ndarray, reasons: tuple[str, ...]) -> np.ndarray:
    """True where the reason is one of these; accepted prompts have reason -1."""
    return np.isin(np.array([*REASONS, ""])[reason], reasons)
