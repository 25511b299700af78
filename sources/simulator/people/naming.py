"""What residents are called: surnames as frequent as in the country, given names of their generation, families alike.

Names collide on purpose: a county has several people called the same, some of them with the same birthday. Not here: how
a clerk misspells them (slips.py).
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import either, join, pick
from sources.simulator.people import name_lists

_RARE = 0.004
_SIBLINGS_ALIKE = 0.3  # share of siblings of one sex who carry the same first character (字辈)


def surname_weights() -> np.ndarray:
    """Relative frequency of each surname: known shares first, the others sharing what is left evenly."""
    known = np.array(name_lists.SURNAME_PER_MILLE, dtype=float)
    rest = len(name_lists.SURNAMES) - len(known)
    return np.concatenate([known, np.full(rest, (1_000 - known.sum()) / rest)])


def full_names(
    seed: int,
    surname: np.ndarray,
    sex: np.ndarray,
    birth: np.ndarray,
    household: np.ndarray,
    twin: np.ndarray,
) -> pa.Array:
    """One name per resident. `twin` holds the index of the twin born earlier, -1 without one."""
    rng = stream(seed, "names")
    size = len(surname)
    generation = _generation(birth)
    group = generation * 2 + (sex == 2)
    first, second = _characters(rng, group), _characters(rng, group)
    sibling = np.arange(size) - 1
    alike = (sibling >= 0) & (household == household[sibling]) & (group == group[sibling])
    alike &= (generation == 2) & (rng.random(size) < _SIBLINGS_ALIKE)
    for chosen, whom in ((alike, sibling), (twin >= 0, twin)):
        first = np.where(chosen & (group == group[whom]), first[whom], first)
    single = rng.random(size) * 100 < np.array(name_lists.SINGLE_PER_CENT)[generation]
    single &= twin < 0
    given = np.where(single, "", _text(group, second))
    given = np.char.add(_text(group, first), np.where(given == _text(group, first), "", given))
    rare = pick(name_lists.RARE_GIVEN, rng.integers(0, len(name_lists.RARE_GIVEN), size))
    chosen = either(rng.random(size) < _RARE, rare, pa.array(given))
    return join(pick(name_lists.SURNAMES, surname), chosen)


def one_name(rng: np.random.Generator, sex: int, birth: np.datetime64) -> str:
    """The name of one person without a family in the simulation."""
    group = (_generation(np.array([birth])) * 2 + (sex == 2)).astype(np.int64)
    surname = name_lists.SURNAMES[int(draw(rng, surname_weights(), 1)[0])]
    return surname + "".join(_text(group, _characters(rng, group))[0] for _ in range(2))


def _generation(birth: np.ndarray) -> np.ndarray:
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    return np.searchsorted([end for end, _, _ in name_lists.GENERATIONS], year, side="right")


def _characters(rng: np.random.Generator, group: np.ndarray) -> np.ndarray:
    """A character of each person's generation and sex, the first ones far more often than the last."""
    position = np.zeros(len(group), dtype=np.int64)
    for number, characters in enumerate(_LISTS):
        here = np.flatnonzero(group == number)
        weight = 1 / (np.arange(len(characters)) + 20.0)
        position[here] = draw(rng, weight, len(here))
    return position


_LISTS = [characters for _, men, women in name_lists.GENERATIONS for characters in (men, women)]
_TABLE = np.array([list(characters.ljust(max(map(len, _LISTS)))) for characters in _LISTS])


def _text(group: np.ndarray, position: np.ndarray) -> np.ndarray:
    return _TABLE[group, np.minimum(position, _TABLE.shape[1] - 1)]
