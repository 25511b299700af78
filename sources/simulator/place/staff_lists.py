"""The lists of staff, postings and training that institutions deliver every month, as of its last day.

Nobody yet to come, no departure yet to happen; those who left stay on the list (the feed's known habit). Not here: who
works where and when (staff.py).
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Note
from sources.simulator.ground.keys import doctor_code, staff_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.text import identifier, null_where, pick
from sources.simulator.people.id_card import as_text, cards
from sources.simulator.place.staff import SEES_PATIENTS, Workforce

_TITLES = {"1": "主任医师", "2": "副主任医师", "3": "主治医师", "4": "医师", "5": "医士", "9": None}
_MONTHS_OF_TRAINING = {"01": "4.0", "02": "0.2", "06": "0.1"}


def staff_frame(workforce: Workforce, layout: Layout, month: CalendarMonth) -> Frame:
    """his_staff."""
    staff = [p for p in workforce.staff if p.hired <= month.last_day]
    place, number, sex = (np.array([getattr(p, n) for p in staff]) for n in ("institution", "number", "sex"))
    kind, title = (np.array([getattr(p, n) for p in staff]) for n in ("kind", "title"))
    birth = np.array([p.birth for p in staff])
    second = np.array([p.same_as is not None and workforce.staff[p.same_as].left is None for p in staff])
    own = np.array([p.number if p.same_as is None else p.same_as for p in staff])
    gone = [p.left is not None and p.left <= month.last_day for p in staff]
    doctor, village = np.isin(kind, SEES_PATIENTS), kind == "61"
    return Frame(
        "his_staff",
        len(staff),
        layout.deliverer[place],
        {
            "staff_id": staff_id(number),
            "org_code": pick(layout.codes, place),
            "emp_no": identifier("", number % 10_000, 5),
            "name": pa.array([p.name for p in staff]),
            "id_no": as_text(cards(birth, sex, 400 + own % 100)),
            "gender": pick(["", "1", "2"], sex),
            "birth_date": birth,
            "staff_type": pa.array(kind),
            "title_level": pa.array(title),
            "title_name": pa.array([_TITLES[t] for t in title]),
            "education": pick(["31", "21"], np.isin(title, ["1", "2", "3"])),
            "practice_cert_no": null_where(identifier("110340699", own, 6), ~doctor),
            "nhsa_doctor_code": null_where(doctor_code(own), ~doctor),
            "gp_flag": pick(["0", "1"], village | (doctor & (number % 5 == 0))),
            "bianzhi_type": pick(["1", "2", "4"], np.select([village, number % 3 == 0], [2, 1], 0)),
            "hire_date": np.array([p.hired for p in staff], "datetime64[D]"),
            "leave_date": _days([p.left if g else None for p, g in zip(staff, gone, strict=True)]),
            "leave_reason": pa.array([p.reason if g else None for p, g in zip(staff, gone, strict=True)]),
        },
        notes=[Note.where(second, "V28")],
    )


def posting_frame(workforce: Workforce, layout: Layout, month: CalendarMonth) -> Frame:
    """his_staff_assignment."""
    rows = [(n, p) for n, p in enumerate(workforce.postings) if p.start <= month.last_day]
    number = np.array([n for n, _ in rows], np.int64)
    source = np.array([p.who.institution for _, p in rows], np.int64)
    return Frame(
        "his_staff_assignment",
        len(rows),
        layout.deliverer[source],
        {
            "assign_id": identifier("AS", number + 1, 8),
            "staff_id": staff_id(np.array([p.who.number for _, p in rows], np.int64)),
            "from_org": pick(layout.codes, source),
            "to_org": pick(layout.codes, np.array([p.to for _, p in rows], np.int64)),
            "assign_type": pa.array([p.kind for _, p in rows], pa.string()),
            "position": pa.array(
                ["业务副院长" if p.kind == "04" else "坐诊医师" for _, p in rows], pa.string()
            ),
            "start_date": np.array([p.start for _, p in rows], "datetime64[D]"),
            "end_date": _days([p.end for _, p in rows]),
            "days_in_year": number * 37 % 200,
            "title_at_assign": pa.array([p.who.title for _, p in rows], pa.string()),
            "evidence_type": pick(["排班", "打卡+业务量"], number % 3 > 0),
        },
    )


def training_frame(workforce: Workforce, layout: Layout, month: CalendarMonth) -> Frame:
    """his_training: all courses of the year so far, as far as entered by the end of the month."""
    rows = [t for t in workforce.trainings if t.start >= month.new_year and t.known_from <= month.last_day]
    place, number = (
        np.array(c, np.int64) for c in ([t.who.institution for t in rows], [t.number for t in rows])
    )
    kind = np.array([t.kind for t in rows], "U2")
    return Frame(
        "his_training",
        len(rows),
        layout.deliverer[place],
        {
            "train_id": identifier("PX", number, 7),
            "staff_id": staff_id(np.array([t.who.number for t in rows], np.int64)),
            "train_type": pa.array(kind, pa.string()),
            "host_org": pick(["濉河县人民医院", "省城医科大学附属医院"], kind == "01"),
            "start_date": np.array([t.start for t in rows], "datetime64[D]"),
            "end_date": np.array([t.end for t in rows], "datetime64[D]"),
            "months": pa.array([_MONTHS_OF_TRAINING[k] for k in kind], pa.string()),
            "voluntary": pick(["0", "1"], np.array([t.voluntary for t in rows], bool)),
            "passed": pick(["0", "1"], number % 17 > 0),
        },
    )


def _days(days: list[np.datetime64 | None]) -> np.ndarray:
    return np.array([np.datetime64("NaT") if day is None else day for day in days], "datetime64[D]")
