"""How the bureau pays for cases: groups of county stays (DRG) and grass-roots stays (DIP), deductions, special cases.

Not here: the settlements and lists it pays (settle_lists.py), budgets and clearing (fund.py).
"""

import numpy as np
import pyarrow as pa

from sources.simulator.afterwards.settle_lists import lists_of
from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.keys import doctor_code, settlement_id
from sources.simulator.ground.text import identifier, pick, scaled
from sources.simulator.state.happened import Happened

# ICD category → major category, group, name, weight × 10 000
_GROUPS = {
    "J06": ("E", "ES3", "呼吸系统感染/炎症", 4_200), "J20": ("E", "ES3", "呼吸系统感染/炎症", 4_600),
    "J18": ("E", "ES2", "肺炎", 7_900), "J44": ("E", "ER1", "慢性气道阻塞病", 8_800), "I63": ("B", "BR2", "脑缺血性疾患", 10_900),
    "I69": ("B", "BY2", "脑血管病后遗症", 8_100), "I10": ("F", "FV1", "高血压", 5_200), "I20": ("F", "FR2", "心绞痛", 8_400),
    "I25": ("F", "FR3", "冠状动脉粥样硬化", 7_700), "I50": ("F", "FR1", "心力衰竭", 11_300), "E11": ("K", "KS1", "糖尿病", 6_900),
    "K80": ("H", "HC2", "胆囊切除", 13_800), "K35": ("G", "GD2", "阑尾切除", 10_800), "M51": ("I", "IU2", "颈腰背疾患", 5_900),
    "S72": ("I", "IC2", "髋关节手术", 34_000), "O80": ("O", "OZ1", "阴道分娩", 5_100), "C34": ("R", "RE1", "恶性肿瘤", 14_200),
}  # fmt: skip
_OTHER = ("Z", "ZZ1", "其他", 6_500)
_POINT_FEN = 85  # per thousandth of a weight
_RULES = [
    ("R-XB-001", "性别限定"),
    ("R-CF-002", "重复收费"),
    ("R-YL-003", "超量用药"),
    ("R-SB-004", "超标准收费"),
]


def frames(h: Happened) -> list[Frame]:
    """Every feed of this module."""
    lists = lists_of(h)
    lists = lists.take(~lists.midterm)
    category = h.world.diseases.category[lists.listed]
    groups = [_GROUPS.get(c, _OTHER) for c in h.world.diseases.categories]
    lists["group"], lists["weight"] = category, np.array([g[3] for g in groups])[category]
    lists["standard"] = lists.weight * _POINT_FEN
    county = h.layout.is_county[lists.institution]
    return [
        _drg(h, lists.take(county), groups), _dip(h, lists.take(~county)), _deductions(h, lists), _special(h, lists),
    ]  # fmt: skip


def _case(lists: Arrays) -> np.ndarray:
    """1 ordinary, 2 far dearer, 3 far cheaper than the group's standard."""
    return np.select([lists.fen > 3 * lists.standard, lists.fen * 10 < 4 * lists.standard], [2, 3], 1)


def _drg(h: Happened, lists: Arrays, groups: list[tuple]) -> Frame:
    code = [f"{g[1]}{number % 3 * 2 + 1}" for number, g in enumerate(groups)]
    points = scaled(lists.weight * 100, 4)
    columns = {
        "setl_id": settlement_id(lists.id),
        "batch": f"{h.month.name}-P",
        "grouper_ver": "CHS-DRG 1.1",
        "mdc": pick([g[0] for g in groups], lists.group),
        "adrg": pick([g[1] for g in groups], lists.group),
        "drg_code": pick(code, lists.group),
        "drg_name": pick([g[2] for g in groups], lists.group),
        "group_status": "00",
        "rw": scaled(lists.weight, 4),
        "base_points": points,
        "case_type": pa.array(_case(lists)).cast(pa.string()),
        "points": points,
        "inst_coef": "1.0000",
        "pay_standard": lists.standard,
        "fund_due": lists.standard * 7 // 10,
        "avg_cost_group": lists.standard,
        "avg_los_group": "8.10",
        "risk_level": pick(["1", "2", "3", "4"], lists.weight // 8_000 % 4),
    }
    return platform_frame("si_drg_result", lists.rows, columns)


def _dip(h: Happened, lists: Arrays) -> Frame:
    diseases = h.world.diseases
    score = lists.weight // 10
    case = _case(lists)
    code = pa.compute.binary_join_element_wise(
        pa.compute.utf8_slice_codeunits(pick(diseases.codes, lists.listed), 0, 5), "保守治疗", ":"
    )
    columns = {
        "setl_id": settlement_id(lists.id),
        "batch": h.month.name,
        "dip_ver": "DIP 2.0",
        "dip_type": pick(["1", "3"], lists.number % 3 == 0),
        "dip_code": code,
        "dip_name": pick(diseases.names, lists.listed),
        "base_score": scaled(score * 100, 2),
        "severity_coef": "1.0000",
        "age_coef": "1.0000",
        "tumor_coef": "1.0000",
        "aux_coef": "1.0000",
        "inst_coef": "0.9200",
        "deviation": pick(["", "0", "1", "2"], case),
        "deviation_score": "0.00",
        "final_score": scaled(score * 92, 2),
        "budget_unit_price": "8.5000",
        "clear_point_value": "8.5000",
        "pay_amount": score * 92 * 85 // 100,
    }
    return platform_frame("si_dip_result", lists.rows, columns)


def _deductions(h: Happened, lists: Arrays) -> Frame:
    rng = h.rng("deductions")
    caught = lists.take(rng.random(lists.rows) < 0.05)
    rule = rng.integers(0, len(_RULES), caught.rows)
    appeal = rng.choice(4, caught.rows, p=[0.6, 0.1, 0.12, 0.18])
    amount = np.maximum(caught.fen * 2 // 100, 500)
    final = np.where(appeal == 2, 0, amount)
    event = h.enter("deduction", place=caught.institution, due=caught.due, fen=final)
    columns = {
        "ded_id": identifier("KK", caught.id, 12),
        "setl_id": settlement_id(caught.id),
        "rule_code": pick([r[0] for r in _RULES], rule),
        "rule_name": pick([r[1] for r in _RULES], rule),
        "amount": amount,
        "org_code": pick(h.layout.codes, caught.institution),
        "dept_code": identifier("", 1 + caught.number % 9, 2),
        "doctor_code": doctor_code(h.discharged.doctor[caught.row]),
        "appeal_status": pick(["0", "1", "2", "3"], appeal),
        "final_amount": final,
    }
    return platform_frame("si_deduction", caught.rows, columns, event=event, subject="deduction")


def _special(h: Happened, lists: Arrays) -> Frame:
    dear = lists.take((_case(lists) == 2) & (lists.number % 2 == 0))
    agreed = dear.number % 3 > 0
    event = h.enter("special review", place=dear.institution, number=dear.number, agreed=agreed)
    columns = {
        "sc_id": identifier("DY", dear.id, 12),
        "setl_id": settlement_id(dear.id),
        "reason": pick(["01", "02", "04"], dear.number % 3),
        "result": pick(["2", "1"], agreed),
        "adj_amount": np.where(agreed, (dear.fen - dear.standard) // 2, 0),
    }
    return platform_frame("si_special_case", dear.rows, columns, event=event, subject="special review")
