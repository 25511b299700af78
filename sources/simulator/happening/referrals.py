"""Two-way referrals as a state machine.

Upward: from indicated visits at the grass roots to the alliance's hospital (a few leave the county). Downward: from
indicated discharges at county hospitals to the patient's township. A referral is delivered by its sender in every month
in which its state changed, as it stood at the month's end. Not here: what an arrival leads to (arrivals.py).
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Mark
from sources.simulator.ground.keys import encounter_id, referral_id, staff_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import join, pick
from sources.simulator.happening.stays import HOME as LEFT_FOR_HOME
from sources.simulator.people.population import Residents
from sources.simulator.place.diseases import Diseases

UP, DOWN = 1, 2
_RUSH = 2.9
_NEVER = np.datetime64("NaT", "s")
_OUTSIDE = "H34010000123"
_STEPS = ("apply", "accept", "arrive", "feedback", "close")
_TIMES = (*_STEPS, "cancel", "documents")
CRITICAL = 4
_SEVERITY = np.array([0.3, 0.4, 0.24, 0.06])  # mild to critical
# How the documents go: with the request, hours later, after the patient, never.
_DOCUMENTS = np.array([0.84, 0.08, 0.05, 0.03])
_ENTERED_LATE = 0.08


@dataclass(frozen=True)
class Habits:
    """How readily each institution refers (up from the grass roots, down from hospitals) and how many come back."""

    up: np.ndarray
    down: np.ndarray
    bounce: np.ndarray


def habits(seed: int, layout: Layout) -> Habits:
    rng = stream(seed, "referral habits")
    up = rng.uniform(0.13, 0.27, layout.size) * np.where(layout.is_village, 0.25, 1.0)
    return Habits(
        up=up, down=rng.uniform(0.38, 0.45, layout.size), bounce=rng.uniform(0.13, 0.27, layout.size)
    )


def up_referrals(
    seed: int,
    month: CalendarMonth,
    visits: Arrays,
    people: Residents,
    diseases: Diseases,
    layout: Layout,
    habit: Habits,
) -> Arrays:
    """Referrals from the month's indicated visits; `source` is the row of the visit."""
    rng = stream(seed, "referrals/up", month.number)
    primary = ~layout.is_county[visits.institution]
    chosen = np.flatnonzero(
        primary
        & diseases.up[visits.disease]
        & ~people.is_test[visits.person]
        & ((rng.random(visits.rows) < habit.up[visits.institution]) | (visits.forced == 1))
    )
    sent = visits.take(chosen)
    hospital = layout.hospital_of()[sent.institution]
    other = np.where(hospital == layout.county[0], layout.county[1], layout.county[0])
    target = np.where(rng.random(sent.rows) < 0.8, hospital, other)
    target = np.where(layout.is_village[sent.institution], layout.parent[sent.institution], target)
    out = (rng.random(sent.rows) < 0.04) & ~layout.is_village[sent.institution]
    life = _life(rng, sent, UP, np.where(out, -1, target), sent.due + 900, chosen, days=2)
    return _handled(stream(seed, "referrals/handling/up", month.number), life)


def rush_month(months: list[CalendarMonth]) -> int:
    """Number of the month in which one institution refers to make its year look good: December, else the last one."""
    december = [m.number for m in months if m.name.endswith("-12")]
    return december[-1] if december else months[-1].number


def rushed(habit: Habits, month: CalendarMonth, months: list[CalendarMonth], culprit: int) -> Habits:
    """The month's habits: as ever, but for the institution that rushes at the year's end (年末突击)."""
    if culprit < 0 or month.number != rush_month(months):
        return habit
    up = habit.up.copy()
    up[culprit] = min(up[culprit] * _RUSH, 0.95)
    return replace(habit, up=up)


def down_referrals(
    seed: int,
    month: CalendarMonth,
    stays: Arrays,
    people: Residents,
    diseases: Diseases,
    layout: Layout,
    habit: Habits,
) -> Arrays:
    """Referrals from the month's indicated discharges at county hospitals; `source` is the row of the stay."""
    rng = stream(seed, "referrals/down", month.number)
    chosen = np.flatnonzero(
        layout.is_county[stays.institution] & diseases.down[stays.disease] & (stays.leaving == LEFT_FOR_HOME)
        & (rng.random(stays.rows) < habit.down[stays.institution])
    )  # fmt: skip
    sent = stays.take(chosen)
    life = _life(rng, sent, DOWN, people.home[sent.person], sent.due - 3_600, chosen, days=3)
    return _handled(stream(seed, "referrals/handling/down", month.number), life)


def _life(
    rng: np.random.Generator,
    sent: Arrays,
    direction: int,
    target: np.ndarray,
    apply: np.ndarray,
    source: np.ndarray,
    days: int,
) -> Arrays:
    """Run every referral through its states; a time that never comes is NaT."""
    size = sent.rows
    fate = rng.random(size)
    accept = apply + rng.integers(10, 300, size) * 60
    arrive = accept + rng.integers(60, days * 1_440, size) * 60
    feedback = arrive + rng.integers(600, 5_760, size) * 60
    close = feedback + rng.integers(600, 8_640, size) * 60
    rejected, cancelled, lost = fate < 0.05, (fate >= 0.05) & (fate < 0.08), (fate >= 0.08) & (fate < 0.12)
    arrives = ~(rejected | cancelled | lost)
    feeds = arrives & (rng.random(size) < 0.9)
    closes = feeds & (rng.random(size) < 0.92)
    return Arrays(
        direction=np.full(size, direction),
        sender=sent.institution,
        target=np.asarray(target),
        person=sent.person,
        disease=sent.disease,
        source=source,
        source_number=np.full(size, -1),
        doctor=sent["doctor"] if "doctor" in sent else np.full(size, -1),
        apply=apply,
        accept=np.where(cancelled, _NEVER, accept),
        cancel=np.where(cancelled, accept, _NEVER),
        rejected=rejected,
        arrive=np.where(arrives, arrive, _NEVER),
        feedback=np.where(feeds, feedback, _NEVER),
        close=np.where(closes, close, _NEVER),
        again=sent["forced"] if "forced" in sent else np.zeros(size, np.int64),
        number=np.full(size, -1),
        receiver=np.full(size, -1),
    )


def _handled(rng: np.random.Generator, referrals: Arrays) -> Arrays:
    """How ill the patients are, when the documents go out, and what is accepted in the records days after the fact."""
    size = referrals.rows
    way = draw(rng, _DOCUMENTS, size)
    hours_later = referrals["apply"] + rng.integers(180, 1_440, size) * 60
    after_patient = referrals.arrive + rng.integers(30, 600, size) * 60
    sent = np.select(
        [way == 0, way == 1, way == 2], [referrals["apply"] + 60, hours_later, after_patient], _NEVER
    )
    late = (rng.random(size) < _ENTERED_LATE) & np.isnat(referrals.cancel)
    entered = referrals["apply"] + rng.integers(2_900, 7_200, size) * 60
    return Arrays(
        {
            **referrals,
            "severity": 1 + draw(rng, _SEVERITY, size),
            "documents": sent,
            "accept": np.where(late, entered, referrals.accept),
        }
    )


def changed_in(referrals: Arrays, month: CalendarMonth) -> np.ndarray:
    """True where some state was reached or documents went out in the month."""
    changed = np.zeros(referrals.rows, bool)
    for step in _TIMES:
        changed |= (referrals[step] >= month.start) & (referrals[step] < month.end)
    return changed


def settled_by(referrals: Arrays, time: np.datetime64) -> np.ndarray:
    """True where nothing happens at or after `time`."""
    last = np.zeros(referrals.rows, bool)
    for step in _TIMES:
        last |= referrals[step] >= time
    return ~last


def state_at(referrals: Arrays, time: np.datetime64) -> np.ndarray:
    """The status code (10 … 90) just before `time`."""
    status = np.full(referrals.rows, 10)
    for step, code in (("accept", 20), ("arrive", 30), ("feedback", 40), ("close", 50)):
        status = np.where(referrals[step] < time, code, status)
    status = np.where(referrals.rejected & (referrals.accept < time), 25, status)
    return np.where(referrals.cancel < time, 90, status)


def _marks(month: CalendarMonth, months: list[CalendarMonth], referrals: Arrays, culprit: int) -> list[Mark]:
    """New referrals that belong to an anomaly."""
    new = (referrals.direction == UP) & (referrals.apply >= month.start)
    rush = new & (referrals.sender == culprit) & (month.number == rush_month(months))
    again = new & (referrals.again == 1)
    return [
        Mark.where(rush, "年末突击", referrals.sender, "考核期末当月上转量为平时的数倍"),
        Mark.where(again, "乒乓转诊", referrals.sender, "下转后数日内又由同一机构上转"),
    ]


def _reason(referrals: Arrays, diseases: Diseases) -> pa.Array:
    category = pick(diseases.categories, diseases.category[referrals.disease])
    return join(pick(["", "UP", "DN"], referrals.direction), "-", category)


def referral_frame(
    month: CalendarMonth,
    months: list[CalendarMonth],
    referrals: Arrays,
    diseases: Diseases,
    layout: Layout,
    patient_id: pa.Array,
    culprit: int,
) -> Frame:
    """his_referral rows as they stand at the end of the month; `culprit` is the institution that rushes (年末突击)."""
    status = state_at(referrals, month.end)
    known = {
        step: np.where(referrals[step] < month.end, referrals[step], _NEVER)
        for step in (*_STEPS, "documents")
    }
    accepted = np.where(np.isnat(known["accept"]), -1, referrals.receiver)
    outside = referrals.target < 0
    target = pick([*layout.code_list(), _OUTSIDE], np.where(outside, layout.size, referrals.target))
    return Frame(
        "his_referral",
        referrals.rows,
        layout.deliverer[referrals.sender],
        {
            "referral_id": referral_id(referrals.number),
            "direction": pick(["", "1", "2"], referrals.direction),
            "from_org": pick(layout.codes, referrals.sender),
            "to_org": target,
            "to_out_county": pick(["0", "1"], outside),
            "patient_id": patient_id,
            "initiator_staff": staff_id(referrals.doctor),
            "accept_staff": staff_id(accepted),
            "reason_code": _reason(referrals, diseases),
            "diag_code": pick(diseases.codes, referrals.disease),
            "severity": pick(["", "1", "2", "3", "4"], referrals.severity),
            "from_visit_id": encounter_id(referrals.direction == DOWN, referrals.source_number),
            "status": pa.array(status).cast(pa.string()),
            "reject_reason": pick(["01", "02", "03"], np.where(status == 25, referrals.number % 3, -1)),
            "green_channel": pick(["0", "1"], referrals.number % 2),
            "patient_consent": "1",
            **_times(known, np.where(status == 90, referrals.cancel, _NEVER)),
        },
        event=referrals.event,
        subject="referral",
        fragile=~((referrals.apply >= month.start) & settled_by(referrals, month.end)),
        marks=_marks(month, months, referrals, culprit),
    )


def _times(known: dict[str, np.ndarray], cancelled: np.ndarray) -> dict[str, np.ndarray]:
    """When each state was reached, and the last of it."""
    return {
        **{f"{step}_time": known[step] for step in _STEPS},
        "info_sent_time": known["documents"],
        "src_update_ts": np.fmax.reduce([*known.values(), cancelled]) + 60,
    }
