"""Equipment, and how much of a month it is available.

Not here: what machines are used for (happening/reports.py).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.simulator.ground.frames import Frame
from sources.simulator.ground.keys import equipment_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import pick, scaled

MODALITIES = ["CT", "MR", "DR", "US", "ECG"]
_NAMES = {
    "CT": "螺旋CT",
    "MR": "1.5T磁共振",
    "DR": "数字化X线机",
    "US": "彩色超声",
    "ECG": "十二导联心电图机",
}
_VALUE_YUAN = {"CT": 4_800_000, "MR": 9_600_000, "DR": 860_000, "US": 720_000, "ECG": 28_000}
_FULL_MONTH = 400.0  # hours one machine can be open
_HOURS_PER_RESIDENT = {
    "CT": 0.0075,
    "MR": 0.0036,
}  # of the county, at its lead hospital: keeps use between 20 and 70 %


@dataclass(frozen=True)
class Equipment:
    """Arrays over machines; machines of one institution and modality are numbered one after the other."""

    institution: np.ndarray
    modality: np.ndarray  # index into MODALITIES
    hours_tenths: np.ndarray  # available hours per month × 10
    bought: np.ndarray
    first: np.ndarray  # [institution, modality] → number of the first machine, -1 without one
    machines: np.ndarray  # [institution, modality] → how many

    @property
    def size(self) -> int:
        return len(self.institution)


def make_equipment(seed: int, layout: Layout, residents: int, start: np.datetime64) -> Equipment:
    """County hospitals have everything, four of the township hospitals a CT, all townships DR, US and ECG."""
    rng = stream(seed, "equipment")
    rows = []
    for owner in range(layout.size):
        for modality in _owned(rng, layout, owner):
            needed = _hours_needed(layout.tiers[owner], modality, residents)
            count = int(np.ceil(needed / _FULL_MONTH))
            rows += [(owner, MODALITIES.index(modality), needed / count)] * count
    place, number, hours = (np.array(column) for column in zip(*rows, strict=True))
    first = np.full((layout.size, len(MODALITIES)), -1)
    first[place[::-1], number[::-1]] = np.arange(len(rows))[::-1]
    machines = np.zeros_like(first)
    np.add.at(machines, (place, number), 1)
    return Equipment(
        institution=place,
        modality=number,
        hours_tenths=np.round(hours * rng.uniform(0.85, 1.15, len(rows)) * 10).astype(np.int64),
        bought=(start - rng.integers(200, 3_000, len(rows))).astype("datetime64[D]"),
        first=first,
        machines=machines,
    )


def _owned(rng: np.random.Generator, layout: Layout, place: int) -> list[str]:
    if layout.is_village[place]:
        return ["ECG"] if rng.random() < 0.5 else []
    if layout.is_county[place]:
        return MODALITIES
    with_ct = layout.primary[: max(1, len(layout.primary) * 4 // 7)]
    return [*(["CT"] if place in with_ct else []), "DR", "US", "ECG"]


def _hours_needed(tier: str, modality: str, residents: int) -> float:
    if modality not in _HOURS_PER_RESIDENT:
        return 176.0
    share = {"county_lead": 1.0, "county": 0.7}.get(tier, 0.16)
    return max(8.0, _HOURS_PER_RESIDENT[modality] * residents * share)


def equipment_frame(equipment: Equipment, layout: Layout) -> Frame:
    """his_equipment."""
    kinds = [MODALITIES[m] for m in equipment.modality]
    code = pick(layout.codes, equipment.institution)
    return Frame(
        "his_equipment",
        equipment.size,
        layout.deliverer[equipment.institution],
        {
            "equip_id": equipment_id(np.arange(equipment.size)),
            "org_code": code,
            "owner_org": code,
            "equip_class": pa.array(kinds),
            "equip_name": pa.array([_NAMES[kind] for kind in kinds]),
            "original_value": np.array([_VALUE_YUAN[kind] * 100 for kind in kinds]),
            "buy_date": equipment.bought,
            "service_years": np.full(equipment.size, 6),
            "avail_hours_month": scaled(equipment.hours_tenths, 1),
            "status": "1",
        },
    )
