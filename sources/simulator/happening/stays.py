"""Inpatient stays: admission, discharge, the record's diagnoses and operations, and later corrections of them.

A stay is delivered when it begins (if it is still open at the end of the month) and when it ends. Times are whole
hours, because one vendor delivers date and hour in two columns.
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Mark, Note
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import identifier, null_where, pick, running_number
from sources.simulator.happening.visits import _eligible, department_codes, staff_ids, visit_key
from sources.simulator.people.population import Residents
from sources.simulator.place.diseases import CHRONIC, Diseases
from sources.simulator.place.staff import Workforce

STAYS_PER_YEAR = 0.20
OUT_OF_COUNTY_SHARE = 0.13
_CHRONIC_SHARE = 0.46
_DAY_SURGERY = ("H25.900", "K40.900")
_OPERATIONS = {  # diagnosis → operation code, name, level, chance
    "K80.200": ("51.2300", "腹腔镜下胆囊切除术", "3", 0.7), "K35.800": ("47.0100", "腹腔镜下阑尾切除术", "2", 0.8),
    "K40.900": ("53.0000", "腹股沟疝修补术", "2", 0.9), "N20.000": ("56.0x00", "输尿管镜碎石术", "3", 0.5),
    "H25.900": ("13.4100", "白内障超声乳化术", "3", 0.95), "S52.500": ("79.3200", "桡骨骨折切开复位内固定术", "3", 0.6),
    "S82.800": ("79.3600", "踝关节骨折切开复位内固定术", "3", 0.7), "S72.000": ("81.5200", "人工股骨头置换术", "4", 0.6),
    "D25.900": ("68.2900", "子宫肌瘤剔除术", "3", 0.7), "C16.900": ("43.7x00", "胃大部切除术", "4", 0.3),
    "C50.900": ("85.4300", "乳腺癌改良根治术", "4", 0.4), "O80.000": ("73.5900", "接产", "1", 0.6),
    "I63.900": ("88.4100", "脑动脉造影", "3", 0.12), "I20.000": ("88.5500", "冠状动脉造影", "3", 0.3),
}  # fmt: skip
IN_HOSPITAL, DISCHARGED, CANCELLED = 1, 2, 3
ORDINARY, LAST, SPLIT = 0, 1, 2
_SPLIT_SHARE = 0.8  # of the discharges of the last days of a month
_DEADLY = ("I63.900", "I50.900", "C34.900", "J44.900", "K92.208")


def new_stays(person, disease, institution, admit, discharge, referral=-1, way=1, kind=ORDINARY) -> Arrays:
    """Bundle stays; `due` is the discharge, `way` the ip_med_type (1 stay, 2 day surgery), `kind` why it is there."""
    size = len(person)

    def spread(value) -> np.ndarray:
        return np.broadcast_to(np.asarray(value, dtype=np.int64), size).copy()

    return Arrays(
        person=spread(person),
        disease=spread(disease),
        institution=spread(institution),
        admit=np.asarray(admit, dtype="datetime64[s]"),
        due=np.asarray(discharge, dtype="datetime64[s]"),
        referral=spread(referral),
        way=spread(way),
        kind=spread(kind),
    )


def last_stays(
    seed: int, month: CalendarMonth, people: Residents, diseases: Diseases, layout: Layout
) -> Arrays:
    """Stays that begin in the month and end with the patient's death: about half of the deaths."""
    person = np.flatnonzero(~np.isnat(people.died))
    rng = stream(seed, "last stays")
    in_hospital, days, hour = (
        rng.random(len(person)) < 0.5,
        rng.integers(1, 13, len(person)),
        rng.integers(8, 17, len(person)),
    )
    admit = people.died[person].astype("datetime64[s]") - days * 86_400 + hour * 3_600
    here = in_hospital & (admit >= month.start) & (admit < month.end)
    person, admit, due = person[here], admit[here], people.died[person[here]].astype("datetime64[s]") + 61_200
    codes = diseases.codes.to_pylist()
    severe = np.array([codes.index(code) for code in _DEADLY])
    place = layout.hospital_of()[people.home[person]]
    return new_stays(person, severe[person % len(severe)], place, admit, due, kind=LAST)


def split_stays(seed: int, month: CalendarMonth, stays: Arrays, diseases: Diseases, culprit: int) -> Arrays:
    """Stays that continue a discharge of the month's last days: one treatment, paid twice (分解住院)."""
    rng = stream(seed, "anomalies/split stays", month.number)
    plain = (
        (stays.institution == culprit) & (stays.leaving == 1) & (stays.way == 1) & (stays.kind == ORDINARY)
    )
    late = stays.due >= month.end - 4 * 86_400
    chosen = stays.take(plain & late & (rng.random(stays.rows) < _SPLIT_SHARE))
    admit = chosen.due.astype("datetime64[D]").astype("datetime64[s]") + 86_400 + 10 * 3_600
    admit = np.maximum(admit, month.end + 10 * 3_600)
    due = discharge_times(rng, admit, chosen.disease, diseases, 0.8)
    return new_stays(chosen.person, chosen.disease, chosen.institution, admit, due, kind=SPLIT)


def ordinary_stays(
    seed: int, month: CalendarMonth, people: Residents, diseases: Diseases, layout: Layout
) -> Arrays:
    """Stays that begin in the month, inside the county."""
    rng = stream(seed, "stays", month.number)
    size = rng.poisson(people.count * STAYS_PER_YEAR / 12 * month.volume() * (1 - OUT_OF_COUNTY_SHARE))
    person, disease = pick_inpatients(rng, month, people, diseases, size)
    place = _places(rng, people, diseases, layout, person, disease)
    admit = month.start + draw(rng, month.day_weights(), size) * 86_400 + rng.integers(8, 17, size) * 3_600
    codes = np.array(diseases.codes.to_pylist())
    day = np.isin(codes[disease], _DAY_SURGERY) & layout.is_county[place] & (rng.random(size) < 0.5)
    factor = np.where(layout.is_county[place], 1.0, 0.85) * np.where(day, 0.0, 1.0)
    return new_stays(
        person, disease, place, admit, discharge_times(rng, admit, disease, diseases, factor), way=1 + day
    )


def pick_inpatients(rng, month: CalendarMonth, people: Residents, diseases: Diseases, size: int):
    """Draw persons and principal diagnoses of `size` stays (also used for care outside the county)."""
    season = np.array([month.season(s) for s in diseases.seasons])
    weight = diseases.inpatient_weight * season
    chronic_weight = np.where(np.isin(diseases.groups, CHRONIC), weight, 0)
    is_chronic = rng.random(size) < _CHRONIC_SHARE
    disease = np.zeros(size, dtype=np.int64)
    person = np.zeros(size, dtype=np.int64)
    disease[is_chronic] = draw(rng, chronic_weight, int(is_chronic.sum()))
    for group in CHRONIC:
        mask = is_chronic & (diseases.groups[disease] == group)
        ill = np.flatnonzero(people.chronic[group])
        ill = ill if len(ill) else np.arange(people.count)
        person[mask] = ill[rng.integers(0, len(ill), int(mask.sum()))]
    age = people.age[: people.count]
    need = np.select([age < 6, age < 18, age < 45, age < 65], [1.4, 0.4, 0.6, 1.2], 2.8)
    person[~is_chronic] = draw(rng, need, int((~is_chronic).sum()))
    band = np.select([age[person] < 18, age[person] < 60], [0, 1], 2)
    for stage in range(3):
        for sex in (1, 2):
            mask = ~is_chronic & (band == stage) & (people.sex[person] == sex)
            disease[mask] = draw(rng, weight * _eligible(diseases, stage, sex), int(mask.sum()))
    return person, disease


def _places(rng, people: Residents, diseases: Diseases, layout: Layout, person, disease) -> np.ndarray:
    size = len(person)
    at_county = rng.random(size) < np.clip(0.56 + 0.52 * diseases.severity[disease], 0, 0.99)
    own = layout.hospital_of()[people.home[person]]
    other = np.where(rng.random(size) < 0.55, layout.county[0], layout.county[1])
    return np.where(at_county, np.where(rng.random(size) < 0.6, own, other), people.home[person])


def discharge_times(rng, admit: np.ndarray, disease: np.ndarray, diseases: Diseases, factor) -> np.ndarray:
    """Length of stay: gamma around the disease's mean, rarely very long; discharge in office hours."""
    size = len(admit)
    mean = np.maximum(diseases.stay_days[disease] * factor, 1.0)
    days = np.maximum(np.round(rng.gamma(5.0, mean / 5.0)), 1).astype(np.int64)
    days = np.where(np.asarray(factor) == 0, rng.integers(0, 2, size), days)
    days = np.where(rng.random(size) < 0.002, rng.integers(61, 95, size), days)
    hour = np.where(days == 0, 18, rng.integers(8, 17, size))
    return admit.astype("datetime64[D]").astype("datetime64[s]") + days * 86_400 + hour * 3_600


def finish(seed: int, month: CalendarMonth, stays: Arrays, layout: Layout, workforce: Workforce) -> Arrays:
    """Number the stays that begin in the month and give them what is decided at admission and discharge."""
    rng = stream(seed, "stays/finish", month.number)
    stays = stays.take(np.lexsort((stays.institution, stays.admit)))
    size = stays.rows
    stays["number"] = month.id_base + 1 + running_number(layout.deliverer[stays.institution], layout.size)
    cancelled = (rng.random(size) < 0.01) & (stays.referral < 0) & (stays.kind == ORDINARY)
    stays["status"] = np.where(cancelled, CANCELLED, DISCHARGED)
    stays["doctor"] = workforce.doctor(rng, stays.institution, month)
    leaving = rng.choice([1, 2, 4, 9], size, p=[0.955, 0.01, 0.03, 0.005])
    stays["leaving"] = np.where(stays.kind == LAST, 5, leaving)
    stays["second"] = np.where(rng.random(size) < 0.6, rng.integers(0, 3, size), -1)
    return stays


def stay_frame(
    month: CalendarMonth, stays: Arrays, people, diseases: Diseases, layout: Layout, patient_id, updated=None
) -> Frame:
    """his_ip_stay rows as known at the end of the month (or, for corrections, as known at `updated`)."""
    codes, table = department_codes(diseases, layout)
    place = stays.institution
    gone = (stays.due < month.end) & (stays.status != CANCELLED)
    department = pick(codes, table[place, stays.disease])
    state = np.where(stays.status == CANCELLED, CANCELLED, np.where(gone, DISCHARGED, IN_HOSPITAL))
    days = (stays.due.astype("datetime64[D]") - stays.admit.astype("datetime64[D]")).astype(np.int64)
    if updated is None:
        updated = np.where(gone, stays.due + 7_200, month.end - 3_600)
    return Frame(
        "his_ip_stay",
        stays.rows,
        layout.deliverer[place],
        {
            "org_code": layout.codes.take(pa.array(place)),
            "visit_id": stay_id(stays.number),
            "patient_id": patient_id,
            "mr_no": identifier("B", stays.person, 8),
            "admit_times": stays.times,
            "mdtrt_id": null_where(visit_key("340600Z", place, stays.number), ~people.insured[stays.person]),
            "admit_time": stays.admit,
            "admit_way": pick(
                ["1", "2", "3"], np.where(stays.referral >= 0, 2, np.where(stays.number % 5 == 0, 0, 1))
            ),
            "admit_dept": department,
            "discharge_time": np.where(gone, stays.due, np.datetime64("NaT")),
            "discharge_dept": null_where(department, ~gone),
            "los_days": null_where(
                pa.array(np.where(place == layout.county[1], days, np.maximum(days, 1))), ~gone
            ),
            "attending_staff": staff_ids(stays.doctor),
            "discharge_way": null_where(pa.array(stays.leaving).cast(pa.string()), ~gone),
            "ip_med_type": pick(["", "1", "2"], stays.way),
            "referral_id": identifier("ZZ", stays.referral, 10),
            "status": pick(["", "1", "2", "3"], state),
            "src_update_ts": updated,
        },
        event=stays.event,
        fragile=~gone | (stays.admit < month.start) | stays.get("corrected", np.zeros(stays.rows, bool)),
        marks=[
            Mark(rows, "分解住院", place[rows], "出院后数日内因同一诊断再次入院")
            for rows in [np.flatnonzero((stays.kind == SPLIT) & (stays.admit >= month.start))]
            if len(rows)
        ],
    )


def second_diagnosis(stays: Arrays, diseases: Diseases) -> np.ndarray:
    """Index of each stay's second diagnosis, -1 without one."""
    codes = diseases.codes.to_pylist()
    companions = np.array([codes.index(c) for c in ("I10.x00x002", "E11.900", "J44.900")])
    second = np.where(stays.second >= 0, companions[stays.second], -1)
    return np.where(second == stays.disease, -1, second)


def record_diagnosis_frame(
    stays: Arrays, diseases: Diseases, layout: Layout, updated: np.ndarray, defects: bool
) -> Frame:
    """his_mr_diag of discharged stays: the principal diagnosis (seq 0) and a second one for some.

    Among the defects one hospital leaves the first of the further places empty now and then (V03).
    """
    gappy = layout.county[0] if defects else -1
    second = second_diagnosis(stays, diseases)
    with_second = np.flatnonzero(second >= 0)
    row = np.concatenate([np.arange(stays.rows), with_second])
    disease = np.concatenate([stays.disease, second[with_second]])
    gap = (stays.institution[with_second] == gappy) & (stays.number[with_second] % 5 == 0)
    sequence = np.concatenate([np.zeros(stays.rows, np.int64), np.where(gap, 2, 1)])
    order = np.lexsort((sequence, row))
    row, disease, sequence = row[order], disease[order], sequence[order]
    unmapped = np.isin(disease, diseases.unmappable)
    return Frame(
        "his_mr_diag",
        len(row),
        layout.deliverer[stays.institution[row]],
        {
            "visit_id": stay_id(stays.number[row]),
            "seq": sequence,
            "diag_code": diseases.codes.take(pa.array(disease)),
            "diag_name": diseases.names.take(pa.array(disease)),
            "poa": pick(["1", "4"], (stays.number[row] % 11 == 0).astype(np.int64)),
            "diag_code_nhsa": diseases.insurance_codes.take(pa.array(disease)),
            "map_status": pick(["1", "3"], unmapped.astype(np.int64)),
            "src_update_ts": updated[row],
        },
        notes=[
            Note(rows, rule, "", "harmless")
            for rows, rule in ((np.flatnonzero(unmapped), "V18"), (np.flatnonzero(sequence == 2), "V03"))
            if len(rows)
        ],
    )


def operations(seed: int, month: CalendarMonth, stays: Arrays, diseases: Diseases, layout: Layout) -> Arrays:
    """Operations of the surgical diagnoses: `row` of the stay, `sequence` from 1, `which` of the catalogue."""
    rng = stream(seed, "operations", month.number)
    codes, known = diseases.codes.to_pylist(), list(_OPERATIONS)
    which = np.array([known.index(c) if c in known else -1 for c in codes])[stays.disease]
    chance = np.array([_OPERATIONS[c][3] for c in known])
    row = np.flatnonzero(
        (which >= 0) & layout.is_county[stays.institution] & (rng.random(stays.rows) < chance[which])
    )
    further = row[(stays.number[row] % 4 == 0) & (which[row] != known.index("I63.900"))]
    rows = Arrays(
        row=np.concatenate([row, further]),
        sequence=np.repeat([1, 2], [len(row), len(further)]),
        which=np.concatenate([which[row], np.full(len(further), known.index("I63.900"))]),
    )
    rows["complication"] = rng.random(rows.rows) < 0.015
    return rows.take(np.lexsort((rows.sequence, rows.row)))


def operation_columns(rows: Arrays, stays: Arrays) -> dict:
    """Code, name, day, level and anaesthesia of operations."""
    done, entries = stays.take(rows.row), [*_OPERATIONS.values()]
    day = np.minimum(done.admit.astype("datetime64[D]") + rows.sequence, done.due.astype("datetime64[D]"))
    return {
        "oper_code": pick([e[0] for e in entries], rows.which),
        "oper_name": pick([e[1] for e in entries], rows.which),
        "oper_date": day,
        "oper_level": pick([e[2] for e in entries], rows.which),
        "anes_way": pick(["01", "02", "03"], rows.which % 3),
    }


def operation_frame(rows: Arrays, stays: Arrays, layout: Layout) -> Frame:
    """his_mr_oper of the month's discharged stays."""
    done, told = stays.take(rows.row), operation_columns(rows, stays)
    return Frame(
        "his_mr_oper",
        rows.rows,
        layout.deliverer[done.institution],
        {
            "visit_id": stay_id(done.number),
            "seq": rows.sequence,
            **told,
            "operator": staff_ids(done.doctor),
            "incision": pick(["Ⅰ/甲", "Ⅱ/甲"], rows.which % 2),
            "minimally_invasive": pick(["0", "1"], (rows.which < 3).astype(np.int64)),
            "complication": pick(["0", "1"], rows.complication.astype(np.int64)),
            "oper_code_nhsa": told["oper_code"],
        },
    )


def choose_corrections(seed: int, month: CalendarMonth, stays: Arrays) -> np.ndarray:
    """Rows of the month's discharged stays whose record will be mended next month (V16): 1.5 %, one at least."""
    point = stream(seed, "defects/corrections", month.number).random(stays.rows)
    return np.flatnonzero((point < 0.015) | (point == point.min(initial=1.0)))


def corrected(seed: int, month: CalendarMonth, stays: Arrays, diseases: Diseases) -> Arrays:
    """The stays as mended: another principal diagnosis for half, another discharge time for the others.

    The discharge stays in its month, after the admission; `changed` is 0 (diagnosis) or 1 (time).
    """
    rng = stream(seed, "defects/correct", month.number)
    mended = stays.take(np.arange(stays.rows))
    time = rng.random(stays.rows) < 0.5
    plausible = np.flatnonzero(np.isin(diseases.groups, ["any", *CHRONIC]) & (diseases.inpatient_weight > 1))
    other = plausible[rng.integers(0, len(plausible), stays.rows)]
    mended["disease"] = np.where(time, stays.disease, other)
    earlier = stays.due - 86_400
    possible = (earlier > stays.admit) & (
        earlier.astype("datetime64[M]") == stays.due.astype("datetime64[M]")
    )
    mended["due"] = np.where(time & possible, earlier, stays.due)
    return mended


def correction_frames(
    month: CalendarMonth, mended: Arrays, people, diseases, layout: Layout, patient_id
) -> list[Frame]:
    """his_ip_stay and his_mr_diag rows with which last month's records are mended in this month's delivery."""
    known = month.start + (8 + mended.number % 12) * 86_400 + 36_000
    stay = stay_frame(month, mended, people, diseases, layout, patient_id, updated=known)
    stay.fragile = np.ones(stay.rows, bool)
    record = record_diagnosis_frame(mended, diseases, layout, known, defects=True)
    for frame in (stay, record):
        frame.notes.append(Note(np.arange(frame.rows), "V16", "", "late"))
    return [stay, record]


def stay_id(number: np.ndarray) -> pa.Array:
    return identifier("ZY", number, 10)
