"""Slips of the pen at a counter: homophones, a birth date with day and month exchanged, the address of before the move.

Works on columns of true values; who is registered where, and with which card, is the business of registers.py.
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.text import pick
from sources.simulator.people import name_lists

_NEXT = {
    group[i]: group[(i + 1) % len(group)] for group in name_lists.SOUNDS_ALIKE for i in range(len(group))
}  # every character and the one it is mistaken for


def misheard(name: pa.Array, chosen: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """The names with one character of each chosen row replaced by one that sounds alike, and the rows that changed.

    The last character that has a double is taken; a name without one stays as it is.
    """
    rows = np.flatnonzero(chosen)
    texts = pick(name, rows).to_pylist()
    mended = [_replaced(text) for text in texts]
    changed = np.array([a != b for a, b in zip(texts, mended, strict=True)], dtype=bool)
    mask = np.zeros(len(name), dtype=bool)
    mask[rows] = True
    return pa.compute.replace_with_mask(name, pa.array(mask), pa.array(mended, pa.string())), rows[changed]


def _replaced(text: str) -> str:
    for place in range(len(text) - 1, -1, -1):
        if text[place] in _NEXT:
            return text[:place] + _NEXT[text[place]] + text[place + 1 :]
    return text


def exchanged(birth: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Birth dates (datetime64[D]) of the chosen rows with day and month exchanged where that gives another date."""
    year = birth.astype("datetime64[Y]")
    month = (birth.astype("datetime64[M]") - year.astype("datetime64[M]")).astype(np.int64)
    day = (birth - birth.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    possible = chosen & (day < 12) & (day != month)
    other = (year.astype("datetime64[M]") + np.minimum(day, 11)).astype("datetime64[D]") + month
    return np.where(possible, other, birth), np.flatnonzero(possible)


def unnamed(mother: pa.Array, sex: np.ndarray) -> pa.Array:
    """What a child is called before it has a name: 某某之子, 某某之女."""
    return pa.compute.binary_join_element_wise(mother, pick(["", "之子", "之女"], sex), "")
