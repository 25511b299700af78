"""What referrals lead to: visits and stays where they arrive, returns of patients sent down, journeys out of the county.

Not here: how a referral goes its way (referrals.py).
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.happening.referrals import DOWN, UP, Habits
from sources.simulator.happening.stays import discharge_times, new_stays
from sources.simulator.happening.visits import OUTPATIENT, new_visits
from sources.simulator.place.diseases import Diseases

_RESTS = 0.8  # of those sent down late in the month
_WAITS_FOR_A_BED = np.timedelta64(10, "D")


def arrivals(
    seed: int, month: CalendarMonth, sent: Arrays, diseases: Diseases, layout: Layout, habit: Habits
) -> tuple[list[Arrays], list[Arrays], Arrays]:
    """What the month's new referrals lead to: (visits, stays, stays outside the county), each with its own due time."""
    rng = stream(seed, f"arrivals/{_direction(sent)}", month.number)
    there = sent.take(~np.isnat(sent.arrive) & (sent.target >= 0))
    seen = new_visits(there.person, there.disease, there.target, there.arrive, OUTPATIENT, 1, there.number)
    chosen = (there.direction == UP) & (rng.random(there.rows) < 0.35) & ~layout.is_village[there.sender]
    up = there.take(chosen)
    admitted = _stays_at(rng, up, up.target, up.arrive + 7_200, diseases, up.number)
    returning, returned, outside = _returns(rng, there.take(there.direction == DOWN), diseases, habit)
    back = np.concatenate([rows.person for rows in (*returning, returned, outside)])
    resting = _rehabilitation(
        seed, month, there.take((there.direction == DOWN) & ~np.isin(there.person, back))
    )
    return [seen, *returning], [admitted, returned, resting], outside


def _rehabilitation(seed: int, month: CalendarMonth, down: Arrays) -> Arrays:
    """Stays at the grass roots of patients sent down late in the month who do not come back, from the next month on:
    what has begun in this one is told already.
    """
    rng = stream(seed, "arrivals/rehabilitation", month.number)
    late = down.arrive >= month.end - _WAITS_FOR_A_BED
    stay, days = late & (rng.random(down.rows) < _RESTS), rng.integers(5, 15, down.rows)
    down, days = down.take(stay), days[stay]
    admit = (
        np.maximum(down.arrive.astype("datetime64[h]").astype("datetime64[s]"), month.end + 9 * 3_600) + 3_600
    )
    due = admit.astype("datetime64[D]").astype("datetime64[s]") + days * 86_400 + 10 * 3_600
    return new_stays(down.person, down.disease, down.target, admit, due, down.number)


def _returns(
    rng: np.random.Generator, down: Arrays, diseases: Diseases, habit: Habits
) -> tuple[list[Arrays], Arrays, Arrays]:
    """Patients sent down who come back to the hospital unplanned, come to a planned visit, are admitted or go outside."""
    back = rng.random(down.rows) < habit.bounce[down.sender]
    when = _in_office_hours(rng, down.arrive, rng.integers(2, 29, down.rows))
    way = rng.random(down.rows)
    visits = [
        _visits_at(down, back & (way < 0.62), when, first=1),
        _visits_at(down, ~back & (way < 0.25), when, first=2),
    ]
    chosen = back & (way >= 0.62) & (way < 0.88)
    admitted = down.take(chosen)
    stays = _stays_at(rng, admitted, admitted.sender, when[chosen], diseases, -1)
    outside = back & (way >= 0.88)
    out = Arrays(person=down.person[outside], disease=down.disease[outside], due=when[outside])
    return visits, stays, out


def _stays_at(
    rng: np.random.Generator,
    sent: Arrays,
    place: np.ndarray,
    time: np.ndarray,
    diseases: Diseases,
    referral: np.ndarray | int,
) -> Arrays:
    """Stays that begin at the next full hour."""
    admit = time.astype("datetime64[h]").astype("datetime64[s]") + 3_600
    due = discharge_times(rng, admit, sent.disease, diseases, 1.0)
    return new_stays(sent.person, sent.disease, place, admit, due, referral)


def _visits_at(down: Arrays, chosen: np.ndarray, when: np.ndarray, first: int) -> Arrays:
    """Visits to the hospital that had referred the patient down."""
    return new_visits(
        down.person[chosen], down.disease[chosen], down.sender[chosen], when[chosen], OUTPATIENT, first
    )


def ping_pong(seed: int, month: CalendarMonth, sent: Arrays, diseases: Diseases, culprit: int) -> Arrays:
    """Visits of patients just sent down to one township, who will be sent up again within days (乒乓转诊)."""
    rng = stream(seed, f"anomalies/ping pong/{_direction(sent)}", month.number)
    back = sent.take(
        (sent.direction == DOWN)
        & (sent.target == culprit)
        & ~np.isnat(sent.arrive)
        & diseases.up[sent.disease]
    )
    when = np.maximum(
        _in_office_hours(rng, back.arrive, rng.integers(2, 9, back.rows)), month.end + 9 * 3_600
    )
    return new_visits(back.person, back.disease, back.target, when, OUTPATIENT, 2, forced=1)


def _in_office_hours(rng: np.random.Generator, after: np.ndarray, days: np.ndarray) -> np.ndarray:
    return (
        after.astype("datetime64[D]").astype("datetime64[s]")
        + days * 86_400
        + rng.integers(480, 1_020, len(days)) * 60
    )


def _direction(sent: Arrays) -> int:
    """Referrals are handed over one direction at a time."""
    return int(sent.direction[0]) if sent.rows else 0
