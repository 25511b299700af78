"""What members of a community owe each other: every service that happened, at the price of its day, as confirmed.

Arithmetic of its own over the diary: nothing here reads what was booked but for who confirmed when. Not here: the file
(known/market_table.py).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sources.simulator.afterwards.office import CANCELLED, CLINIC, LATE, OFFERED, ROUND
from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening.referrals import DOWN, UP
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.place import price_list as prices

_NEVER_BOOKED = -1


@dataclass(frozen=True)
class Due:
    """A service that is to be paid for."""

    service: str
    key: int  # what the office books it under
    provider: int
    consumer: int
    day: np.datetime64
    quantity: int = 1
    fee: int = 0
    minutes: int = 0  # until it was reported
    timed_out: bool = False

    @property
    def fen(self) -> int:
        """Half a fen counts as one."""
        (price,) = prices.prices_on(prices.number(self.service), np.array([self.day]))
        whole = self.quantity * price.fen if price.fen else (self.fee * price.of_fee + 50) // 100
        late = self.timed_out or self.minutes > prices.REPORT_WITHIN.get(self.service, self.minutes)
        return whole - (whole * prices.LATE_COSTS_PCT + 50) // 100 if late else whole


@dataclass
class Booking:
    """What the office has booked of a service, however often: the first confirmation settles it, one dispute freezes it."""

    agreed: np.datetime64 | None = None
    is_disputed: bool = False
    is_reversed: bool = False


@dataclass
class Account:
    """What an institution gave and got in a month, in fen."""

    provided: int = 0
    consumed: int = 0
    disputed: int = 0
    unconfirmed: int = 0


def accounts(arrived: Arrived) -> dict[tuple[str, int], Account]:
    """By month and institution."""
    booked = bookings(arrived)
    months = {m.name for m in arrived.world.months}
    found: dict[tuple[str, int], Account] = defaultdict(Account)
    last_day = arrived.world.months[-1].last_day
    for due in services(arrived):
        if due.provider == due.consumer:
            continue
        booking = booked.get((due.service, due.key), Booking())
        if booking.is_reversed:
            continue
        disputed, day = booking.is_disputed, due.day + prices.SILENCE_DAYS
        if booking.agreed is not None:
            day = max(min(day, booking.agreed), due.day)
        settled = not disputed and day <= last_day
        month = str((day if settled else due.day).astype("datetime64[M]"))
        if month not in months:
            continue
        gives, gets = found[month, due.provider], found[month, due.consumer]
        if settled:
            gives.provided += due.fen
            gets.consumed += due.fen
        for side in (gives, gets) if not settled else ():
            side.disputed += due.fen if disputed else 0
            side.unconfirmed += 0 if disputed else due.fen
    return found


def bookings(arrived: Arrived) -> dict[tuple[str, int], Booking]:
    """By service and key; a service is taken back when every booking of it is."""
    told, found = arrived.of("booking"), dict[tuple[str, int], list[int]]()
    for row, (service, key) in enumerate(zip(told.service, told.key, strict=True)):
        found.setdefault((prices.SERVICES[service], int(key)), []).append(row)
    return {of: _together(told.take(np.array(rows))) for of, rows in found.items()}


def _together(told: Arrays) -> Booking:
    stands = told.take(~told.reversed)
    confirmed = stands.consumer_time[~np.isnat(stands.consumer_time)]
    return Booking(
        agreed=confirmed.min().astype("datetime64[D]") if confirmed.size else None,
        is_disputed=bool(stands.disputed.any()),
        is_reversed=stands.rows == 0,
    )


def services(arrived: Arrived) -> Iterator[Due]:
    """Every service, kind by kind."""
    yield from _remote(arrived)
    yield from _outreach(arrived)
    yield from _prepared(arrived)
    yield from _rehabilitation(arrived)
    yield from _packages(arrived)
    yield from _specimens(arrived)
    yield from _images(arrived)
    yield from _surgery(arrived)
    rows = arrived.of("supply")
    for n in range(rows.rows):
        packs = int(rows.packs[n])
        yield Due("CSSD", int(rows.key[n]), int(rows.provider[n]), int(rows.consumer[n]), rows.day[n], packs)


def _remote(arrived: Arrived) -> Iterator[Due]:
    rows = arrived.of("remote service")
    for n in np.flatnonzero(rows.status != CANCELLED).tolist():
        yield Due(
            OFFERED[rows.service[n]][0],
            int(rows.id[n]),
            int(rows.hospital[n]),
            int(rows.institution[n]),
            rows["apply"][n].astype("datetime64[D]"),
            minutes=_minutes(rows["apply"][n], rows.report[n]),
            timed_out=bool(rows.status[n] == LATE),
        )


def _outreach(arrived: Arrived) -> Iterator[Due]:
    """Numbered anew every month, as they were entered."""
    rows, county = arrived.told("dispatch"), arrived.layout.is_county
    base = {month.number: month.id_base for month in arrived.world.months}
    so_far: Counter[int] = Counter()
    for n, month in enumerate(arrived.month_of(rows.day).tolist()):
        so_far[month] += 1
        down = county[rows.sender[n]] and not county[rows.to[n]] and rows.volume[n] > 0
        who = base[month] + so_far[month], int(rows.sender[n]), int(rows.to[n]), rows.day[n]
        if down and rows.kind[n] == CLINIC and rows.checked[n]:
            yield Due("OUT-CLINIC", *who, quantity=int(np.ceil(rows.hours[n] / prices.HALF_DAY_HOURS)))
        elif down and rows.kind[n] == ROUND:
            yield Due("OUT-ROUND", *who)


def _prepared(arrived: Arrived) -> Iterator[Due]:
    """A result from below that the hospital took over, for the last referral that had brought the patient."""
    shown, sent = arrived.of_patients("recognition"), arrived.referrals
    sent = sent.take(sent.direction == UP)
    brought = defaultdict(list)
    for n in range(sent.rows):
        who = int(sent.person[n]), int(sent.sender[n]), int(sent.target[n])
        brought[who].append((sent.arrive[n].astype("datetime64[D]"), sent.arrive[n], int(sent.number[n])))
    first: dict[int, tuple[np.datetime64, np.datetime64, int, int]] = {}
    for n in np.flatnonzero(shown.accepted).tolist():
        who = int(shown.person[n]), int(shown.prior_place[n]), int(shown.institution[n])
        day = shown["apply"][n].astype("datetime64[D]")
        before = [visit for visit in brought.get(who, []) if visit[0] <= day]
        if before:
            came, _, number = max(before)
            first[number] = min(first.get(number, (day, came, *who[1:])), (day, came, *who[1:]))
    for number, (day, came, sender, target) in first.items():
        if (day - came).astype(int) <= prices.RECOGNISED_WITHIN_DAYS:
            yield Due("UP-PREP", number, sender, target, day)


def _rehabilitation(arrived: Arrived) -> Iterator[Due]:
    """Nights in a bed below, where the referral has been closed."""
    sent, stays = arrived.referrals, arrived.discharges
    closed = sent.take((sent.direction == DOWN) & (sent.close < arrived.end))
    sender = dict(zip(closed.number.tolist(), closed.sender.tolist(), strict=True))
    target = dict(zip(closed.number.tolist(), closed.target.tolist(), strict=True))
    for n in np.flatnonzero(np.isin(stays.referral, closed.number)).tolist():
        number, place = int(stays.referral[n]), int(stays.institution[n])
        if target[number] == place:
            left = stays.due[n].astype("datetime64[D]")
            nights = int((left - stays.admit[n].astype("datetime64[D]")).astype(int))
            yield Due("DOWN-REHAB", number, place, sender[number], left, max(nights, 1))


def _packages(arrived: Arrived) -> Iterator[Due]:
    """A quarter of somebody's chronic illness, on the first day a reading was taken in it.

    The office books the first time he was seen, whatever was measured.
    """
    seen: dict[tuple[int, int], tuple[np.datetime64, int]] = {}
    read: dict[tuple[int, int], tuple[np.datetime64, int]] = {}
    for place, subject in enumerate(("sugar", "pressure")):
        rows = arrived.told(subject)
        for person, day, legible in zip(rows.person.tolist(), rows.day, rows.alive.tolist(), strict=True):
            whose, one = (person, int(day.astype("datetime64[M]").astype(int)) // 3), (day, place)
            seen[whose] = min(seen.get(whose, one), one)
            if legible:
                read[whose] = min(read.get(whose, one), one)
    home, hospital = arrived.people.home, arrived.layout.hospital_of()
    for whose, one in read.items():
        person, day = whose[0], one[0]
        booked = person * 1_000 + int(arrived.month_of(np.array([day]))[0])
        key = booked if one == seen[whose] else _NEVER_BOOKED
        yield Due("CHRON-PKG", key, int(home[person]), int(hospital[home[person]]), day)


def _specimens(arrived: Arrived) -> Iterator[Due]:
    rows, county = arrived.told("lab"), arrived.layout.is_county
    ours = rows.alive & ~arrived.people.is_test[rows.person]
    for n in np.flatnonzero(ours & county[rows.place] & ~county[rows.institution]).tolist():
        yield Due(
            "LAB-HUB",
            n,
            int(rows.place[n]),
            int(rows.institution[n]),
            rows.due[n].astype("datetime64[D]"),
            fee=int(rows.fen[n]),
            minutes=_minutes(rows["apply"][n], rows.due[n]),
        )


def _images(arrived: Arrived) -> Iterator[Due]:
    """Examinations ordered below and made above; what reading them costs is a service of its own."""
    rows, county = arrived.told("exam"), arrived.layout.is_county
    ours = rows.alive & ~arrived.people.is_test[rows.person]
    for n in np.flatnonzero(ours & county[rows.place] & ~county[rows.institution]).tolist():
        day = rows.exam[n].astype("datetime64[D]")
        yield Due("EXAM-HUB", n, int(rows.place[n]), int(rows.institution[n]), day, fee=int(rows.fen[n]))


def _surgery(arrived: Arrived) -> Iterator[Due]:
    """By visit or stay and expert, less what was taken back."""
    rows = arrived.of("expert surgery")
    fee: Counter[tuple[int, ...]] = Counter()
    day: dict[tuple[int, ...], np.datetime64] = {}
    for n in range(rows.rows):
        one = tuple(int(rows[name][n]) for name in ("stay", "episode", "consumer", "provider", "expert"))
        fee[one] += int(rows.fen[n])
        if not rows.back[n]:
            day[one] = min(day.get(one, rows.day[n]), rows.day[n])
    for (stay, episode, consumer, provider, expert), fen in fee.items():
        if fen > 0:
            key, when = (
                (episode * 1_000 + consumer) * 2 + stay,
                day[stay, episode, consumer, provider, expert],
            )
            yield Due("SURG-7030", key, provider, consumer, when, fee=fen)


def _minutes(asked: np.datetime64, reported: np.datetime64) -> int:
    return max(int((reported - asked).astype("timedelta64[s]").astype(int)) // 60, 0)
