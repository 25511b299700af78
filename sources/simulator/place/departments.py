"""The departments of every institution, and which of them a disease leads to. Not here: who works there (staff.py)."""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.frames import Frame
from sources.simulator.ground.layout import COUNTY_TIERS, Layout
from sources.simulator.ground.text import pick
from sources.simulator.place.diseases import Diseases

_TOWNSHIP = ["内科", "外科", "妇产科", "儿科", "骨伤科", "五官科", "皮肤科", "急诊科", "中医科"]
_COUNTY = [*_TOWNSHIP, "康复科"]
_OTHER = [("医学影像科", "2"), ("检验科", "2"), ("公卫科", "3"), ("药剂科", "5"), ("院办公室", "4")]
DEPARTMENT_CODES = [f"{n:02d}" for n in range(1, 20)]


def departments_of(tier: str) -> list[tuple[str, str]]:
    """(name, type) of an institution's departments; their codes are 01, 02, … in this order."""
    if tier == "village":
        return [("全科", "1")]
    clinical = _COUNTY if tier in COUNTY_TIERS else _TOWNSHIP
    return [(name, "1") for name in clinical] + _OTHER


def department_table(diseases: Diseases, layout: Layout) -> np.ndarray:
    """[institution, disease] → index into DEPARTMENT_CODES."""
    table = np.zeros((layout.size, len(diseases.codes)), dtype=np.int64)
    for place, tier in enumerate(layout.tiers):
        known = [name for name, _ in departments_of(tier)]
        table[place] = [known.index(d) if d in known else 0 for d in diseases.departments]
    return table


def emergency_departments(layout: Layout) -> np.ndarray:
    """Institution → index into DEPARTMENT_CODES of where emergencies are seen."""
    places = [[name for name, _ in departments_of(tier)] for tier in layout.tiers]
    return np.array([known.index("急诊科") if "急诊科" in known else 0 for known in places])


def department_frame(layout: Layout) -> Frame:
    """his_dept."""
    rows = [(i, n + 1, *d) for i, tier in enumerate(layout.tiers) for n, d in enumerate(departments_of(tier))]
    places, numbers, names, types = (np.array(column) for column in zip(*rows, strict=True))
    code = [f"{number:02d}" for number in numbers]
    return Frame(
        "his_dept",
        len(rows),
        layout.deliverer[places],
        {
            "org_code": pick(layout.codes, places),
            "dept_code": pa.array(code),
            "dept_name": pa.array(names),
            "dept_type": pa.array(types),
            "cost_center": pa.array([f"CC{c}" for c in code]),
            "ward_flag": pick(["0", "1"], (types == "1") & ~layout.is_village[places]),
        },
    )
