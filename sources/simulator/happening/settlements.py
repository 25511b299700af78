"""Settlements of visits and stays inside the county, the bureau's book of them, and how the money is split.

Not here: care outside the county (beyond_the_county.py), settlement lists (afterwards/settle_lists.py).
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, Pending, concat
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Note, platform_frame
from sources.simulator.ground.keys import insured_encounter_id, settlement_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import identifier, pick
from sources.simulator.happening.insured import insurance_types, person_types
from sources.simulator.happening.visits import EMERGENCY
from sources.simulator.people.population import Residents
from sources.simulator.place.diseases import CHRONIC, Diseases

_REFUNDED = 0.006
INPATIENT, OUTPATIENT = 1, 0


def settle_visits(
    seed: int, month: CalendarMonth, visits: Arrays, total: np.ndarray, diseases: Diseases, people: Residents
) -> Arrays:
    """Settlements of the month's visits of insured people, fifteen minutes after the visit; `row` is the visit's."""
    rng = stream(seed, "settlements/visits", month.number)
    insured = (
        people.insured[visits.person] & ~people.is_test[visits.person] & (visits.status == 1) & (total > 0)
    )
    row = np.flatnonzero(insured & (rng.random(visits.rows) < 0.9))
    chronic = np.isin(diseases.groups[visits.disease[row]], CHRONIC) & (visits.number[row] % 5 < 2)
    return Arrays(
        row=row,
        kind=np.full(len(row), OUTPATIENT),
        person=visits.person[row],
        institution=visits.institution[row],
        number=visits.number[row],
        begin=visits.due[row].astype("datetime64[D]"),
        end=visits.due[row].astype("datetime64[D]"),
        due=visits.due[row] + 900,
        fen=total[row],
        med=np.where(visits.kind[row] == EMERGENCY, 13, np.where(chronic, 14, 11)),
        referred=visits.referral[row] >= 0,
        midterm=np.zeros(len(row), bool),
    )


def midterm_part(amounts: np.ndarray) -> np.ndarray:
    """What of each amount is settled while the patient is still there."""
    return amounts * 6 // 10


def settle_stays(
    month: CalendarMonth, stays: Arrays, amounts: np.ndarray, people: Residents, midterms: bool
) -> list[Arrays]:
    """Settlements of the month's discharged stays of insured people: one hour after discharge, and those made halfway.

    `amounts` is the fen of each stay by fee category. With `midterms` some long stays, and all that cross a year, are
    settled twice under one mdtrt_id (V15).
    """
    total = amounts.sum(axis=1)
    insured = people.insured[stays.person] & (total > 0)
    half = _halfway(stays)
    days = (stays.due - stays.admit).astype(np.int64) // 86_400
    early = insured & midterms & (half >= month.start) & (half < stays.due) & (half > stays.admit)
    early &= _crosses_year(stays) | ((days >= 9) & (stays.number % 3 == 0))
    first = midterm_part(amounts).sum(axis=1)
    whole = _settled(stays, np.flatnonzero(insured), np.where(early, total - first, total), stays.due + 3_600)
    part = _settled(stays, np.flatnonzero(early), first, half)
    whole["begin"] = np.where(early[whole.row], half[whole.row].astype("datetime64[D]"), whole.begin)
    part["end"], part["midterm"] = part.due.astype("datetime64[D]"), np.ones(part.rows, bool)
    return [whole, part]


def _crosses_year(stays: Arrays) -> np.ndarray:
    return stays.admit.astype("datetime64[Y]") < stays.due.astype("datetime64[Y]")


def _halfway(stays: Arrays) -> np.ndarray:
    """Four in the afternoon of the middle of the stay, or of New Year's Day for those who stay over it."""
    middle = (stays.admit + (stays.due - stays.admit) // 2).astype("datetime64[D]")
    year = stays.due.astype("datetime64[Y]").astype("datetime64[D]")
    return np.where(_crosses_year(stays), year, middle).astype("datetime64[s]") + 16 * 3_600


def _settled(stays: Arrays, row: np.ndarray, total: np.ndarray, due: np.ndarray) -> Arrays:
    done = stays.take(row)
    return Arrays(
        row=row,
        kind=np.full(len(row), INPATIENT),
        person=done.person,
        institution=done.institution,
        number=done.number,
        begin=done.admit.astype("datetime64[D]"),
        end=done.due.astype("datetime64[D]"),
        due=due[row],
        fen=total[row],
        med=np.full(len(row), 21),
        referred=done.referral >= 0,
        midterm=np.zeros(len(row), bool),
    )


class SettlementBook:
    """Numbers settlements county-wide and takes some of them back a few days later (negative row)."""

    def __init__(self, seed: int, layout: Layout):
        self.seed, self.layout = seed, layout
        self._pending = Pending()

    def month(self, month: CalendarMonth, parts: list[Arrays]) -> tuple[Arrays, list[np.ndarray]]:
        """Return all settlements delivered in the month and the numbers given to each part."""
        rng = stream(self.seed, "settlements/book", month.number)
        rows = concat(parts)
        rows["id"] = month.id_base * 10 + 1 + np.arange(rows.rows)
        rows["sign"], rows["original"] = np.ones(rows.rows, np.int64), np.full(rows.rows, -1)
        ends = np.cumsum([p.rows for p in parts])
        numbers = np.split(rows.id, ends[:-1])
        back = rows.take(rng.random(rows.rows) < _REFUNDED)
        back["original"], back["sign"] = back.id, np.full(back.rows, -1)
        back["due"] = back.due + rng.integers(1, 12, back.rows) * 86_400
        self._pending.put(back)
        for refunds in self._pending.collect(month.end):
            refunds["id"] = month.id_base * 10 + 1 + rows.rows + np.arange(refunds.rows)
            rows = concat([rows, refunds])
        return rows, numbers


def settlement_frame(rows: Arrays, people: Residents, layout: Layout) -> Frame:
    """si_settlement: the money adds up (total = fund + personal; personal = account + cash)."""
    stay = rows.kind == INPATIENT
    columns = {
        "setl_id": settlement_id(rows.id),
        "mdtrt_id": insured_encounter_id(stay, rows.institution, rows.number),
        "fixmedins_code": pick(layout.codes, rows.institution),
        "psn_no": pick(people.insurance_no, rows.person),
        "insutype": insurance_types(people, rows.person),
        "psn_type": person_types(people, rows.person),
        "med_type": pa.array(rows.med).cast(pa.string()),
        "insu_admdvs": layout.region,
        "mdtrt_admdvs": layout.region,
        "setl_time": rows.due,
        "begndate": rows.begin,
        "enddate": rows.end,
        **{name: fen * rows.sign for name, fen in money(rows, people).items()},
        "pool_prop_selfpay": pick(["0.7000", "0.8000"], people.employee[rows.person]),
        "clr_optins": layout.region,
        "clr_way": "4",
        "clr_type": pick(["11", "21"], stay),
        "refd_setl_flag": pick(["0", "1"], rows.sign < 0),
        "orig_setl_id": settlement_id(rows.original),
        "referral_flag": pick(["0", "1"], rows.referred),
        "invono": identifier("00", rows.id % 10**8, 8),
    }
    notes = [Note.where(rows.midterm & (rows.sign > 0), "V15")]
    frame = platform_frame("si_settlement", rows.rows, columns, notes)
    return replace(frame, event=rows.event, subject="settlement")


def money(rows: Arrays, people: Residents) -> dict[str, np.ndarray]:
    """The split of each total in fen."""
    total, stay = rows.fen, rows.kind == INPATIENT
    own = total * 9 // 100
    first = total * 4 // 100
    scope = total - own - first
    line = np.minimum(np.where(stay, 40_000, 0), scope)
    share = np.where(stay, 72, np.where(people.employee[rows.person], 60, 50))
    pool = (scope - line) * share // 100
    serious = np.where(stay & (total > 3_000_000), (total - 3_000_000) * 30 // 100, 0)
    serious = np.minimum(serious, total - pool)
    fund = pool + serious
    personal = total - fund
    account = np.where(people.employee[rows.person], personal // 2, 0)
    zero = np.zeros(len(total), np.int64)
    return {
        "medfee_sumamt": total, "fulamt_ownpay_amt": own, "overlmt_selfpay": zero, "preselfpay_amt": first,
        "inscp_scp_amt": scope, "act_pay_dedc": line, "hifp_pay": pool, "cvlserv_pay": zero, "hifes_pay": zero,
        "hifmi_pay": serious, "hifob_pay": zero, "maf_pay": zero, "oth_pay": zero, "fund_pay_sumamt": fund,
        "psn_part_amt": personal, "acct_pay": account, "psn_cash_pay": personal - account, "hosp_part_amt": zero,
    }  # fmt: skip
