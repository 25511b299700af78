"""What was settled with the insurance: cases, and the community that answers for an insured person.

Not here: what an indicator counts of them (cost_growth.py, insured_people.py).
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import NOBODY
from sources.simulator.people.population import living


def cases(arrived: Arrived) -> Arrays:
    """Visits and stays of which a settlement stands: at the time of the last that does, `fen` and `fund` of all of them."""
    settled = arrived.of("settlement")
    key = np.column_stack([settled.institution, settled.kind, settled.number])
    case = np.unique(key, axis=0, return_inverse=True)[1].reshape(-1)
    size = int(case.max()) + 1 if len(case) else 0
    standing, fen = np.zeros(size, np.int64), np.zeros(size, np.int64)
    np.add.at(standing, case, settled.sign)
    np.add.at(fen, case, settled.sign * settled.fen)
    taken_back = np.isin(settled.id, settled.original[settled.sign < 0])
    order = np.lexsort((settled.id, settled.due, ~taken_back, settled.sign))
    last = np.zeros(size, np.int64)
    last[case[order]] = order  # of several rows of a case the last one written stays
    found = settled.take(last)
    found["fen"] = fen
    return found.take(standing > 0)


def community(arrived: Arrived, person: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Number of the alliance that answers for each person in the month of the time, NOBODY for whom no list shows then."""
    people, layout = arrived.people, arrived.layout
    begin = times.astype("datetime64[M]").astype("datetime64[s]")
    listed = people.insured[person] & living(people, person, begin)
    return np.where(listed, layout.alliance_of[people.home[person]], NOBODY)
