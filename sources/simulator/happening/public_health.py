"""The public-health platform: health records, family-doctor contracts, chronic files.

Not here: what is done for those enrolled (follow_ups.py, afterwards/outreach.py).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, running_number
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Mark, Note, platform_frame
from sources.simulator.ground.keys import contract_id, staff_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import either, identifier, join, null_where, pick
from sources.simulator.people import slips
from sources.simulator.people.population import Residents, living
from sources.simulator.place.staff import Workforce

_COVERAGE, _SIGNED, _ENROLLED = 0.92, 0.58, 0.72
_COPIED = 0.004  # people whose health record was made more than once
_UNAWARE = 0.15  # of those an institution had not signed, whom it signs without their knowing
_MISHEARD, _FORMER_PHONE = 0.01, 0.3
_STANDARD, _IDLE_DAYS = 0.62, 600
_RENEWS = 0.7  # of those whose contract of a year ends
_YEAR = 364  # days from the first to the last of a contract


@dataclass(frozen=True)
class PublicHealth:
    """Arrays over residents: health record, contract and hypertension file, each with the day it began (NaT = none)."""

    created: np.ndarray
    signed: np.ndarray
    enrolled: dict[str, np.ndarray]
    copies: np.ndarray  # voided records besides the own one (V30): 0, 1 or 2
    copy_serial: np.ndarray  # number of the first copy within the village
    unaware: np.ndarray  # people who were signed without knowing (虚假签约)
    standard: np.ndarray  # whose record is up to the standard
    idle: np.ndarray  # days since the record was last used when it is told of
    renews: np.ndarray  # who signs again when the contract ends


def make_public_health(
    seed: int, people: Residents, months: list[CalendarMonth], defects: bool, culprits: dict[str, int]
) -> PublicHealth:
    """Decide who has what; 3 % of it begins during the simulated months. One institution signs people on its last day."""
    rng = stream(seed, "public health")
    start = months[0].first_day
    span = int((months[-1].last_day - start).astype(int))
    size = people.count

    def begin(share: float, years: int, chosen: np.ndarray | bool = True) -> np.ndarray:
        have = (rng.random(size) < share) & chosen
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
    ill = (np.arange(size) % 197 == 5) & (people.age[:size] >= 18)
    enrolled["SMI"] = np.where(ill, created, np.datetime64("NaT"))
    standard, idle = rng.random(size) < _STANDARD, rng.integers(0, _IDLE_DAYS, size)
    renews = rng.random(size) < _RENEWS
    return PublicHealth(created, signed, enrolled, copies, copy_serial, unaware, standard, idle, renews)


def renewed(people: Residents, health: PublicHealth) -> np.ndarray:
    """The day from which those who sign again have their second contract, NaT for all others."""
    again = health.signed + (_YEAR + 1)
    size = people.count
    willing = health.renews & living(people, np.arange(size), again)
    return np.where(willing, again, np.datetime64("NaT"))


def _new(days: np.ndarray, month: CalendarMonth) -> np.ndarray:
    """People whose day is known by the end of the month and was not known before (everything in the first month)."""
    known = days <= month.last_day
    return np.flatnonzero(known if month.number == 0 else known & (days >= month.first_day))


def copied_records(
    people: Residents, health: PublicHealth, person: np.ndarray
) -> tuple[np.ndarray, pa.Array]:
    """The voided copies of these people's records: whose they are, and their numbers."""
    copies = health.copies[person]
    owner = np.repeat(person, copies)
    which = np.arange(len(owner)) - np.repeat(np.cumsum(copies) - copies, copies)
    area = pa.compute.utf8_slice_codeunits(pick(people.ehr_no, owner), 0, 12)
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
    former = rng.random(len(person)) < _FORMER_PHONE
    columns = {
        "ehr_no": pa.concat_arrays([pick(people.ehr_no, own), copied_number]),
        "name": name,
        "id_no": null_where(people.id_text.take(take), second & (person % 2 == 0)),
        "gender": pick(["", "1", "2"], people.sex[person]),
        "birth_date": people.birth[person],
        "phone": either(former, people.former_phone.take(take), people.phone.take(take)),
        "addr_div": people.division.take(take),
        "resid_type": pick(["1", "2"], person % 12 == 0),
        "manage_org": pick(layout.codes, people.home[person]),
        "create_date": created,
        "file_status": pick(["1", "5"], second),
        "standard_flag": pick(["0", "1"], health.standard[person]),
        "last_dynamic_date": np.maximum(created, month.first_day - health.idle[person]),
        "open_to_resident": pick(["0", "1"], person % 3 > 0),
        "disease_history": _history(people, person),
        "src_update_ts": month.end - 7_200,
    }
    notes = [Note.where(second, "V30"), Note(misheard, "V09")]
    return platform_frame("ph_ehr", len(person), columns, notes)


def _history(people: Residents, person: np.ndarray) -> pa.Array:
    htn, dm = people.chronic["htn"][person], people.chronic["dm"][person]
    return pick(["2", "3", "2;3"], np.select([htn & dm, htn, dm], [2, 0, 1], -1))


def contracts(
    seed: int, month: CalendarMonth, people: Residents, health: PublicHealth, workforce: Workforce
) -> Arrays:
    """Agreements of one year that begin in the month, and those that follow on (`second`)."""
    rng = stream(seed, "contracts", month.number)
    first, again = _new(health.signed, month), _new(renewed(people, health), month)
    person = np.concatenate([first, again])
    second = np.arange(len(person)) >= len(first)
    return Arrays(
        person=person,
        second=second,
        unaware=np.isin(person, health.unaware) & ~second,
        day=np.where(second, renewed(people, health)[person], health.signed[person]).astype("datetime64[D]"),
        paid=rng.random(len(person)) < 0.2,
        doctor=workforce.doctor(rng, people.home[person], month),
        renews=second | (rng.random(len(person)) < 0.6),
    )


def contract_frame(rows: Arrays, people: Residents, layout: Layout, month: CalendarMonth) -> Frame:
    """ph_contract."""
    person, second, day, paid = rows.person, rows.second, rows.day, rows.paid
    age = people.age[person]
    group = np.select([age >= 65, people.chronic["htn"][person], age < 7], [0, 1, 2], -1)
    columns = {
        "contract_id": contract_id(person + second * people.count),
        "ehr_no": pick(people.ehr_no, person),
        "team_id": identifier("TD", people.village[person], 3),
        "doctor_id": staff_id(rows.doctor),
        "org_code": pick(layout.codes, people.home[person]),
        "sign_date": day,
        "start_date": day,
        "end_date": day + _YEAR,
        "package_code": pick(["JC01", "GX02"], paid),
        "paid_flag": pick(["0", "1"], paid),
        "fee": np.where(paid, 12_000, 0),
        "fund_source": pick(['{"医保":0,"公卫":0,"个人":0}', '{"医保":4000,"公卫":5000,"个人":3000}'], paid),
        "key_group": pick(["老", "高", "儿"], group),
        "renew_flag": pick(["0", "1"], rows.renews),
        "status": pick(["1", "2"], day + _YEAR < month.last_day),
    }
    mark = Mark.where(rows.unaware, "虚假签约", people.home[person], "同一日集中签约且无任何履约服务")
    return platform_frame("ph_contract", len(person), columns, marks=[mark])


def enrolment_frame(month: CalendarMonth, people: Residents, health: PublicHealth, layout: Layout) -> Frame:
    """ph_chronic_enrol: one file per person and disease."""
    parts = [(d, _new(days, month)) for d, days in health.enrolled.items()]
    person = np.concatenate([p for _, p in parts])
    disease = np.repeat(np.arange(len(parts)), [len(p) for _, p in parts])
    day = np.concatenate([health.enrolled[d][p] for d, p in parts]).astype("datetime64[D]")
    columns = {
        "enrol_id": identifier("MB", person * 10 + disease, 9),
        "ehr_no": pick(people.ehr_no, person),
        "disease": pick([d for d, _ in parts], disease),
        "confirm_date": day - 30,
        "enrol_date": day,
        "manage_org": pick(layout.codes, people.home[person]),
        "manage_level": pick(["1", "2", "3"], person % 3),
    }
    return platform_frame("ph_chronic_enrol", len(person), columns)
