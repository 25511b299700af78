"""KPI-080 and 095 to 102: cases by the group they were made for, weighed by the county's policy."""

import numpy as np

from sources.simulator.ground.arrays import Arrays


def settles_to_the_end(lists: Arrays) -> np.ndarray:
    """Which of the lists of each stay is the last one: a stay is one case, however often it was settled."""
    order = np.lexsort((lists.id, lists.end))
    stay = lists.place[order] * 10**11 + lists.number[order]
    _, from_end = np.unique(stay[::-1], return_index=True)
    last = np.zeros(lists.rows, bool)
    last[order[lists.rows - 1 - from_end]] = True
    return last
