"""Where residents live and how to call them: telephones, addresses, statistical divisions; those of before as well."""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import digits, from_bytes, identifier, join, pick
from sources.simulator.people import name_lists


class Contacts:
    """Telephones and addresses. A family shares its address; who has no telephone gives the family's, in the village
    now and then the clinic's."""

    def __init__(
        self, seed: int, layout: Layout, village: np.ndarray, household: np.ndarray, age: np.ndarray
    ):
        rng = stream(seed, "contacts")
        total = len(age)
        family = np.maximum(household, 0)
        own = rng.random(total) < np.select([age < 16, age < 60, age < 75], [0.0, 0.9, 0.6], 0.25)
        clinic = (rng.random(total) < 0.04) & (age >= 60) & ~own
        offset = total + layout.size
        self._number = np.select([own, clinic], [layout.size + np.arange(total), village], offset + family)
        self._changed = rng.random(total) < 0.12
        self._before = self._number + offset * 2
        self._moved = rng.random(total)[family % total] < 0.08
        self._street = rng.integers(0, len(name_lists.STREETS), (total, 2))[family % total]
        self._door = rng.integers(1, 160, (total, 2))[family % total]
        names_of = [name.replace("卫生室", "").replace("卫生服务站", "") for name in layout.names]
        self._place = pick(names_of, village)

    def phone(self) -> pa.Array:
        return _phone(self._number)

    def former_phone(self) -> pa.Array:
        return _phone(np.where(self._changed, self._before, self._number))

    def address(self) -> pa.Array:
        return self._written(np.zeros(len(self._number), dtype=np.int64))

    def former_address(self) -> pa.Array:
        return self._written(self._moved.astype(np.int64))

    def _written(self, which: np.ndarray) -> pa.Array:
        row = np.arange(len(which))
        door = pa.array(self._door[row, which]).cast(pa.string())
        return join("濉河县", self._place, pick(name_lists.STREETS, self._street[row, which]), door, "号")


def _phone(number: np.ndarray) -> pa.Array:
    """Eleven digits; the first three are those of the carriers, the rest tells nothing of its owner."""
    scattered = (number.astype(np.int64) * 7_919_023 + 104_729) % 10**9
    prefixes = ["130", "135", "138", "139", "150", "158", "159", "177", "182", "187", "199"]
    return join(pick(prefixes, scattered % len(prefixes)), identifier("", scattered // 10, 8))


def divisions(layout: Layout, village: np.ndarray) -> pa.Array:
    """12-digit statistical division: county + township serial + village serial."""
    serial = np.arange(layout.size)
    town = np.searchsorted(layout.primary, layout.parent.clip(0)) + 101
    code = int(layout.region) * 1_000_000 + town * 1_000 + 200 + serial
    return from_bytes(digits(code[village], 12))
