"""The bureau's settlement lists (4101A): one per settled stay with diagnoses, operations, fees, funds and intensive care.

Fees and funds add up to the settlement. Some lists are sent back (V24), some carry what software fills in (V23), and one
hospital writes a dearer diagnosis on the list than in its record (低码高编).
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.frames import Frame, Mark, Note
from sources.simulator.ground.text import identifier, join, pick
from sources.simulator.happening import fees
from sources.simulator.happening.settlements import INPATIENT, midterm_part, money
from sources.simulator.happening.stays import operation_columns, second_diagnosis
from sources.simulator.happening.visits import visit_key
from sources.simulator.place.staff import doctor_code
from sources.simulator.state.happened import Happened

_SENT_BACK = ["BILL_CODE为空", "主诊断不在有效编码内", "手术编码重复", "经办人代码为空"]
_DEARER = {
    "J20.900": "J18.900", "K29.500": "K92.208", "I10.x00x002": "I50.900", "R42.x00": "I63.900", "I25.103": "I50.900",
    "I69.300": "I63.900",
}  # fmt: skip
_JUNK, _REJECTED, _UPCODED = 0.02, 0.02, 0.6
_FUNDS = {"390": ("390100", "390200"), "310": ("310100", "330100")}


def lists_of(h: Happened) -> Arrays:
    """The month's settlement lists: inpatient settlements that were not taken back, with the row of their stay."""
    s = h.settlements
    lists = s.take((s.kind == INPATIENT) & (s.sign > 0))
    lists["disease"] = h.discharged.disease[lists.row]
    codes = h.world.diseases.codes.to_pylist()
    dearer = np.arange(len(codes))
    for lighter, heavier in _DEARER.items():
        dearer[codes.index(lighter)] = codes.index(heavier)
    at = lists.institution == h.world.culprits["低码高编"]
    chosen = at & (h.rng("anomalies/upcoding").random(lists.rows) < _UPCODED)
    lists["upcoded"] = chosen & (dearer[lists.disease] != lists.disease)
    lists["listed"] = np.where(lists.upcoded, dearer[lists.disease], lists.disease)
    return lists


def frames(h: Happened) -> list[Frame]:
    """si_settle_list and its six children."""
    lists = lists_of(h)
    return [_main(h, lists), _diagnoses(h, lists), _operations(h, lists), _intensive(h, lists), _fees(h, lists),
            _funds(h, lists), _chronic(h)]  # fmt: skip


def list_id(rows: Arrays) -> pa.Array:
    return identifier("340600S", rows.id, 12)


def _main(h: Happened, lists: Arrays) -> Frame:
    rng, people, layout, stays = h.rng("settlement lists"), h.people, h.layout, h.discharged.take(lists.row)
    split, take = money(lists, people), pa.array(lists.person)
    workers = h.world.workforce.staff
    doctor = pa.array([p.name for p in workers]).take(pa.array(stays.doctor))
    specialty = pick(["A03", "A04", "A05", "A07"], lists.disease % 4)
    days = np.maximum(
        (stays.due.astype("datetime64[D]") - stays.admit.astype("datetime64[D]")).astype(np.int64), 1
    )
    years = np.maximum(
        (stays.admit.astype("datetime64[D]") - people.birth[lists.person]).astype(np.int64) * 4 // 1461, 0
    )
    back = h.world.defects & (rng.random(lists.rows) < _REJECTED)
    junk = h.world.defects & (rng.random(lists.rows) < _JUNK)
    division = str(layout.text["region_code"])
    diseases = h.world.diseases
    columns = {
        "mdtrt_id": visit_key("340600Z", lists.institution, lists.number),
        "setl_id": list_id(lists),
        "fixmedins_code": layout.codes.take(pa.array(lists.institution)),
        "fixmedins_name": pick(layout.names, lists.institution),
        "hi_setl_lv": pick(["1", "2"], layout.is_county[lists.institution].astype(np.int64)),
        "medcasno": identifier("B", lists.person, 8),
        "psn_no": people.insurance_no.take(take),
        "psn_name": people.name.take(take),
        "gend": pick(["", "1", "2"], people.sex[lists.person]),
        "brdy": people.birth[lists.person],
        "age": pick([f"{n}.0" for n in range(125)], years),
        "ntly": "CHN",
        "naty": "01",
        "patn_cert_type": "01",
        "certno": people.id_text.take(take),
        "prfs": pick(["27", "31", "80", "90"], lists.person % 4),
        "curr_addr": pa.compute.if_else(pa.array(junk), "中国", people.address.take(take)),
        "coner_name": pa.compute.if_else(pa.array(junk), "亲人", people.name.take(pa.array(h.world.registers.guardians(lists.person)))),
        "patn_rlts": "1",
        "coner_tel": pa.compute.if_else(pa.array(junk), "120", people.phone.take(take)),
        "hi_type": pick(["390", "310"], people.employee[lists.person].astype(np.int64)),
        "insuplc": division,
        "ipt_med_type": pick(["", "1", "2"], stays.way),
        "adm_way": pick(["1", "2", "3"], np.where(stays.referral >= 0, 2, np.where(stays.number % 5 == 0, 0, 1))),
        "trt_type": pick(["1", "2.2"], (lists.institution == layout.county[1]).astype(np.int64)),
        "adm_time": stays.admit,
        "adm_caty": specialty,
        "dscg_time": stays.due,
        "dscg_caty": specialty,
        "act_ipt_days": days,
        "wm_dise_code": diseases.insurance_codes.take(pa.array(lists.listed)),
        "otp_wm_dise": diseases.names.take(pa.array(lists.listed)),
        "diag_code_cnt": 1 + (second_diagnosis(stays, diseases) >= 0),
        "maindiag_flag_cnt": np.ones(lists.rows, np.int64),
        "vent_used_dura": "0/0/0",
        "pwcry_bfadm_coma_dura": "0/0/0",
        "pwcry_afadm_coma_dura": "0/0/0",
        "lv1_nurscare_days": np.minimum(days, 2),
        "scd_nurscare_days": np.maximum(days - 2, 0),
        "dscg_way": pa.array(np.where(lists.midterm, 9, stays.leaving)).cast(pa.string()),
        "days_rinp_flag_31": pick(["0", "1"], (lists.number % 29 == 0).astype(np.int64)),
        "chfpdr_code": doctor_code(stays.doctor),
        "chfpdr_name": doctor,
        "resp_nurs_code": identifier("N340699", stays.doctor, 6),
        "bill_code": identifier("3406", lists.id % 10_000, 4),
        "bill_no": identifier("00", lists.id, 12),
        "biz_sn": identifier("BZ", lists.id, 12),
        "setl_begn_date": lists.begin,
        "setl_end_date": lists.end,
        "medfee_sumamt": lists.fen,
        "psn_selfpay": split["psn_part_amt"] - split["fulamt_ownpay_amt"],
        "psn_ownpay": split["fulamt_ownpay_amt"],
        "acct_pay": split["acct_pay"],
        "psn_cashpay": split["psn_cash_pay"],
        "hi_paymtd": pick(["3", "4"], layout.is_county[lists.institution].astype(np.int64)),
        "hsorg": "濉河县医疗保障局",
        "medins_fill_dept": pa.compute.if_else(pa.array(junk), "111111", "病案科"),
        "medins_fill_psn": join("编码员", pick(["甲", "乙", "丙"], lists.number % 3)),
        "stas_type": pick(["1", "0"], back.astype(np.int64)),
        "upload_time": np.where(back, np.datetime64("NaT"), lists.due + 86_400),
        "reject_code": pick(_SENT_BACK, np.where(back, lists.number % len(_SENT_BACK), -1)),
    }  # fmt: skip
    notes = [
        Note(np.flatnonzero(back), "V24", "", "harmless"),
        Note(np.flatnonzero(junk), "V23", "DEFAULT_VALUE", "nulled"),
    ]
    return _listed("si_settle_list", lists.rows, columns, notes=[note for note in notes if len(note.rows)])


def _diagnoses(h: Happened, lists: Arrays) -> Frame:
    """The diagnosis the list is paid by, and the second one of the record."""
    stays, diseases = h.discharged.take(lists.row), h.world.diseases
    second = second_diagnosis(stays, diseases)
    more = np.flatnonzero((second >= 0) & (second != lists.listed))
    row = np.concatenate([np.arange(lists.rows), more])
    disease = np.concatenate([lists.listed, second[more]])
    sequence = np.concatenate([np.ones(lists.rows, np.int64), np.full(len(more), 2)])
    order = np.lexsort((sequence, row))
    row, disease, sequence = row[order], disease[order], sequence[order]
    columns = {
        "setl_id": list_id(lists.take(row)),
        "seq": sequence,
        "diag_type": pa.array(sequence).cast(pa.string()),
        "diag_code": diseases.insurance_codes.take(pa.array(disease)),
        "diag_name": diseases.names.take(pa.array(disease)),
        "adm_cond_type": "1",
        "maindiag_flag": pick(["1", "0"], sequence - 1),
    }
    upcoded = np.flatnonzero(lists.upcoded[row] & (sequence == 1))
    mark = Mark(upcoded, "低码高编", lists.institution[row[upcoded]], "清单主诊断重于病案首页主诊断")
    return _listed("si_settle_diag", len(row), columns, marks=[mark] if len(upcoded) else [])


def _operations(h: Happened, lists: Arrays) -> Frame:
    """Every operation of the record, on the list that is paid at discharge."""
    done, stays = h.operations, h.discharged
    final = lists.take(~lists.midterm)
    of_stay = np.full(stays.rows, -1)
    of_stay[final.row] = np.arange(final.rows)
    done = done.take(of_stay[done.row] >= 0)
    on, told = final.take(of_stay[done.row]), operation_columns(done, stays)
    begin = told["oper_date"].astype("datetime64[s]") + 9 * 3_600
    columns = {
        "setl_id": list_id(on),
        "seq": done.sequence,
        "oprn_oprt_type": pick(["", "1", "2"], done.sequence),
        "oprn_oprt_code": told["oper_code"],
        "oprn_oprt_name": told["oper_name"],
        "oprn_oprt_begntime": begin,
        "oprn_oprt_endtime": begin + 4_200,
        "anst_way": told["anes_way"],
        "oper_dr_code": doctor_code(stays.doctor[done.row]),
    }
    return _listed("si_settle_oper", done.rows, columns)


def _intensive(h: Happened, lists: Arrays) -> Frame:
    stays = h.discharged.take(lists.row)
    ill = (stays.leaving == 5) & ~lists.midterm
    lists, stays = lists.take(ill), stays.take(ill)
    begin = stays.due - 26 * 3_600
    columns = {
        "setl_id": list_id(lists),
        "scs_cutd_ward_type": pick(["1", "3"], lists.number % 2),
        "scs_cutd_inpool_time": begin,
        "scs_cutd_exit_time": stays.due,
        "scs_cutd_sum_dura": "1/2/0",
    }
    return _listed("si_settle_icu", lists.rows, columns)


def _fees(h: Happened, lists: Arrays) -> Frame:
    """Fees by the fourteen categories of the list."""
    whole = fees.by_category(h.stay_lines, h.discharged.rows)[lists.row]
    early = midterm_part(whole)
    split = np.isin(lists.row, lists.row[lists.midterm])
    amount = np.where(lists.midterm[:, None], early, np.where(split[:, None], whole - early, whole))
    row, kind = np.nonzero(amount)
    fen = amount[row, kind]
    own, second = fen * 9 // 100, fen * 30 // 100
    columns = {
        "setl_id": list_id(lists.take(row)),
        "med_chrgitm": identifier("", kind, 2),
        "amt": fen,
        "claa_sumfee": fen - own - second,
        "clab_amt": second,
        "fulamt_ownpay_amt": own,
        "oth_amt": np.zeros(len(row), np.int64),
    }
    return _listed("si_settle_fee_item", len(row), columns)


def _funds(h: Happened, lists: Arrays) -> Frame:
    """What each fund paid; now and then a fund that does not exist with nothing paid (V23)."""
    split = money(lists, h.people)
    pool, serious = split["hifp_pay"], split["hifmi_pay"]
    junk = h.world.defects & (h.rng("defects/funds").random(lists.rows) < 0.01)
    row = np.concatenate([np.arange(lists.rows), np.flatnonzero(serious > 0), np.flatnonzero(junk)])
    part = np.repeat([0, 1, 2], [lists.rows, int((serious > 0).sum()), int(junk.sum())])
    order = np.lexsort((part, row))
    row, part = row[order], part[order]
    employee = h.people.employee[lists.person[row]].astype(np.int64)
    kinds = [*_FUNDS["390"], *_FUNDS["310"], "999998"]
    columns = {
        "setl_id": list_id(lists.take(row)),
        "fund_pay_type": pick(kinds, np.where(part == 2, 4, employee * 2 + part)),
        "fund_payamt": np.select([part == 0, part == 1], [pool[row], serious[row]], 0),
    }
    notes = [Note(rows, "V23", "", "harmless") for rows in [np.flatnonzero(part == 2)] if len(rows)]
    return _listed("si_settle_pay", len(row), columns, notes=notes)


def _chronic(h: Happened) -> Frame:
    """Settlements of outpatients with a recognised chronic disease."""
    s = h.settlements
    chronic = s.take((s.med == 14) & (s.sign > 0))
    number = chronic.number % 3
    columns = {
        "setl_id": list_id(chronic),
        "diag_name": pick(["高血压", "糖尿病", "慢性阻塞性肺疾病"], number),
        "diag_code": pick(["M03900", "M01600", "M05300"], number),
    }
    return _listed("si_settle_opsp", chronic.rows, columns)


def _listed(feed: str, size: int, columns: dict, notes=None, marks=None) -> Frame:
    return Frame(feed, size, np.full(size, -1), columns, notes=notes or [], marks=marks or [])
