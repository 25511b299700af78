"""Insurance: who is insured in a month, settlements inside the county, settlements outside (which arrive months later)."""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, Pending
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Note
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import identifier, null_where, pick
from sources.simulator.happening.stays import OUT_OF_COUNTY_SHARE, STAYS_PER_YEAR, pick_inpatients
from sources.simulator.happening.visits import EMERGENCY, VISITS_PER_YEAR, visit_key
from sources.simulator.people.name_lists import HOSPITALS_BEYOND
from sources.simulator.people.population import Residents, living
from sources.simulator.place.diseases import CHRONIC, Diseases

_REFUNDED = 0.006
_OUTPATIENT_OUT_SHARE = 0.025
_DELAYS = np.array([0.5, 0.3, 0.2])  # 1, 2, 3 months until an out-of-county settlement arrives
INPATIENT, OUTPATIENT = 1, 0


def settle_visits(
    seed: int, month: CalendarMonth, visits: Arrays, total: np.ndarray, diseases: Diseases, people
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
    month: CalendarMonth, stays: Arrays, amounts: np.ndarray, people, midterms: bool
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
        rows = Arrays({name: np.concatenate([p[name] for p in parts]) for name in parts[0]})
        rows["id"] = month.id_base * 10 + 1 + np.arange(rows.rows)
        rows["sign"], rows["original"] = np.ones(rows.rows, np.int64), np.full(rows.rows, -1)
        ends = np.cumsum([p.rows for p in parts])
        numbers = np.split(rows.id, ends[:-1])
        back = rows.take(rng.random(rows.rows) < _REFUNDED)
        back["original"], back["sign"] = back.id, np.full(back.rows, -1)
        back["due"] = back.due + rng.integers(1, 12, back.rows) * 86_400
        self._pending.put(back)
        refunds = self._pending.collect(month.end)
        if refunds is not None:
            refunds["id"] = month.id_base * 10 + 1 + rows.rows + np.arange(refunds.rows)
            rows = Arrays({name: np.concatenate([rows[name], refunds[name]]) for name in rows})
        return rows, numbers


def settlement_frame(rows: Arrays, people: Residents, layout: Layout) -> Frame:
    """si_settlement: the money adds up (total = fund + personal; personal = account + cash)."""
    parts = money(rows, people)
    sign = rows.sign
    stay = rows.kind == INPATIENT
    region = str(layout.text["region_code"])
    columns = {name: values * sign for name, values in parts.items()}
    return Frame(
        "si_settlement",
        rows.rows,
        np.full(rows.rows, -1),
        {
            "setl_id": identifier("340600S", rows.id, 12),
            "mdtrt_id": pa.compute.if_else(
                pa.array(stay),
                visit_key("340600Z", rows.institution, rows.number),
                visit_key("340600G", rows.institution, rows.number),
            ),
            "fixmedins_code": layout.codes.take(pa.array(rows.institution)),
            "psn_no": people.insurance_no.take(pa.array(rows.person)),
            "insutype": pick(["390", "310"], people.employee[rows.person].astype(np.int64)),
            "psn_type": person_types(people, rows.person),
            "med_type": pa.array(rows.med).cast(pa.string()),
            "insu_admdvs": region,
            "mdtrt_admdvs": region,
            "setl_time": rows.due,
            "begndate": rows.begin,
            "enddate": rows.end,
            **columns,
            "pool_prop_selfpay": pick(["0.7000", "0.8000"], people.employee[rows.person].astype(np.int64)),
            "clr_optins": region,
            "clr_way": "4",
            "clr_type": pick(["11", "21"], stay.astype(np.int64)),
            "refd_setl_flag": pick(["0", "1"], (sign < 0).astype(np.int64)),
            "orig_setl_id": identifier("340600S", rows.original, 12),
            "referral_flag": pick(["0", "1"], rows.referred.astype(np.int64)),
            "invono": identifier("00", rows.id % 10**8, 8),
        },
        event=rows.event,
        notes=[
            Note(rows_, "V15", "", "harmless")
            for rows_ in [np.flatnonzero(rows.midterm & (sign > 0))]
            if len(rows_)
        ],
    )


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


def person_types(people: Residents, person: np.ndarray) -> pa.Array:
    """11 in work, 12 retired, 14 adult resident, 15 minor, 16 student."""
    age, employee = people.age[person], people.employee[person]
    return pick(
        ["11", "12", "14", "15", "16"],
        np.select([employee & (age < 60), employee, age < 7, age < 20], [0, 1, 3, 4], 2),
    )


def insured_frame(seed: int, month: CalendarMonth, people: Residents, layout: Layout) -> Frame:
    """si_insured: everyone insured in the month."""
    person = np.flatnonzero(people.insured)
    person = person[living(people, person, np.full(len(person), month.start))]
    take = pa.array(person)
    home = people.home[person]
    risk = 6_000 + people.age[person] * 110 + sum(people.chronic[g][person] * 1_500 for g in people.chronic)
    return Frame(
        "si_insured",
        len(person),
        np.full(len(person), -1),
        {
            "psn_no": people.insurance_no.take(take),
            "insutype": pick(["390", "310"], people.employee[person].astype(np.int64)),
            "month": month.name,
            "insu_admdvs": str(layout.text["region_code"]),
            "psn_type": person_types(people, person),
            "assist_flag": pick(["0", "1"], (person % 29 == 0).astype(np.int64)),
            "birth_year": people.birth[person].astype("datetime64[Y]").astype(np.int64) + 1970,
            "gender": pick(["", "1", "2"], people.sex[person]),
            "resident_township": pa.compute.utf8_slice_codeunits(people.division.take(take), 0, 9),
            "alliance_id": pick(layout.alliances, home),
            "contract_org": layout.codes.take(pa.array(home)),
            "risk_score": pick([f"{n / 10_000:.4f}" for n in range(40_000)], risk.astype(np.int64)),
        },
    )


class BeyondTheCounty:
    """Care outside the county; every settlement arrives one to three months after it was made."""

    def __init__(self, seed: int):
        self.seed = seed
        self._waiting: list[Arrays] = []
        self._called = Pending()

    def call(self, rows: Arrays) -> None:
        """Someone will go outside (person, disease, due)."""
        self._called.put(rows)

    def happen(self, month: CalendarMonth, people: Residents, diseases: Diseases) -> None:
        """Let the month's settlements outside happen (also for months before the first)."""
        rng = stream(self.seed, "beyond", month.number)
        factor = month.volume() / 12
        stays = rng.poisson(people.count * STAYS_PER_YEAR * OUT_OF_COUNTY_SHARE * factor)
        visits = rng.poisson(people.count * VISITS_PER_YEAR * _OUTPATIENT_OUT_SHARE * factor)
        person, disease = pick_inpatients(rng, month, people, diseases, stays + visits)
        time = (
            month.start
            + draw(rng, month.day_weights(), stays + visits) * 86_400
            + rng.integers(480, 1_080, stays + visits) * 60
        )
        stay = np.arange(stays + visits) < stays
        called = self._called.collect(month.end)
        if called is not None:
            person, disease = (
                np.concatenate([person, called.person]),
                np.concatenate([disease, called.disease]),
            )
            time, stay = (
                np.concatenate([time, called.due]),
                np.concatenate([stay, np.ones(called.rows, bool)]),
            )
        kept = people.insured[person] & living(people, person, time)
        person, disease, time, stay = person[kept], disease[kept], time[kept], stay[kept]
        size = len(person)
        mean = np.where(stay, np.maximum(diseases.stay_cost_yuan[disease], 3_000) * 210, 42_000)
        total = (mean * rng.lognormal(-0.15, 0.55, size)).astype(np.int64)
        where = draw(rng, np.array([0.28, 0.12, 0.25, 0.2, 0.1, 0.05]), size)
        self._waiting.append(
            Arrays(
                person=person,
                disease=disease,
                due=time,
                stay=stay,
                fen=total,
                fund=total * np.where(stay, 46, 28) // 100,
                where=where,
                arrives=month.number + 1 + draw(rng, _DELAYS, size),
                filed=rng.choice([1, 2, 3], size, p=[0.6, 0.15, 0.25]),
                manual=rng.random(size) < 0.04,
                id=(month.id_base * 10 + 1 + np.arange(size)),
            )
        )

    def arrive(self, month: CalendarMonth) -> Arrays:
        """The settlements delivered in the month, whenever they were made."""
        rows = Arrays({name: np.concatenate([w[name] for w in self._waiting]) for name in self._waiting[0]})
        here = rows.arrives == month.number
        self._waiting = [rows.take(~here)]
        return rows.take(here)


def beyond_frame(rows: Arrays, people: Residents, diseases: Diseases) -> Frame:
    """si_out_of_county. Manually reimbursed ones carry no diagnosis code."""
    places = [list(column) for column in zip(*HOSPITALS_BEYOND, strict=True)]
    return Frame(
        "si_out_of_county",
        rows.rows,
        np.full(rows.rows, -1),
        {
            "setl_id": identifier("340600W", rows.id, 12),
            "psn_no": people.insurance_no.take(pa.array(rows.person)),
            "mdtrt_admdvs": pick(places[0], rows["where"]),
            "dest_level": pick(places[1], rows["where"]),
            "fixmedins_name": pick(places[2], rows["where"]),
            "med_type": pick(["11", "21"], rows.stay.astype(np.int64)),
            "setl_time": rows.due,
            "main_diag_code": null_where(diseases.insurance_codes.take(pa.array(rows.disease)), rows.manual),
            "medfee_sumamt": rows.fen,
            "fund_pay_sumamt": rows.fund,
            "referral_filed": pa.array(rows.filed).cast(pa.string()),
            "manual_flag": pick(["0", "1"], rows.manual.astype(np.int64)),
        },
        event=rows.event,
        fragile=np.zeros(rows.rows, bool),
    )
