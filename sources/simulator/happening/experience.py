"""Expert slots of the county hospitals and what patients say afterwards.

Not here: complaints (afterwards/office.py).
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, Pending, concat, running_number
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Mark
from sources.simulator.ground.keys import staff_id, stay_id, visit_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import identifier, join, null_where, pick, scaled
from sources.simulator.happening.stays import DISCHARGED
from sources.simulator.people.population import Residents
from sources.simulator.place.staff import Workforce

EXPERT, PRIMARY_CHANNEL, STOPPED = 2, 1, 4
_NEVER = np.datetime64("NaT", "s")
FROM_VISIT, FROM_STAY, FROM_CONTRACT, FROM_STAFF = 1, 2, 3, 4
_SLOTS_PER_RESIDENT = {"county_lead": 0.034, "county": 0.022}
_RESPONSE = {"county_lead": 0.05, "county": 0.06, "township": 0.21, "community": 0.21, "village": 0.32}


def slots(seed: int, month: CalendarMonth, people: Residents, layout: Layout, workforce: Workforce) -> Arrays:
    """The month's slots: doctor × time, with the channel they are open to and when they were released."""
    rng = stream(seed, "slots", month.number)
    sizes = [
        max(12, int(people.count * _SLOTS_PER_RESIDENT[layout.tiers[i]] * month.volume()))
        for i in layout.county
    ]
    place = np.repeat(layout.county, sizes)
    size = len(place)
    open_share = stream(seed, "slot manners").uniform(0.26, 0.42, layout.size)[place]
    kind = rng.choice([1, EXPERT, 3], size, p=[0.44, 0.5, 0.06])
    time = (
        month.start + draw(rng, month.day_weights(), size) * 86_400 + (16 + rng.integers(0, 18, size)) * 1_800
    )
    channel = np.where(
        rng.random(size) < open_share, PRIMARY_CHANNEL, draw(rng, np.array([0.6, 0, 0.3, 0.1]), size)
    )
    ahead = np.where(
        rng.random(size) < 0.82, rng.integers(24 * 60, 14 * 1_440, size), rng.integers(30, 24 * 60, size)
    )
    released = np.where(rng.random(size) < 0.02, _NEVER, time - ahead * 60)
    order = np.lexsort((time, place))
    rows = Arrays(
        place=place,
        kind=kind,
        due=time,
        channel=channel,
        released=released,
        status=rng.choice([0, 1, 2, 3, STOPPED], size, p=[0.12, 0.05, 0.74, 0.05, 0.04]),
        doctor=workforce.doctor(rng, place, month),
        booked=layout.primary[rng.integers(0, len(layout.primary), size)],
        department=rng.integers(1, 10, size),
    ).take(order)
    rows["id"] = month.id_base + 1 + running_number(rows.place, layout.size)
    return rows


def slot_frame(rows: Arrays, layout: Layout) -> Frame:
    """his_slot."""
    booked = (rows.channel == PRIMARY_CHANNEL) & np.isin(rows.status, [1, 2, 3])
    return Frame(
        "his_slot",
        rows.rows,
        layout.deliverer[rows.place],
        {
            "slot_id": identifier("S", rows.id, 10),
            "org_code": pick(layout.codes, rows.place),
            "dept_code": identifier("", rows.department, 2),
            "staff_id": staff_id(rows.doctor),
            "slot_type": pa.array(rows.kind).cast(pa.string()),
            "slot_time": rows.due,
            "channel": pick(["01", "02", "03", "04"], rows.channel),
            "released_at": rows.released,
            "booked_org": null_where(pick(layout.codes, rows.booked), ~booked),
            "status": pa.array(rows.status).cast(pa.string()),
        },
        event=rows.event,
        subject="slot",
    )


class Surveys:
    """Questionnaires: answered one to six days after a visit, after a stay, or once in a while by signed residents."""

    def __init__(self, seed: int, layout: Layout, culprit: int):
        """`culprit` is the institution that answers its questionnaires itself, all on one device."""
        self.seed, self.layout, self._culprit = seed, layout, culprit
        self._pending = Pending()
        self._level = stream(seed, "satisfaction manners").normal(84, 4.0, layout.size).clip(74, 93)

    def month(self, month: CalendarMonth, visits: Arrays, stays: Arrays, people: Residents) -> Arrays:
        """Answers given in the month."""
        rng = stream(self.seed, "satisfaction", month.number)
        layout = self.layout
        rate = np.array([_RESPONSE[t] for t in layout.tiers])
        asked = (visits.status == 1) & ~people.is_test[visits.person]
        seen = np.flatnonzero(asked & (rng.random(visits.rows) < rate[visits.institution]))
        stayed = np.flatnonzero((stays.status == DISCHARGED) & (rng.random(stays.rows) < 0.25))
        signed = np.repeat(layout.primary, rng.poisson(8, len(layout.primary)))
        staff = np.repeat(np.arange(layout.size), np.where(layout.is_village, 0, 3))
        self._ask(rng, visits.institution[seen], visits.number[seen], visits.due[seen], FROM_VISIT)
        self._ask(rng, stays.institution[stayed], stays.number[stayed], stays.due[stayed], FROM_STAY)
        for place, kind in ((signed, FROM_CONTRACT), (staff, FROM_STAFF)):
            when = (
                month.start
                + rng.integers(0, len(month.days), len(place)) * 86_400
                + rng.integers(480, 1_200, len(place)) * 60
            )
            self._ask(rng, place, np.full(len(place), -1), when - 6 * 86_400, kind)
        rows = concat(self._pending.collect(month.end))
        rows = rows.take(np.lexsort((rows.place, rows.due)))
        rows["own_device"] = (rows.place == self._culprit) & (rows.device % 10 < 7)
        rows["device"] = np.where(rows.own_device, 20_250_101, rows.device)
        rows["id"] = month.id_base + 1 + running_number(layout.deliverer[rows.place], layout.size)
        return rows

    def _ask(
        self, rng: np.random.Generator, place: np.ndarray, number: np.ndarray, after: np.ndarray, kind: int
    ) -> None:
        size = len(place)
        score = rng.normal(self._level[place], 9, size).clip(20, 100)
        self._pending.put(
            Arrays(
                place=np.asarray(place),
                number=number,
                due=after + rng.integers(1_440, 8_640, size) * 60,
                kind=np.full(size, kind),
                tenths=(np.round(score * 2) * 5).astype(np.int64),
                channel=rng.integers(1, 5, size),
                device=rng.integers(0, 2**40, size),
            )
        )


def survey_frame(rows: Arrays, layout: Layout) -> Frame:
    """his_satisfaction."""
    visit = np.where(rows.kind == FROM_VISIT, rows.number, -1)
    stay = np.where(rows.kind == FROM_STAY, rows.number, -1)
    related = pa.compute.coalesce(visit_id(visit), stay_id(stay))
    marks = [f"[{a},{b},{c}]" for a in range(1, 6) for b in range(1, 6) for c in range(1, 6)]
    good = np.clip(rows.tenths // 200, 1, 5) - 1
    return Frame(
        "his_satisfaction",
        rows.rows,
        layout.deliverer[rows.place],
        {
            "sv_id": identifier("MY", rows.id, 10),
            "org_code": pick(layout.codes, rows.place),
            "respondent": pa.array(rows.kind).cast(pa.string()),
            "visit_id": related,
            "channel": pa.array(rows.channel).cast(pa.string()),
            "answer_time": rows.due,
            "device_hash": join("d", identifier("", rows.device, 13)),
            "q_scores": pick(marks, good * 25 + np.clip(good + rows.id % 2 - 1, 0, 4) * 5 + good),
            "overall": scaled(rows.tenths, 1),
            "comment": pick(["等候时间较长", "服务态度好"], np.where(rows.id % 9 == 0, rows.id % 2, -1)),
        },
        event=rows.event,
        subject="survey",
        marks=[Mark.where(rows.own_device, "满意度同设备", rows.place, "多份问卷来自同一设备")],
    )
