"""The bureau's settlement lists (4101A): one per settled stay with diagnoses, operations, fees, funds and intensive care.

Fees and funds add up to the settlement. Some lists are sent back (V24), some carry what software fills in (V23), and one
hospital writes a dearer diagnosis on the list than in its record (低码高编).
"""

from typing import Any

import numpy as np
import pyarrow as pa

from sources.simulator.afterwards.front_page import age_at_admission
from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.frames import Frame, Mark, Note, platform_frame, stack
from sources.simulator.ground.keys import doctor_code, insured_stay_id, record_no, settlement_id
from sources.simulator.ground.text import either, identifier, join, null_where, pick
from sources.simulator.happening import fees
from sources.simulator.happening.cases import in_order, told_once
from sources.simulator.happening.insured import insurance_types
from sources.simulator.happening.operations import operation_columns
from sources.simulator.happening.settlements import INPATIENT, midterm_part, money
from sources.simulator.happening.stay_records import admission_way
from sources.simulator.happening.stays import DIED, NEWBORN_DAYS, nights
from sources.simulator.place.casebook import NOWHERE
from sources.simulator.place.plans import WEIGHED
from sources.simulator.state.happened import Happened

_SENT_BACK = ["BILL_CODE为空", "主诊断不在有效编码内", "手术编码重复", "经办人代码为空"]
_DEARER = {
    "J20.900": "J18.900", "K29.500": "K92.208", "I10.x00x002": "I50.900", "R42.x00": "I63.900", "I25.103": "I50.900",
    "I69.300": "I63.900",
}  # fmt: skip
_JUNK, _REJECTED, _UPCODED = 0.02, 0.02, 0.6
OUTSIDE_CAUSE, UNKNOWN_CODE, FORGOTTEN_WEIGHT = 1, 2, 3  # what is wrong with how a list is coded
_OUTSIDE, _MISTYPED, _FORGOTTEN = 0.012, 0.008, 0.15
_FAULTY = {OUTSIDE_CAUSE: "W10.x00", UNKNOWN_CODE: "QT001"}
_FUNDS = {"390": ("390100", "390200"), "310": ("310100", "330100")}


def lists_of(h: Happened) -> Arrays:
    """The month's settlement lists: inpatient settlements that were not taken back, with the row of their stay, how they are
    coded (`plan`, `others`, `fault`) and the group they belong to (`drg`)."""
    s = h.settlements
    lists = s.take((s.kind == INPATIENT) & (s.sign > 0))
    stays, book = h.discharged.take(lists.row), h.world.casebook
    diseases = h.world.diseases
    dearer = np.arange(len(diseases.codes))
    dearer[diseases.numbers(_DEARER)] = diseases.numbers(_DEARER.values())
    at = (lists.institution == h.world.culprits["低码高编"]) & ~book.operated[stays.plan]
    chosen = at & (h.rng("anomalies/upcoding").random(lists.rows) < _UPCODED)
    lists["upcoded"] = chosen & (dearer[stays.disease] != stays.disease)
    lists["disease"] = np.where(lists.upcoded, dearer[stays.disease], stays.disease)
    lists["plan"] = np.where(lists.upcoded, book.default[lists.disease], stays.plan)
    lists["others"] = told_once(stays.others, book.principal[lists.plan])
    lists["fault"] = _faults(h, lists, stays)
    lists["drg"] = np.where(lists.fault > 0, NOWHERE, book.drg(lists.plan, lists.others, lists.midterm))
    rng = h.rng("settlement lists")
    lists["back"], lists["junk"] = (
        h.world.defects & (rng.random(lists.rows) < share) for share in (_REJECTED, _JUNK)
    )
    return lists


def _faults(h: Happened, lists: Arrays, stays: Arrays) -> np.ndarray:
    """Which lists are coded so that they belong to no group: a cause from outside as principal diagnosis, a code nobody knows,
    a child that comes too early without its weight."""
    book = h.world.casebook
    rng = h.rng("casemix/lists")
    point, forgotten = rng.random(lists.rows), rng.random(lists.rows) < _FORGOTTEN
    adrg = book.adrg[lists.plan]
    asked = np.array([mdc != "A" for mdc in book.mdcs])[
        adrg
    ]  # transplants are grouped by the operation alone
    weighed = np.isin(adrg, [book.adrgs.index(adrg) for adrg in WEIGHED])
    fault = np.select(
        [forgotten & weighed, asked & (point < _OUTSIDE), asked & (point < _OUTSIDE + _MISTYPED)],
        [FORGOTTEN_WEIGHT, OUTSIDE_CAUSE, UNKNOWN_CODE],
        0,
    )
    return np.where(h.world.defects & ~lists.upcoded, fault, 0)


def frames(h: Happened) -> list[Frame]:
    """si_settle_list and its six children."""
    lists = lists_of(h)
    return [_main(h, lists), _diagnoses(h, lists), _operations(h, lists), _intensive(h, lists), _fees(h, lists),
            _funds(h, lists), _chronic(h)]  # fmt: skip


def sent_back(h: Happened) -> tuple[Arrays, Arrays]:
    """The month's lists that the bureau sent back, and their stays, row by row: they come again with the next delivery."""
    lists = lists_of(h)
    lists = lists.take(lists.back)
    return lists, h.discharged.take(lists.row)


def _main(h: Happened, lists: Arrays) -> Frame:
    """The month's lists, and those of the month before that had been sent back."""
    event = h.enter(
        "settlement list", place=lists.institution, number=lists.number, due=h.discharged.due[lists.row], end=lists.end,
        id=lists.id, passed=~lists.back,
    )  # fmt: skip
    h.enter(
        "casemix case", place=lists.institution, number=lists.number, due=h.discharged.due[lists.row], end=lists.end,
        id=lists.id, fen=lists.fen, drg=lists.drg, fault=lists.fault, upcoded=lists.upcoded, back=lists.back,
        leaving=h.discharged.leaving[lists.row], days=nights(h.discharged.take(lists.row)),
    )  # fmt: skip
    first = _told(h, lists, h.discharged.take(lists.row), event, lists.due + 86_400)
    again, stays = h.lists_back
    if not again.rows:
        return first
    mended = Arrays({**again, "back": np.zeros(again.rows, bool), "junk": np.zeros(again.rows, bool)})
    written = h.month.start + (3 + mended.number % 10) * 86_400
    entered = h.diary.read("settlement list").id
    event = np.argsort(entered)[np.searchsorted(np.sort(entered), mended.id)]
    second = _told(h, mended, stays, event, written)
    second.notes.append(Note(np.arange(second.rows), "V24", disposition="late"))
    return stack([first, second])


def _told(h: Happened, lists: Arrays, stays: Arrays, event: np.ndarray, uploaded: np.ndarray) -> Frame:
    back, junk = lists.back, lists.junk
    columns = {
        "mdtrt_id": insured_stay_id(lists.institution, lists.number),
        "setl_id": settlement_id(lists.id),
        **_insured_person(h, lists, stays),
        **_care(h, lists, stays),
        **_diagnosis(h, lists),
        **_bill(h, lists),
        "medins_fill_dept": either(junk, "111111", "病案科"),
        "medins_fill_psn": join("编码员", pick(["甲", "乙", "丙"], lists.number % 3)),
        "stas_type": pick(["1", "0"], back),
        "upload_time": np.where(back, np.datetime64("NaT"), uploaded),
        "reject_code": pick(_SENT_BACK, np.where(back, lists.number % len(_SENT_BACK), -1)),
    }
    notes = [Note.where(back, "V24"), Note.where(junk, "V23", "DEFAULT_VALUE", "nulled")]
    return platform_frame(
        "si_settle_list", lists.rows, columns, notes, event=event, subject="settlement list"
    )


def _insured_person(h: Happened, lists: Arrays, stays: Arrays) -> dict[str, Any]:
    """Who it is; where `junk`, software filled in what nobody had typed."""
    people, person, junk = h.people, lists.person, lists.junk
    guardian = pick(people.name, h.world.registers.guardians(person))
    years, days = age_at_admission(stays, people)
    newborn = (days <= NEWBORN_DAYS) & (lists.fault != FORGOTTEN_WEIGHT)
    return {
        "medcasno": record_no(person),
        "psn_no": pick(people.insurance_no, person),
        "psn_name": pick(people.name, person),
        "gend": pick(["", "1", "2"], people.sex[person]),
        "brdy": people.birth[person],
        "age": pick([f"{n}.0" for n in range(125)], years),
        "nwb_age": null_where(days, years >= 1),
        "nwb_bir_wt": null_where(stays.birth_weight, ~newborn),
        "nwb_adm_wt": null_where(stays.birth_weight * 97 // 100, ~newborn),
        "ntly": "CHN",
        "naty": "01",
        "patn_cert_type": "01",
        "certno": pick(people.id_text, person),
        "prfs": pick(["27", "31", "80", "90"], person % 4),
        "curr_addr": either(junk, "中国", pick(people.address, person)),
        "coner_name": either(junk, "亲人", guardian),
        "patn_rlts": "1",
        "coner_tel": either(junk, "120", pick(people.phone, person)),
        "hi_type": insurance_types(people, person),
        "insuplc": h.layout.region,
    }


def _care(h: Happened, lists: Arrays, stays: Arrays) -> dict[str, Any]:
    """Where, when and by whom the patient was treated."""
    layout, place = h.layout, lists.institution
    specialty = pick(["A03", "A04", "A05", "A07"], stays.disease % 4)
    days = np.maximum(nights(stays), 1)
    return {
        "fixmedins_code": pick(layout.codes, place),
        "fixmedins_name": pick(layout.names, place),
        "hi_setl_lv": pick(["1", "2"], layout.is_county[place]),
        "ipt_med_type": pick(["", "1", "2"], stays.way),
        "adm_way": admission_way(stays),
        "trt_type": pick(["1", "2.2"], place == layout.county[1]),
        "adm_time": stays.admit,
        "adm_caty": specialty,
        "dscg_time": stays.due,
        "dscg_caty": specialty,
        "act_ipt_days": days,
        "vent_used_dura": "0/0/0",
        "pwcry_bfadm_coma_dura": "0/0/0",
        "pwcry_afadm_coma_dura": "0/0/0",
        "lv1_nurscare_days": np.minimum(days, 2),
        "scd_nurscare_days": np.maximum(days - 2, 0),
        "dscg_way": pa.array(np.where(lists.midterm, 9, stays.leaving)).cast(pa.string()),
        "days_rinp_flag_31": pick(["0", "1"], lists.number % 29 == 0),
        "chfpdr_code": doctor_code(stays.doctor),
        "chfpdr_name": h.world.workforce.names(stays.doctor),
        "resp_nurs_code": identifier("N340699", stays.doctor, 6),
    }


def _diagnosis(h: Happened, lists: Arrays) -> dict[str, Any]:
    code, name = _principal(h, lists)
    return {
        "wm_dise_code": code,
        "otp_wm_dise": name,
        "diag_code_cnt": 1 + (lists.others >= 0).sum(axis=1),
        "maindiag_flag_cnt": np.ones(lists.rows, np.int64),
    }


def _principal(h: Happened, lists: Arrays) -> tuple[pa.Array, pa.Array]:
    """Code and name of the principal diagnosis as the list says it."""
    book = h.world.casebook
    number, faulty = book.principal[lists.plan], np.isin(lists.fault, list(_FAULTY))
    code, name = pick(book.insurance_codes, number), pick(book.names, number)
    wrong = pick([_FAULTY.get(n) for n in range(UNKNOWN_CODE + 1)], np.where(faulty, lists.fault, -1))
    return either(faulty, wrong, code), name


def _bill(h: Happened, lists: Arrays) -> dict[str, Any]:
    split = money(lists, h.people)
    return {
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
        "hi_paymtd": pick(["3", "4"], h.layout.is_county[lists.institution]),
        "hsorg": "濉河县医疗保障局",
    }


def _diagnoses(h: Happened, lists: Arrays) -> Frame:
    """The diagnosis the list is paid by, and what stands beside it in the record."""
    book = h.world.casebook
    beside, place, other = in_order(lists.others)
    row = np.concatenate([np.arange(lists.rows), beside])
    sequence = np.concatenate([np.ones(lists.rows, np.int64), place + 1])
    code, name = _principal(h, lists)
    order = np.lexsort((sequence, row))
    row, sequence = row[order], sequence[order]
    take = pa.array(order)
    columns = {
        "setl_id": settlement_id(lists.id[row]),
        "seq": sequence,
        "diag_type": pick(["1", "2"], sequence > 1),
        "diag_code": pa.concat_arrays([code, pick(book.insurance_codes, other)]).take(take),
        "diag_name": pa.concat_arrays([name, pick(book.names, other)]).take(take),
        "adm_cond_type": "1",
        "maindiag_flag": pick(["1", "0"], sequence > 1),
    }
    upcoded = lists.upcoded[row] & (sequence == 1)
    mark = Mark.where(upcoded, "低码高编", lists.institution[row], "清单主诊断重于病案首页主诊断")
    return platform_frame("si_settle_diag", len(row), columns, marks=[mark])


def _operations(h: Happened, lists: Arrays) -> Frame:
    """Every operation of the record, on the list that is paid at discharge."""
    done, stays = h.operations, h.discharged
    final = lists.take(~lists.midterm)
    of_stay = np.full(stays.rows, -1)
    of_stay[final.row] = np.arange(final.rows)
    done = done.take(of_stay[done.row] >= 0)
    on, told = final.take(of_stay[done.row]), operation_columns(done, stays, h.world.casebook)
    begin = told["oper_date"].astype("datetime64[s]") + 9 * 3_600
    columns = {
        "setl_id": settlement_id(on.id),
        "seq": done.sequence,
        "oprn_oprt_type": pick(["", "1", "2"], done.sequence),
        "oprn_oprt_code": told["oper_code"],
        "oprn_oprt_name": told["oper_name"],
        "oprn_oprt_begntime": begin,
        "oprn_oprt_endtime": begin + 4_200,
        "anst_way": told["anes_way"],
        "oper_dr_code": doctor_code(stays.doctor[done.row]),
    }
    return platform_frame("si_settle_oper", done.rows, columns)


def _intensive(h: Happened, lists: Arrays) -> Frame:
    stays = h.discharged.take(lists.row)
    ill = (stays.leaving == DIED) & ~lists.midterm
    lists, stays = lists.take(ill), stays.take(ill)
    begin = stays.due - 26 * 3_600
    columns = {
        "setl_id": settlement_id(lists.id),
        "scs_cutd_ward_type": pick(["1", "3"], lists.number % 2),
        "scs_cutd_inpool_time": begin,
        "scs_cutd_exit_time": stays.due,
        "scs_cutd_sum_dura": "1/2/0",
    }
    return platform_frame("si_settle_icu", lists.rows, columns)


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
        "setl_id": settlement_id(lists.id[row]),
        "med_chrgitm": identifier("", kind, 2),
        "amt": fen,
        "claa_sumfee": fen - own - second,
        "clab_amt": second,
        "fulamt_ownpay_amt": own,
        "oth_amt": np.zeros(len(row), np.int64),
    }
    return platform_frame("si_settle_fee_item", len(row), columns)


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
        "setl_id": settlement_id(lists.id[row]),
        "fund_pay_type": pick(kinds, np.where(part == 2, 4, employee * 2 + part)),
        "fund_payamt": np.select([part == 0, part == 1], [pool[row], serious[row]], 0),
    }
    return platform_frame("si_settle_pay", len(row), columns, [Note.where(part == 2, "V23")])


def _chronic(h: Happened) -> Frame:
    """Settlements of outpatients with a recognised chronic disease."""
    s = h.settlements
    chronic = s.take((s.med == 14) & (s.sign > 0))
    number = chronic.number % 3
    columns = {
        "setl_id": settlement_id(chronic.id),
        "diag_name": pick(["高血压", "糖尿病", "慢性阻塞性肺疾病"], number),
        "diag_code": pick(["M03900", "M01600", "M05300"], number),
    }
    return platform_frame("si_settle_opsp", chronic.rows, columns)
