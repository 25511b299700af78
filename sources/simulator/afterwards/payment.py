"""How the bureau pays for cases: groups of county stays (DRG) and grass-roots stays (DIP), deductions, special cases.

Not here: the settlements and lists it pays (settle_lists.py), budgets and clearing (fund.py).
"""

import numpy as np
import pyarrow as pa

from sources.simulator.afterwards.settle_lists import lists_of
from sources.simulator.ground.arrays import Arrays, concat
from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.keys import doctor_code, settlement_id
from sources.simulator.ground.text import identifier, null_where, pick, scaled
from sources.simulator.place.casebook import NOWHERE
from sources.simulator.state.happened import Happened

_ERRS, _ERRORS = (
    0.03,
    (0.6, 0.3, 0.1),
)  # share of cases with another group: another severity, another ADRG, another MDC
_STATUS = ("00", "19", "12", "11")  # by what is wrong with how the list is coded
_UNGROUPED, _UNGROUPED_WEIGHT = 6, 6_500
_RULES = [
    ("R-XB-001", "性别限定"),
    ("R-CF-002", "重复收费"),
    ("R-YL-003", "超量用药"),
    ("R-SB-004", "超标准收费"),
]


def frames(h: Happened) -> list[Frame]:
    """Every feed of this module."""
    lists = _paid(h, lists_of(h))
    county = h.layout.is_county[lists.institution]
    again = h.lists_back[0]
    grouped = [lists.take(county & ~lists.back)]
    if again.rows:
        known = _paid(h, again)
        grouped.append(known.take(h.layout.is_county[known.institution]))
    return [_drg(h, concat(grouped)), _dip(h, lists.take(~county)), _deductions(h, lists), _special(h, lists)]


def _paid(h: Happened, lists: Arrays) -> Arrays:
    """Lists that settle to the end, with weight and mean cost of their group; without one they weigh as little is known."""
    book = h.world.casebook
    lists = lists.take(~lists.midterm)
    lists["weight"] = np.where(lists.drg < 0, _UNGROUPED_WEIGHT, book.weight[lists.drg])
    lists["standard"] = np.where(lists.drg < 0, 0, book.mean_cost_fen[lists.drg])
    return lists


def _case(lists: Arrays) -> np.ndarray:
    """1 ordinary, 2 far dearer, 3 far cheaper than the group's standard, 6 in no group."""
    return np.select(
        [lists.drg < 0, lists.fen > 3 * lists.standard, lists.fen * 10 < 4 * lists.standard],
        [_UNGROUPED, 2, 3],
        1,
    )


def _drg(h: Happened, lists: Arrays) -> Frame:
    """What the bureau's grouper says; now and then it errs."""
    book, rng = h.world.casebook, h.rng("casemix/grouper")
    errs = (rng.random(lists.rows) < _ERRS) & (lists.drg >= 0) & h.world.defects
    kind = rng.choice(len(_ERRORS), lists.rows, p=_ERRORS)
    lists["drg"] = np.where(errs, book.mistaken[lists.drg, kind], lists.drg)
    h.enter("casemix result", id=lists.id, drg=lists.drg, errs=errs)
    lists = _paid(h, lists)
    adrg = np.where(lists.drg < 0, NOWHERE, book.adrg_of_drg[lists.drg])

    def told(values: np.ndarray, places: int = 0) -> pa.Array:
        return null_where(scaled(values, places) if places else values, lists.drg < 0)

    columns = {
        "setl_id": settlement_id(lists.id),
        "batch": f"{h.month.name}-P",
        "grouper_ver": "CHS-DRG 1.1",
        "mdc": pick(book.mdcs, adrg),
        "adrg": pick(book.adrgs, adrg),
        "drg_code": pick(book.drgs, lists.drg),
        "drg_name": pick(book.drg_names, lists.drg),
        "group_status": pick(_STATUS, lists.fault),
        "rw": told(lists.weight, 4),
        "base_points": told(lists.weight * 100, 4),
        "case_type": pa.array(_case(lists)).cast(pa.string()),
        "points": told(lists.weight * 100, 4),
        "inst_coef": "1.0000",
        "pay_standard": told(lists.standard),
        "fund_due": told(lists.standard * 7 // 10),
        "avg_cost_group": told(lists.standard),
        "avg_los_group": told(book.mean_los_hundredths[lists.drg], 2),
        "risk_level": pick([None, "1", "2", "3", "4"], np.where(lists.drg < 0, 0, book.risk[lists.drg])),
    }
    return platform_frame("si_drg_result", lists.rows, columns)


def _dip(h: Happened, lists: Arrays) -> Frame:
    book = h.world.casebook
    score, principal = lists.weight // 10, book.principal[lists.plan]
    case = np.where(lists.drg < 0, 1, _case(lists))
    code = pa.compute.binary_join_element_wise(
        pa.compute.utf8_slice_codeunits(pick(book.insurance_codes, principal), 0, 5), "保守治疗", ":"
    )
    columns = {
        "setl_id": settlement_id(lists.id),
        "batch": h.month.name,
        "dip_ver": "DIP 2.0",
        "dip_type": pick(["1", "3"], lists.number % 3 == 0),
        "dip_code": code,
        "dip_name": pick(book.names, principal),
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
    dear = lists.take((_case(lists) == 2) & (lists.number % 4 > 0))
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
