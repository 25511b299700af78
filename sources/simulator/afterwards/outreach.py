"""Public health beyond hypertension: diabetes follow-ups, check-ups of the old, Chinese medicine, severe mental illness,
tuberculosis, infectious diseases, services to those who signed, lectures, the clinic on wheels, the population itself.

Not here: health records, contracts, hypertension (happening/).
"""

from typing import Any

import numpy as np
import pyarrow as pa

from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.keys import contract_id, staff_id
from sources.simulator.ground.streams import draw
from sources.simulator.ground.text import null_where, pick, scaled
from sources.simulator.people.population import living
from sources.simulator.state.happened import Happened

_NOTIFIABLE = {"A09.900": "0324", "B02.900": "0399", "J18.900": "0401"}
_NOT_VISITED = 0.1  # tuberculosis patients whom nobody went to see
_SERVED_A_MONTH = 0.4  # villages that the clinic on wheels gets to
_SERVICES = ["F01", "F02", "F03", "F04", "F05"]
_BANDS = ["0", "1-4", *[f"{n}-{n + 4}" for n in range(5, 85, 5)], "85+"]


def frames(h: Happened) -> list[Frame]:
    """Every feed of this module."""
    return [
        _diabetes(h), _check_ups(h), _chinese_medicine(h), _mental_illness(h), _tuberculosis(h), _infections(h),
        _services(h), _lectures(h), _mobile_clinic(h), _population(h),
    ]  # fmt: skip


def _round(
    h: Happened, chosen: np.ndarray, every: int, share: float, subject: str
) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Of the chosen residents those whose turn it is (once in `every` months), the day they are seen, the stream."""
    rng = h.rng(subject)
    chosen = chosen[living(h.people, chosen, np.full(len(chosen), h.month.end))]
    person = chosen[(chosen % every == h.month.number % every) & (rng.random(len(chosen)) < share)]
    return person, h.month.first_day + draw(rng, h.month.day_weights(), len(person)), rng


def _recorded(h: Happened) -> np.ndarray:
    return np.flatnonzero(h.world.health.created <= h.month.first_day)


def _diabetes(h: Happened) -> Frame:
    enrolled = np.flatnonzero(h.world.health.enrolled["DM2"] <= h.month.first_day)
    person, day, rng = _round(h, enrolled, 3, 0.86, "diabetes follow-ups")
    size = len(person)
    fasting = rng.normal(7.1, 1.6, size).clip(3.5, 20)
    way = draw(rng, np.array([0.5, 0.2, 0.3]), size)
    frame = _seen(
        h,
        "ph_followup_dm",
        person,
        "SD",
        "fu_id",
        {
            "fu_date": day,
            "fu_way": pick(["1", "2", "3"], way),
            "fbg": _tenths(fasting),
            "hba1c": null_where(_tenths(rng.normal(7, 1, size).clip(4, 14)), person % 4 > 0),
            "sbp": rng.normal(136, 14, size).clip(90, 210).astype(np.int64),
            "dbp": rng.normal(82, 9, size).clip(50, 125).astype(np.int64),
            "foot_pulse": pick(["1", "2", "3"], draw(rng, np.array([0.93, 0.06, 0.01]), size)),
            "hypo_reaction": pick(["1", "2", "3"], draw(rng, np.array([0.9, 0.09, 0.01]), size)),
            "fu_class": pick(["1", "2"], fasting >= 7),
            "insulin": null_where(
                pick(["门冬胰岛素 10U bid", "甘精胰岛素 14U qn"], person % 2), person % 6 > 0
            ),
            "next_date": day + 90,
            "staff_id": _seen_by(h, person, rng),
        },
    )
    told = (fasting * 10).astype(np.int64)
    frame.event, frame.subject = h.enter("sugar", person=person, day=day, way=way, tenths=told), "sugar"
    return frame


def _check_ups(h: Happened) -> Frame:
    old = _recorded(h)
    person, day, rng = _round(h, old[h.people.age[old] >= 65], 12, 0.8, "check-ups")
    whole = rng.random(len(person)) < 0.88
    h.enter("check-up", person=person, day=day, whole=whole)
    return _seen(
        h,
        "ph_elderly_exam",
        person,
        "LN",
        "exam_no",
        {
            "exam_date": day,
            "org_code": pick(h.layout.codes, h.people.home[person]),
            "self_care": rng.choice(4, len(person), p=[0.8, 0.12, 0.05, 0.03]),
            "items_done": pick(["1;2;3;4;5;6;", "1;2;3;4;"], ~whole),
            "complete_flag": pick(["0", "1"], whole),
            "abnormal": pick(
                ["", "血脂高", "血压高", "尿蛋白阳性"], np.where(person % 3 == 0, 1 + person % 9 // 3, -1)
            ),
            "guidance": "1",
        },
    )


def _chinese_medicine(h: Happened) -> Frame:
    known = _recorded(h)
    age = h.people.age[known]
    person, day, _ = _round(h, known[(age >= 65) | (age < 3)], 12, 0.7, "chinese medicine")
    old = h.people.age[person] >= 65
    h.enter("chinese medicine", person=person, day=day, old=old)
    return _seen(
        h,
        "ph_tcm",
        person,
        "ZY",
        "tcm_no",
        {
            "target": pick(["2", "1"], old),
            "svc_date": day,
            "constitution": null_where(pick(list("ABCDEFGHI"), person % 9), ~old),
            "guidance": "1",
        },
    )


def _mental_illness(h: Happened) -> Frame:
    ill = np.flatnonzero(h.world.health.enrolled["SMI"] <= h.month.first_day)
    person, day, rng = _round(h, ill, 3, 0.9, "severe mental illness")
    size = len(person)
    examined = rng.random(size) < 0.8
    h.enter("mental illness", person=person, day=day, examined=examined)
    return _seen(
        h,
        "ph_smi",
        person,
        "JS",
        "fu_id",
        {
            "fu_date": day,
            "risk_level": pick(["0", "1", "2", "3"], draw(rng, np.array([0.8, 0.12, 0.06, 0.02]), size)),
            "drug_adherence": pick(["1", "2", "3"], draw(rng, np.array([0.75, 0.2, 0.05]), size)),
            "stable_flag": pick(["1", "2", "3"], draw(rng, np.array([0.7, 0.25, 0.05]), size)),
            "exam_done": pick(["0", "1"], examined),
        },
    )


def _tuberculosis(h: Happened) -> Frame:
    known = _recorded(h)
    person, day, rng = _round(h, known[known % 83 == 7], 24, 1.0, "tuberculosis")
    taken, delay = rng.integers(0, 20, len(person)), rng.integers(0, 5, len(person))
    missed = rng.random(len(person)) < _NOT_VISITED
    h.enter("tuberculosis", person=person, day=day, managed=~missed)
    return _seen(
        h,
        "ph_tb",
        person,
        "JH",
        "tb_id",
        {
            "notify_date": day,
            "first_visit_date": np.where(missed, np.datetime64("NaT"), day + delay),
            "due_doses": np.full(len(person), 180),
            "taken_doses": taken,
        },
    )


def _infections(h: Happened) -> Frame:
    """Cards of the visits whose diagnosis has to be reported, most of them in time."""
    v, rng = h.visits, h.rng("infections")
    kinds = h.world.diseases.numbers(_NOTIFIABLE).tolist()
    chance = np.isin(v.disease, kinds) & (v.status == 1) & ~h.people.is_test[v.person]
    ill = v.take(chance & (rng.random(v.rows) < 0.15))
    delay = np.where(
        rng.random(ill.rows) < 0.93, rng.integers(1, 22, ill.rows), rng.integers(26, 90, ill.rows)
    )
    revised = rng.random(ill.rows) < 0.04
    h.enter("infection", institution=ill.institution, due=ill.due, hours=delay, revised=revised)
    return platform_frame(
        "ph_infectious",
        ill.rows,
        {
            "card_id": h.serials("CR", ill.rows),
            "org_code": pick(h.layout.codes, ill.institution),
            "patient_id": h.world.registers.column(ill.institution, ill.person),
            "disease_code": pick(
                [*_NOTIFIABLE.values()], np.array([kinds.index(d) for d in ill.disease], np.int64)
            ),
            "diag_time": ill.due,
            "report_time": ill.due + delay * 3_600,
            "deadline_hours": np.full(ill.rows, 24),
            "revise_flag": pick(["0", "1"], revised),
        },
    )


def _services(h: Happened) -> Frame:
    """What was done for those who had signed; whoever was signed without knowing got nothing."""
    signed = np.flatnonzero(h.world.health.signed <= h.month.first_day)
    signed = np.setdiff1d(signed, h.world.health.unaware)
    person, day, rng = _round(h, signed, 2, 0.2, "contract services")
    size = len(person)
    time = day.astype("datetime64[s]") + rng.integers(480, 1_050, size) * 60
    done = rng.random(size) < 0.92
    h.enter("contract service", person=person, day=day, done=done)
    return platform_frame(
        "ph_contract_service",
        size,
        {
            "svc_id": h.serials("LY", size),
            "contract_id": contract_id(person),
            "item_code": pick(_SERVICES, person % 5),
            "plan_date": day,
            "svc_time": np.where(done, time, np.datetime64("NaT")),
            "svc_staff": null_where(_seen_by(h, person, rng), ~done),
            "svc_way": null_where(pick(["1", "2", "3", "4"], rng.integers(0, 4, size)), ~done),
            "done": pick(["0", "1"], done),
        },
    )


def _lectures(h: Happened) -> Frame:
    rng = h.rng("lectures")
    place = np.repeat(h.layout.primary, 3)
    return platform_frame(
        "ph_health_edu",
        len(place),
        {
            "edu_id": h.serials("JY", len(place)),
            "org_code": pick(h.layout.codes, place),
            "act_type": pick(["1", "2", "3", "4", "5", "6"], rng.integers(0, 6, len(place))),
            "act_date": h.month.first_day + draw(rng, h.month.day_weights(), len(place)),
            "participants": rng.integers(8, 120, len(place)),
        },
    )


def _mobile_clinic(h: Happened) -> Frame:
    rng, village = h.rng("mobile clinic"), h.layout.village
    village = village[rng.random(len(village)) < _SERVED_A_MONTH]
    resident = np.array([np.flatnonzero(h.people.village == v)[:1] for v in village], dtype=object)
    village = np.array([v for v, people in zip(village, resident, strict=True) if len(people)])
    someone = np.array([people[0] for people in resident if len(people)], np.int64)
    day = h.month.first_day + draw(rng, h.month.day_weights(), len(village))
    h.enter("mobile clinic", village=village.astype(np.int64), day=day)
    return platform_frame(
        "ph_mobile_service",
        len(village),
        {
            "task_id": h.serials("CL", len(village)),
            "vehicle_no": pick(["皖F00001", "皖F00002"], np.arange(len(village)) % 2),
            "village_code": pick(h.people.division, someone),
            "svc_date": day,
            "visits": rng.integers(12, 70, len(village)),
            "items": pick(["超声;心电", "超声;心电;检验"], np.arange(len(village)) % 2),
        },
    )


def _population(h: Happened) -> Frame:
    """The population base of the year before: with the first delivery and every January."""
    if h.month.number and not h.month.name.endswith("-01"):
        none = np.zeros(0, np.int64)
        return _counted(h, none, none, none, none)
    age, inside = h.people.age[: h.people.count], slice(0, h.people.count)
    band = np.where(age == 0, 0, np.minimum(age // 5 + 1, len(_BANDS) - 1))
    key = (h.people.village[inside] * 100 + band) * 10 + h.people.sex[inside]
    found, someone, count = np.unique(key, return_index=True, return_counts=True)
    return _counted(h, someone, found // 10 % 100, found % 10, count)


def _counted(h: Happened, someone: np.ndarray, band: np.ndarray, sex: np.ndarray, count: np.ndarray) -> Frame:
    return platform_frame(
        "ph_population",
        len(someone),
        {
            "admin_div": pick(h.people.division, someone),
            "year": np.full(len(someone), h.month.year - 1),
            "age_group": pick(_BANDS, band),
            "gender": pick(["", "1", "2"], sex),
            "resident_pop": count,
            "hukou_pop": count + count // 8,
            "caliber_source": "统计公报",
        },
    )


def _seen_by(h: Happened, person: np.ndarray, rng: np.random.Generator) -> pa.Array:
    return staff_id(h.world.workforce.doctor(rng, h.people.home[person], h.month))


def _tenths(values: np.ndarray) -> pa.Array:
    """One decimal, the rest cut off."""
    return scaled((values * 10).astype(np.int64), 1)


def _seen(
    h: Happened, feed: str, person: np.ndarray, prefix: str, key: str, columns: dict[str, Any]
) -> Frame:
    """Rows about residents with a health record, numbered within the month."""
    own = {key: h.serials(prefix, len(person)), "ehr_no": pick(h.people.ehr_no, person)}
    return platform_frame(feed, len(person), {**own, **columns})
