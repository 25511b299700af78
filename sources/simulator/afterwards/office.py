"""The alliance's office: help given by the county hospitals, reviews, complaints.

Not here: the internal market that pays for the help (market.py), what the office keeps by hand (governance.py).
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, running_number
from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.keys import consultation_id, prescription_no, staff_id, stay_id
from sources.simulator.ground.streams import draw
from sources.simulator.ground.text import null_where, pick, scaled
from sources.simulator.place.price_list import number, prices_on
from sources.simulator.state.happened import Happened

# What is offered from afar: its code in the price list, its kind (tele_type).
OFFERED = [("TELE-CON", "1"), ("TELE-IMG", "2"), ("TELE-ECG", "3"), ("TELE-US", "4")]
CLINIC, ROUND = 1, 2  # kinds of activities of those who are posted
_MIX = np.array([0.15, 0.3, 0.45, 0.1])
DONE, CANCELLED, LATE = 1, 2, 3
_SERVICE_COLUMNS = (
    "id", "service", "hospital", "institution", "person", "urgent", "status", "apply", "report", "expert",
)  # fmt: skip


def remote_services(h: Happened) -> Arrays:
    """What the grass roots asked of their county hospital this month."""
    rng, layout = h.rng("remote services"), h.layout
    asking = (
        ~layout.is_county[h.visits.institution] & (h.visits.status == 1) & ~h.people.is_test[h.visits.person]
    )
    visits = h.visits.take(asking & (rng.random(h.visits.rows) < 0.025))
    size = visits.rows
    apply = visits.due + rng.integers(4, 20, size) * 60
    accept = apply + rng.integers(2, 30, size) * 60
    status = rng.choice([DONE, CANCELLED, LATE], size, p=[0.93, 0.04, 0.03])
    hospital = layout.hospital_of()[visits.institution]
    rows = Arrays(
        id=h.month.id_base + 1 + np.arange(size),
        service=draw(rng, _MIX, size),
        institution=visits.institution,
        person=visits.person,
        doctor=visits.doctor,
        hospital=hospital,
        expert=h.world.workforce.doctor(rng, hospital, h.month),
        status=status,
        apply=apply,
        accept=np.where(status == CANCELLED, np.datetime64("NaT"), accept),
        report=np.where(status == CANCELLED, np.datetime64("NaT"), accept + rng.integers(5, 90, size) * 60),
    )
    rows["urgent"] = rows.id % 6 == 0
    h.diary.write("remote service", rows, _SERVICE_COLUMNS)
    return rows


def remote_frame(h: Happened, rows: Arrays) -> Frame:
    """his_teleconsult."""
    layout = h.layout
    price = np.array(
        [
            prices_on(number(OFFERED[service][0]), day[None])[0].fen
            for service, day in zip(rows.service.tolist(), rows["apply"], strict=True)
        ],
        np.int64,
    )
    cancelled = rows.status == CANCELLED
    return platform_frame(
        "his_teleconsult",
        rows.rows,
        {
            "tele_id": consultation_id(rows.id),
            "tele_type": pick([kind for _, kind in OFFERED], rows.service),
            "apply_org": pick(layout.codes, rows.institution),
            "serve_org": pick(layout.codes, rows.hospital),
            "apply_staff": staff_id(rows.doctor),
            "serve_staff": null_where(staff_id(rows.expert), cancelled),
            "patient_id": h.world.registers.column(rows.institution, rows.person),
            "urgency": pick(["1", "2"], rows.urgent),
            "apply_time": rows["apply"],
            "accept_time": rows.accept,
            "report_time": rows.report,
            "status": pa.array(rows.status).cast(pa.string()),
            "fee": np.where(cancelled, 0, price),
            "village_code": null_where(
                pick(h.people.division, rows.person), ~layout.is_village[rows.institution]
            ),
        },
    )


def dispatch_frame(h: Happened) -> Frame:
    """his_dispatch: what those who are posted did there, about once a week."""
    month, rng = h.month, h.rng("dispatch")
    first, last = month.first_day, month.last_day
    posts = [p for p in h.world.workforce.postings if p.start <= last and (p.end is None or p.end >= first)]
    who = np.repeat(np.arange(len(posts)), 4)
    size = len(who)
    kind = rng.choice(9, size, p=[0.35, 0.25, 0.08, 0.04, 0.05, 0.06, 0.09, 0.04, 0.04])
    teaching = kind >= 5
    day = first + draw(rng, month.day_weights(), size)
    hours = np.array([2, 4, 8])[rng.integers(0, 3, size)]
    served, taught = rng.integers(3, 40, size), rng.integers(3, 25, size)
    served, taught = (
        np.where(teaching | (who % 7 == 3), 0, served),
        np.where(teaching, taught, 0),
    )
    operated, place = np.where(kind == 3, 1, 0), np.where(who % 9 == 0, -1, who % 2)
    staff, sender, to = (
        np.array([n(posts[p]) for p in who], np.int64)
        for n in (lambda p: p.who.number, lambda p: p.who.institution, lambda p: p.to)
    )
    event = h.enter(
        "dispatch",
        staff=staff,
        sender=sender,
        to=to,
        kind=kind + 1,
        day=day,
        hours=hours,
        proven=(place >= 0) & (served + taught + operated > 0),
        checked=place >= 0,
        volume=served + taught,
    )
    return platform_frame(
        "his_dispatch",
        size,
        {
            "act_id": h.serials("BF", size),
            "staff_id": staff_id(staff),
            "from_org": pick(h.layout.codes, sender),
            "to_org": pick(h.layout.codes, to),
            "act_type": pick([f"{n:02d}" for n in range(1, 10)], kind),
            "act_date": day,
            "hours": scaled(hours * 10, 1),
            "patients_served": served,
            "surgeries": operated,
            "tech_code": pick(["", "T-JCHG", "T-ZYSJ"], np.where(kind == 5, 1 + who % 2, -1)),
            "trainees": taught,
            "checkin_geo": pick(["116.70,33.91", "116.74,33.88"], place),
        },
        event=event,
        subject="dispatch",
    )


def prescription_review_frame(h: Happened) -> Frame:
    """his_rx_review: about one prescription of a hundred."""
    rng, layout = h.rng("prescription reviews"), h.layout
    chosen = h.prescriptions.take(rng.random(h.prescriptions.rows) < 0.01)
    place = h.visits.institution[chosen.row]
    result = rng.choice(4, chosen.rows, p=[0.9, 0.05, 0.04, 0.01])
    event = h.enter(
        "prescription review",
        place=place,
        paper=chosen.event,
        visit=chosen.visit,
        month=np.full(chosen.rows, h.month.number),
        result=result,
    )
    return platform_frame(
        "his_rx_review",
        chosen.rows,
        {
            "rv_id": h.serials("DP", chosen.rows),
            "org_code": pick(layout.codes, place),
            "period": h.month.half_year,
            "rx_no": prescription_no(chosen.number),
            "reviewer": staff_id(np.zeros(chosen.rows, np.int64)),
            "result": pick(["1", "2", "3", "4"], result),
            "issue_codes": pick(["", "1-3", "2-5", "3-1"], np.where(result > 0, result, -1)),
        },
        event=event,
        subject="prescription review",
    )


def record_review_frame(h: Happened) -> Frame:
    """his_mr_review: about five records of a hundred."""
    rng = h.rng("record reviews")
    stays = h.discharged.take(rng.random(h.discharged.rows) < 0.05)
    score = rng.normal(93, 4, stays.rows).clip(60, 100)
    grade = np.select([score >= 90, score >= 75], [0, 1], 2)
    event = h.enter(
        "record_review",
        place=stays.institution,
        stay=stays.event,
        person=stays.person,
        month=np.full(stays.rows, h.month.number),
        grade=grade,
    )
    return platform_frame(
        "his_mr_review",
        stays.rows,
        {
            "mv_id": h.serials("BL", stays.rows),
            "org_code": pick(h.layout.codes, stays.institution),
            "period": h.month.half_year,
            "visit_id": stay_id(stays.number),
            "score": scaled((score * 10).astype(np.int64), 1),
            "grade": pick(["1", "2", "3"], grade),
        },
        event=event,
        subject="record_review",
    )


def complaint_frame(h: Happened) -> Frame:
    """his_complaint."""
    rng, month = h.rng("complaints"), h.month
    place = np.repeat(np.arange(h.layout.size), rng.poisson(np.where(h.layout.is_village, 0.1, 1.2)))
    size = len(place)
    made = month.start + rng.integers(0, len(month.days), size) * 86_400 + rng.integers(480, 1_080, size) * 60
    closed = made + rng.integers(1, 15, size) * 86_400
    source = rng.choice(3, size, p=[0.75, 0.2, 0.05])
    category = rng.integers(0, 5, size)
    adopted = running_number(place, h.layout.size) % 2
    event = h.enter(
        "complaint", place=place, source=source + 1, due=made, closed=closed < month.end, adopted=adopted
    )
    return platform_frame(
        "his_complaint",
        size,
        {
            "cp_id": h.serials("TS", size),
            "source": pick(["1", "2", "3"], source),
            "org_code": pick(h.layout.codes, place),
            "category": pick(["服务", "费用", "转诊", "分配", "其他"], category),
            "created_at": made,
            "closed_at": np.where(closed < month.end, closed, np.datetime64("NaT")),
            "adopted": pick(["0", "1"], adopted),
        },
        event=event,
        subject="complaint",
    )
