"""The catalogue of everything that can stand on a fee line: services, laboratory groups, examinations, drugs.

Lines name an item by its number in the catalogue. Not here: what is charged for whom (fees.py).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.text import either, pick
from sources.simulator.happening import medicines
from sources.simulator.happening.orders import EXAMS, LABS

# item code, insurance code, name, fee category
_SERVICES = [
    ("110200001", "001102000010000-110200001", "普通门诊诊察费", "02"),
    ("120000001", "001200000010000-120000001", "一般诊疗费", "12"),
    ("310000001", "003100000010000-310000001", "治疗费", "05"),
    ("110900001", "001109000010000-110900001", "普通病房床位费", "01"),
    ("120100003", "001201000030000-120100003", "二级护理", "07"),
    ("330000001", "003300000010000-330000001", "手术费", "06"),
    ("C00000001", "C03010100100000000010000001", "卫生材料", "08"),
]


def _catalogue() -> list[tuple[str, str | None, str, str]]:
    """Item code, insurance code, name, fee category."""
    labs = [(code, f"0025{code[-3:]}010010000-{code}", name, "04") for code, name, _ in LABS]
    exams = [
        (code, f"0021{code[-3:]}010010000-{code}", f"{part}{modality}", "03")
        for code, modality, part, _ in EXAMS
    ]
    kinds = [f"{k:02d}" for k in medicines.drug_type(np.arange(len(medicines.drug_codes())))]
    columns = (medicines.drug_codes(), medicines.insurance_codes(), medicines.drug_names())
    drugs = list(zip(*(c.to_pylist() for c in columns), kinds, strict=True))
    return [*_SERVICES, *labs, *exams, *drugs]


_ITEMS = _catalogue()
_CATEGORY = np.array([int(entry[3]) for entry in _ITEMS])
CONSULTATION, GENERAL_TREATMENT, TREATMENT, BED, NURSING, SURGERY, SELF_PAID = range(len(_SERVICES))
CATEGORIES = 15  # the fourteen of the settlement list, counted from 1
LAB_0, EXAM_0 = len(_SERVICES), len(_SERVICES) + len(LABS)
DRUG_0 = EXAM_0 + len(EXAMS)


def category(item: np.ndarray) -> np.ndarray:
    """Fee category (1 … 14) of catalogue numbers."""
    return _CATEGORY[item]


def is_drug(item: np.ndarray) -> np.ndarray:
    return item >= DRUG_0


def item_column(item: np.ndarray, which: int) -> pa.Array:
    """Of catalogue numbers the local code (0), the insurance code (1), the name (2) or the fee category (3)."""
    return pick([entry[which] for entry in _ITEMS], item)


def local_code(lines: Arrays, layout: Layout) -> pa.Array:
    """The hospital's own item code; one hospital has several for one insurance code, by price (V20)."""
    code = item_column(lines.item, 0)
    several = (lines.institution == layout.county[1]) & ~is_drug(lines.item) & (lines.price % 2 == 1)
    return either(several, pc.binary_join_element_wise(code, "2", "-"), code)


def paid_by_patients(item: np.ndarray) -> pa.Array:
    """Share of the price that no fund pays."""
    return pick(["0.0000", "0.1000", "1.0000"], np.where(item == SELF_PAID, 2, item % 2))


def catalogue_points() -> list[tuple[str, int, int, dict[str, int] | None]]:
    """What the county's catalogue gives for one unit of an item: code, work and risk in ten-thousandths of a point, shares of the
    roles in per cent (None: those of its class). Beds, drugs and consumables have no points.
    """
    splits = {NURSING: {"executing": 100}} | {
        n: {"ordering": 10, "executing": 90} for n in range(LAB_0, EXAM_0)
    }
    return [(_ITEMS[item][0], work, risk, splits.get(item)) for item, (work, risk) in points_of().items()]


def points_of() -> dict[int, tuple[int, int]]:
    """{catalogue number: work and risk in ten-thousandths of a point}."""
    worth = {CONSULTATION: 4_000, GENERAL_TREATMENT: 4_500, TREATMENT: 3_200, NURSING: 1_500, SURGERY: 60_000}
    worth |= {item: 900 + 50 * (item - LAB_0) for item in range(LAB_0, EXAM_0)}
    worth |= {item: 2_500 + 100 * (item - EXAM_0) for item in range(EXAM_0, DRUG_0)}
    return {item: (work, 200 + 300 * (item % 2)) for item, work in worth.items()}
