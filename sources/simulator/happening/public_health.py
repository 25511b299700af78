"""The public-health platform: health records, family-doctor contracts, chronic files, hypertension follow-ups."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Mark, Note
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import identifier, join, null_where, pick, running_number
from sources.simulator.happening.visits import staff_ids
from sources.simulator.people import slips
from sources.simulator.people.population import Residents, living
from sources.simulator.place.staff import Workforce

_COVERAGE, _SIGNED, _ENROLLED = 0.92, 0.58, 0.72
_CONTROLLED = 0.45
_COPIED = 0.004  # people whose health record was made more than once
_UNAWARE = 0.15  # of those an institution had not signed, whom it signs without their knowing
_MISHEARD, _FORMER_PHONE = 0.01, 0.3


@dataclass(frozen=True)
class PublicHealth:
    """Arrays over residents: health record, contract and hypertension file, each with the day it began (NaT = none)."""

    created: np.ndarray
    signed: np.ndarray
    enrolled: dict[str, np.ndarray]
    copies: np.ndarray  # voided records besides the own one (V30): 0, 1 or 2
    copy_serial: np.ndarray  # number of the first copy within the village
    unaware: np.ndarray  # people who were signed without knowing (虚假签约)


def make_public_health(
    seed: int, people: Residents, months: list[CalendarMonth], defects: bool, culprits: dict[str, int]
) -> PublicHealth:
    """Decide who has what; 3 % of it begins during the simulated months. One institution signs people on its last day."""
    rng = stream(seed, "public health")
    start = months[0].value.astype("datetime64[D]")
    span = int((months[-1].last_day - start).astype(int))
    size = people.count

    def begin(share: float, years: int, chosen=None) -> np.ndarray:
        have = (rng.random(size) < share) & (True if chosen is None else chosen)
        old = start - 1 - rng.integers(0, 365 * years, size)
        new = start + rng.integers(0, max(span, 1), size)
        day = np.where(rng.random(size) < 0.97, old, new).astype("datetime64[D]")
        day = np.maximum(day, people.birth[:size] + 20)
        return np.where(have, day, np.datetime64("NaT"))

    created = begin(_COVERAGE, 9)
    recorded = ~np.isnat(created)
    signed = begin(_SIGNED, 1, recorded)
    enrolled = {
        d: begin(_ENROLLED, 8, recorded & people.chronic[g][:size])
        for d, g in (("HTN", "htn"), ("DM2", "dm"), ("COP", "copd"))
    }
    for days in (signed, *enrolled.values()):
        np.copyto(days, np.maximum(days, created), where=~np.isnat(days))
    copies = np.where(recorded & defects & (rng.random(size) < _COPIED), 1 + (rng.random(size) < 0.3), 0)
    copy_serial = running_number(people.village[:size], people.village.max() + 1) * 2
    at = (people.home[:size] == culprits["虚假签约"]) & recorded & np.isnat(signed)
    unaware = np.flatnonzero(at & (rng.random(size) < _UNAWARE))
    signed[unaware] = months[-1].last_day
    return PublicHealth(created, signed, enrolled, copies, copy_serial, unaware)


def _new(days: np.ndarray, month: CalendarMonth) -> np.ndarray:
    """People whose day is known by the end of the month and was not known before (everything in the first month)."""
    known = days <= month.last_day
    return np.flatnonzero(
        known if month.number == 0 else known & (days >= month.value.astype("datetime64[D]"))
    )


def copied_records(
    people: Residents, health: PublicHealth, person: np.ndarray
) -> tuple[np.ndarray, pa.Array]:
    """The voided copies of these people's records: whose they are, and their numbers."""
    copies = health.copies[person]
    owner = np.repeat(person, copies)
    which = np.arange(len(owner)) - np.repeat(np.cumsum(copies) - copies, copies)
    area = pa.compute.utf8_slice_codeunits(people.ehr_no.take(pa.array(owner)), 0, 12)
    return owner, join(area, identifier("", 99_999 - (health.copy_serial[owner] + which) % 50_000, 5))


def record_frame(
    seed: int, month: CalendarMonth, people: Residents, health: PublicHealth, layout: Layout
) -> Frame:
    """ph_ehr: the whole stock in the first month, then what is new. A voided copy has its own number."""
    rng = stream(seed, "health records", month.number)
    own = _new(health.created, month)
    copied, copied_number = copied_records(people, health, own)
    person = np.concatenate([own, copied])
    second = np.arange(len(person)) >= len(own)
    take = pa.array(person)
    created = health.created[person].astype("datetime64[D]")
    created = np.where(second, np.maximum(created - 400, people.birth[person]), created)
    defects = bool(health.copies.any())
    name, misheard = slips.misheard(people.name.take(take), defects & (rng.random(len(person)) < _MISHEARD))
    former = pa.array(rng.random(len(person)) < _FORMER_PHONE)
    return Frame(
        "ph_ehr",
        len(person),
        np.full(len(person), -1),
        {
            "ehr_no": pa.concat_arrays([people.ehr_no.take(pa.array(own)), copied_number]),
            "name": name,
            "id_no": null_where(people.id_text.take(take), second & (person % 2 == 0)),
            "gender": pick(["", "1", "2"], people.sex[person]),
            "birth_date": people.birth[person],
            "phone": pa.compute.if_else(former, people.former_phone.take(take), people.phone.take(take)),
            "addr_div": people.division.take(take),
            "resid_type": pick(["1", "2"], (person % 12 == 0).astype(np.int64)),
            "manage_org": layout.codes.take(pa.array(people.home[person])),
            "create_date": created,
            "file_status": pick(["1", "5"], second.astype(np.int64)),
            "standard_flag": pick(["0", "1"], (rng.random(len(person)) < 0.62).astype(np.int64)),
            "last_dynamic_date": np.maximum(
                created, month.value.astype("datetime64[D]") - rng.integers(0, 200, len(person))
            ),
            "open_to_resident": pick(["0", "1"], (person % 3 > 0).astype(np.int64)),
            "disease_history": _history(people, person),
            "src_update_ts": month.end - 7_200,
        },
        notes=[Note(np.flatnonzero(second), "V30", "", "harmless"), Note(misheard, "V09", "", "harmless")],
    )


def _history(people: Residents, person: np.ndarray) -> pa.Array:
    htn, dm = people.chronic["htn"][person], people.chronic["dm"][person]
    return pick(["2", "3", "2;3"], np.select([htn & dm, htn, dm], [2, 0, 1], -1))


def contract_frame(
    seed: int,
    month: CalendarMonth,
    people: Residents,
    health: PublicHealth,
    layout: Layout,
    workforce: Workforce,
) -> Frame:
    """ph_contract: agreements of one year."""
    rng = stream(seed, "contracts", month.number)
    person = _new(health.signed, month)
    take = pa.array(person)
    day = health.signed[person].astype("datetime64[D]")
    paid = rng.random(len(person)) < 0.2
    group = np.where(
        people.age[person] >= 65,
        0,
        np.where(people.chronic["htn"][person], 1, np.where(people.age[person] < 7, 2, -1)),
    )
    return Frame(
        "ph_contract",
        len(person),
        np.full(len(person), -1),
        {
            "contract_id": identifier("QY", person, 8),
            "ehr_no": people.ehr_no.take(take),
            "team_id": identifier("TD", people.village[person], 3),
            "doctor_id": staff_ids(workforce.doctor(rng, people.home[person], month)),
            "org_code": layout.codes.take(pa.array(people.home[person])),
            "sign_date": day,
            "start_date": day,
            "end_date": day + 364,
            "package_code": pick(["JC01", "GX02"], paid.astype(np.int64)),
            "paid_flag": pick(["0", "1"], paid.astype(np.int64)),
            "fee": np.where(paid, 12_000, 0),
            "fund_source": pick(
                ['{"医保":0,"公卫":0,"个人":0}', '{"医保":4000,"公卫":5000,"个人":3000}'],
                paid.astype(np.int64),
            ),
            "key_group": pick(["老", "高", "儿"], group),
            "renew_flag": pick(["0", "1"], (rng.random(len(person)) < 0.6).astype(np.int64)),
            "status": pick(["1", "2"], (day + 364 < month.last_day).astype(np.int64)),
        },
        marks=[
            Mark(rows, "虚假签约", people.home[person[rows]], "同一日集中签约且无任何履约服务")
            for rows in [np.flatnonzero(np.isin(person, health.unaware))]
            if len(rows)
        ],
    )


def enrolment_frame(month: CalendarMonth, people: Residents, health: PublicHealth, layout: Layout) -> Frame:
    """ph_chronic_enrol: one file per person and disease."""
    parts = [(d, _new(days, month)) for d, days in health.enrolled.items()]
    person = np.concatenate([p for _, p in parts])
    disease = np.repeat(np.arange(len(parts)), [len(p) for _, p in parts])
    day = np.concatenate([health.enrolled[d][p] for d, p in parts]).astype("datetime64[D]")
    return Frame(
        "ph_chronic_enrol",
        len(person),
        np.full(len(person), -1),
        {
            "enrol_id": identifier("MB", person * 10 + disease, 9),
            "ehr_no": people.ehr_no.take(pa.array(person)),
            "disease": pick([d for d, _ in parts], disease),
            "confirm_date": day - 30,
            "enrol_date": day,
            "manage_org": layout.codes.take(pa.array(people.home[person])),
            "manage_level": pick(["1", "2", "3"], person % 3),
        },
    )


def follow_up_frame(
    seed: int,
    month: CalendarMonth,
    people: Residents,
    health: PublicHealth,
    layout: Layout,
    workforce: Workforce,
    culprits: dict[str, int],
) -> Frame:
    """ph_followup_htn: each enrolled person about once a quarter; control improves slowly.

    Where follow-ups are made up, readings end in 0 or 5; where nobody looks, the dead are followed up too (V31).
    """
    rng = stream(seed, "follow-ups", month.number)
    days = health.enrolled["HTN"]
    enrolled = np.flatnonzero(days <= month.value.astype("datetime64[D]"))
    alive = living(people, enrolled, np.full(len(enrolled), month.end))
    at = (people.home[enrolled] == culprits["死亡后随访"]) | (
        (enrolled % 4 == 0) & (culprits["死亡后随访"] >= 0)
    )
    unnoticed = at & (people.died[enrolled] < month.value)
    enrolled = enrolled[alive | unnoticed]
    person = enrolled[(enrolled % 3 == month.number % 3) & (rng.random(len(enrolled)) < 0.86)]
    size = len(person)
    day = month.value.astype("datetime64[D]") + draw(rng, month.day_weights(), size)
    controlled = rng.random(size) < min(_CONTROLLED + 0.014 * (month.number + 6), 0.7)
    systolic = np.where(
        controlled, rng.normal(129, 7, size).clip(100, 139), rng.normal(152, 9, size).clip(140, 210)
    ).astype(np.int64)
    diastolic = np.where(
        controlled, rng.normal(79, 6, size).clip(58, 89), rng.normal(93, 7, size).clip(70, 125)
    ).astype(np.int64)
    dead = ~living(people, person, day.astype("datetime64[s]"))
    invented = (people.home[person] == culprits["虚假随访"]) & (person % 5 > 0)
    systolic = np.where(invented, systolic // 5 * 5, systolic)
    diastolic = np.where(invented, diastolic // 5 * 5, diastolic)
    at_night = (people.village[person] == layout.village[0]) & (culprits["虚假随访"] >= 0)
    height = np.where(people.sex[person] == 1, 1_680, 1_570) + rng.integers(-90, 90, size)
    tenths = [f"{n // 10}.{n % 10}" for n in range(2_100)]
    adverse = rng.random(size) < 0.03
    written = day.astype("datetime64[s]") + 18 * 3_600 + rng.integers(0, 10_000, size)
    written = np.where(at_night, month.end - 5_400 + np.arange(size) % 1_800, written)
    home = people.home[person]
    return Frame(
        "ph_followup_htn",
        size,
        np.full(size, -1),
        {
            "fu_id": identifier("SF", month.id_base + 1 + np.arange(size), 10),
            "ehr_no": people.ehr_no.take(pa.array(person)),
            "fu_date": day,
            "fu_way": pick(["1", "2", "3"], draw(rng, np.array([0.5, 0.2, 0.3]), size)),
            "symptoms": pick(["1", "2;3"], (person % 8 == 0).astype(np.int64)),
            "sbp": systolic,
            "dbp": diastolic,
            "height": pick(tenths, height),
            "weight": pick(tenths, rng.integers(450, 950, size)),
            "heart_rate": rng.integers(58, 98, size),
            "smoke": np.where(people.sex[person] == 1, rng.integers(0, 21, size), 0),
            "drink": pick(["0.0", "1.0", "2.5"], rng.integers(0, 3, size)),
            "salt": pick(["1", "2", "3"], rng.integers(0, 3, size)),
            "compliance": pick(["1", "2", "3"], draw(rng, np.array([0.7, 0.25, 0.05]), size)),
            "drug_adherence": pick(["1", "2", "3"], draw(rng, np.array([0.72, 0.22, 0.06]), size)),
            "adverse": pick(["1", "2"], adverse.astype(np.int64)),
            "fu_class": pick(["1", "2", "3"], np.where(adverse, 2, np.where(controlled, 0, 1))),
            "drugs": '[{"name":"氨氯地平","dose":"5mg"}]',
            "next_date": day + 90,
            "staff_id": staff_ids(workforce.doctor(rng, people.home[person], month)),
            "device_id": null_where(identifier("BP-", person % 400, 4), person % 3 > 0),
            "created_at": written,
        },
        notes=[
            Note(rows, rule, "", "harmless")
            for rows, rule in ((np.flatnonzero(dead), "V31"), (np.flatnonzero(at_night & ~dead), "V29"))
            if len(rows)
        ],
        marks=[
            Mark(rows, kind, home[rows], text)
            for rows, kind, text in (
                (np.flatnonzero(dead), "死亡后随访", "死亡日期之后仍有随访"),
                (np.flatnonzero(invented), "虚假随访", "血压末位均为0或5"),
            )
            if len(rows)
        ],
    )
