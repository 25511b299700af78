"""Two-way referrals as a state machine, and what an arrival leads to.

Upward: from indicated visits at the grass roots to the alliance's hospital (a few leave the county). Downward: from
indicated discharges at county hospitals to the patient's township. Some of the latter return within 30 days.
A referral is delivered by its sender in every month in which its state changed, as it stood at the month's end.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Mark
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import identifier, join, pick
from sources.simulator.happening.stays import discharge_times, new_stays, stay_id
from sources.simulator.happening.visits import OUTPATIENT, new_visits, staff_ids, visit_id
from sources.simulator.people.population import Residents
from sources.simulator.place.diseases import Diseases

UP, DOWN = 1, 2
_RUSH = 2.9
_NEVER = np.datetime64("NaT", "s")
_OUTSIDE = "H34010000123"
_STEPS = ("apply", "accept", "arrive", "feedback", "close")


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
    seed: int, month: CalendarMonth, visits: Arrays, people, diseases: Diseases, layout: Layout, habit: Habits
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
    return _life(rng, sent, UP, np.where(out, -1, target), sent.due + 900, chosen, days=2)


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


def ping_pong(seed: int, month: CalendarMonth, sent: Arrays, diseases: Diseases, culprit: int) -> Arrays:
    """Visits of patients just sent down to one township, who will be sent up again within days (乒乓转诊)."""
    rng = stream(seed, f"anomalies/ping pong/{int(sent.direction[0]) if sent.rows else 0}", month.number)
    back = sent.take(
        (sent.direction == DOWN)
        & (sent.target == culprit)
        & ~np.isnat(sent.arrive)
        & diseases.up[sent.disease]
    )
    when = np.maximum(_office(rng, back.arrive, rng.integers(2, 9, back.rows)), month.end + 9 * 3_600)
    return new_visits(back.person, back.disease, back.target, when, OUTPATIENT, 2, forced=1)


def marks(month: CalendarMonth, months: list[CalendarMonth], referrals: Arrays, culprit: int) -> list[Mark]:
    """New referrals that belong to an anomaly."""
    new = (referrals.direction == UP) & (referrals.apply >= month.start)
    rush = new & (referrals.sender == culprit) & (month.number == rush_month(months))
    found = (
        (np.flatnonzero(rush), "年末突击", "考核期末当月上转量为平时的数倍"),
        (np.flatnonzero(new & (referrals.again == 1)), "乒乓转诊", "下转后数日内又由同一机构上转"),
    )
    return [Mark(rows, kind, referrals.sender[rows], text) for rows, kind, text in found if len(rows)]


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
        layout.is_county[stays.institution] & diseases.down[stays.disease] & (stays.leaving == 1)
        & (rng.random(stays.rows) < habit.down[stays.institution])
    )  # fmt: skip
    sent = stays.take(chosen)
    return _life(rng, sent, DOWN, people.home[sent.person], sent.due - 3_600, chosen, days=3)


def _life(rng, sent: Arrays, direction: int, target, apply, source, days: int) -> Arrays:
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


def arrivals(
    seed: int,
    month: CalendarMonth,
    referrals: Arrays,
    people: Residents,
    diseases: Diseases,
    layout: Layout,
    habit: Habits,
):
    """What the month's new referrals lead to: (visits, stays, stays outside the county), each with its own due time."""
    rng = stream(seed, f"arrivals/{int(referrals.direction[0]) if referrals.rows else 0}", month.number)
    there = referrals.take(~np.isnat(referrals.arrive) & (referrals.target >= 0))
    visits = [
        new_visits(there.person, there.disease, there.target, there.arrive, OUTPATIENT, 1, there.number)
    ]
    up = there.take(
        (there.direction == UP) & (rng.random(there.rows) < 0.35) & ~layout.is_village[there.sender]
    )
    admit = _whole_hours(up.arrive + 7_200)
    stays = [
        new_stays(
            up.person,
            up.disease,
            up.target,
            admit,
            discharge_times(rng, admit, up.disease, diseases, 1.0),
            up.number,
        )
    ]
    down = there.take(there.direction == DOWN)
    back = rng.random(down.rows) < habit.bounce[down.sender]
    when = _office(rng, down.arrive, rng.integers(2, 29, down.rows))
    way = rng.random(down.rows)
    returning = back & (way < 0.62)
    visits.append(_visits_at(down, returning, when, first=1))
    planned = ~back & (way < 0.25)
    visits.append(_visits_at(down, planned, when, first=2))
    admitted = down.take(back & (way >= 0.62) & (way < 0.88))
    admit = _whole_hours(when[back & (way >= 0.62) & (way < 0.88)])
    stays.append(
        new_stays(
            admitted.person,
            admitted.disease,
            admitted.sender,
            admit,
            discharge_times(rng, admit, admitted.disease, diseases, 1.0),
        )
    )
    outside = back & (way >= 0.88)
    out = Arrays(person=down.person[outside], disease=down.disease[outside], due=when[outside])
    return visits, stays, out


def _visits_at(down: Arrays, chosen: np.ndarray, when: np.ndarray, first: int) -> Arrays:
    """Visits to the hospital that had referred the patient down."""
    return new_visits(
        down.person[chosen], down.disease[chosen], down.sender[chosen], when[chosen], OUTPATIENT, first
    )


def _office(rng, after: np.ndarray, days: np.ndarray) -> np.ndarray:
    return (
        after.astype("datetime64[D]").astype("datetime64[s]")
        + days * 86_400
        + rng.integers(480, 1_020, len(days)) * 60
    )


def _whole_hours(time: np.ndarray) -> np.ndarray:
    return time.astype("datetime64[h]").astype("datetime64[s]") + 3_600


def changed_in(referrals: Arrays, month: CalendarMonth) -> np.ndarray:
    """True where some state was reached in the month."""
    changed = np.zeros(referrals.rows, bool)
    for step in (*_STEPS, "cancel"):
        changed |= (referrals[step] >= month.start) & (referrals[step] < month.end)
    return changed


def settled_by(referrals: Arrays, time: np.datetime64) -> np.ndarray:
    """True where nothing happens at or after `time`."""
    last = np.zeros(referrals.rows, bool)
    for step in (*_STEPS, "cancel"):
        last |= referrals[step] >= time
    return ~last


def state_at(referrals: Arrays, time: np.datetime64) -> np.ndarray:
    """The status code (10 … 90) just before `time`."""
    status = np.full(referrals.rows, 10)
    for step, code in (("accept", 20), ("arrive", 30), ("feedback", 40), ("close", 50)):
        status = np.where(referrals[step] < time, code, status)
    status = np.where(referrals.rejected & (referrals.accept < time), 25, status)
    return np.where(referrals.cancel < time, 90, status)


def referral_frame(
    month: CalendarMonth, referrals: Arrays, diseases: Diseases, layout: Layout, patient_id
) -> Frame:
    """his_referral rows as they stand at the end of the month."""
    status = state_at(referrals, month.end)
    known = {step: np.where(referrals[step] < month.end, referrals[step], _NEVER) for step in _STEPS}
    last = np.fmax.reduce(
        [known[s].astype("datetime64[s]") for s in _STEPS]
        + [np.where(status == 90, referrals.cancel, _NEVER)]
    )
    up = referrals.direction == UP
    outside = referrals.target < 0
    reason = join(
        pick(["", "UP", "DN"], referrals.direction),
        "-",
        pick(diseases.categories, diseases.category[referrals.disease]),
    )
    source = pa.compute.if_else(
        pa.array(up), visit_id(referrals.source_number), stay_id(referrals.source_number)
    )
    return Frame(
        "his_referral",
        referrals.rows,
        layout.deliverer[referrals.sender],
        {
            "referral_id": identifier("ZZ", referrals.number, 10),
            "direction": pick(["", "1", "2"], referrals.direction),
            "from_org": layout.codes.take(pa.array(referrals.sender)),
            "to_org": pick(
                pa.array([*layout.code_list(), _OUTSIDE]), np.where(outside, layout.size, referrals.target)
            ),
            "to_out_county": pick(["0", "1"], outside.astype(np.int64)),
            "patient_id": patient_id,
            "initiator_staff": staff_ids(referrals.doctor),
            "accept_staff": staff_ids(np.where(np.isnat(known["accept"]), -1, referrals.receiver)),
            "reason_code": reason,
            "diag_code": diseases.codes.take(pa.array(referrals.disease)),
            "severity": pick(["1", "2", "3"], referrals.number % 3),
            "from_visit_id": source,
            "apply_time": known["apply"],
            "info_sent_time": known["apply"] + 60,
            "accept_time": known["accept"],
            "arrive_time": known["arrive"],
            "feedback_time": known["feedback"],
            "close_time": known["close"],
            "status": pa.array(status).cast(pa.string()),
            "reject_reason": pick(["01", "02", "03"], np.where(status == 25, referrals.number % 3, -1)),
            "green_channel": pick(["0", "1"], (referrals.number % 2).astype(np.int64)),
            "patient_consent": "1",
            "src_update_ts": last + 60,
        },
        event=referrals.event,
        fragile=~((referrals.apply >= month.start) & settled_by(referrals, month.end)),
    )
