"""The internal market: what members did for each other in the month, as the alliance's office books it.

One transaction a service, of all eleven kinds of the price list: most are confirmed within days, some weeks later (told again in
that month), some never; a few are disputed, taken back, booked at the old price, or not booked at all. Not here: the records of
the services themselves, what the market comes to (known/truth/internal_market.py).
"""

import numpy as np

from sources.simulator.afterwards.office import CANCELLED, CLINIC, OFFERED, ROUND
from sources.simulator.ground.arrays import Arrays, concat, spread
from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.keys import (
    consultation_id,
    exam_id,
    lab_report_id,
    referral_id,
    stay_id,
    visit_id,
)
from sources.simulator.ground.streams import draw
from sources.simulator.ground.text import either, identifier, pick, scaled
from sources.simulator.happening.fee_book import REVERSAL
from sources.simulator.happening.orders import STAY
from sources.simulator.happening.referrals import UP
from sources.simulator.happening.stays import DISCHARGED, nights
from sources.simulator.place.price_list import HALF_DAY_HOURS, SERVICES, VERSIONS, number, prices_on
from sources.simulator.state.happened import Happened

# Where a service is written down, and how its record is called there.
_RECORDS = (
    ("his_teleconsult", consultation_id),
    ("his_dispatch", lambda n: identifier("BF", n, 10)),
    ("his_referral", referral_id),
    ("ph_followup_htn", lambda n: identifier("SF", n, 10)),
    ("ph_followup_dm", lambda n: identifier("SD", n, 10)),
    ("his_lab_report", lab_report_id),
    ("his_exam_report", exam_id),
    ("his_fee_detail", visit_id),
    ("his_fee_detail", stay_id),
    ("cssd_note", lambda n: identifier("XD", n, 10)),
)
_REMOTE, _DISPATCH, _REFERRAL, _PRESSURE, _SUGAR, _LAB, _EXAM, _FEE_OF_VISIT, _FEE_OF_STAY, _SUPPLY = range(
    len(_RECORDS)
)
_NOT_BOOKED, _DISPUTED, _TAKEN_BACK, _OLD_PRICE = 0.04, 0.03, 0.02, 0.1
# How the consumer confirms: within days, weeks later (silence has confirmed by then), never.
_CONFIRMS = np.array([0.72, 0.16, 0.12])
_SUPPLIES_A_MONTH = 3
_HOUR, _DAY = 3_600, 86_400
_NEVER = np.datetime64("NaT", "s")
_BOOKED = ("service", "key", "provider_time", "consumer_time", "disputed", "reversed")


def supply(h: Happened) -> Arrays:
    """Sterile packs that the hospital's centre delivered to the grass roots."""
    rng, layout = h.rng("sterile supply"), h.layout
    consumer = np.repeat(layout.primary, _SUPPLIES_A_MONTH)
    size = len(consumer)
    rows = Arrays(
        key=h.month.id_base + 1 + np.arange(size),
        provider=layout.hospital_of()[consumer],
        consumer=consumer,
        day=h.month.first_day + draw(rng, h.month.day_weights(), size),
        packs=rng.integers(5, 60, size),
    )
    h.diary.write("supply", rows, tuple(rows))
    return rows


def surgery(h: Happened) -> Arrays:
    """Fees for operating that an expert from above earned at the grass roots, a line each."""
    lines = h.charged.take(h.charged.executor >= 0)
    home = np.array([member.institution for member in h.world.workforce.staff])
    rows = Arrays(
        stay=lines.source == STAY,
        episode=lines.number,
        provider=home[lines.executor],
        consumer=lines.institution,
        expert=lines.executor,
        day=lines.time.astype("datetime64[D]"),
        fen=lines.quantity * lines.price * np.where(lines.state == REVERSAL, -1, 1),
        back=lines.state == REVERSAL,
    )
    h.diary.write("expert surgery", rows, tuple(rows))
    return rows


def market_frame(h: Happened, remote: Arrays) -> Frame:
    """fin_internal_txn: this month's services as booked, and those of earlier months that are confirmed now."""
    rng = h.rng("internal market")
    services = concat(_services(h, remote))
    # What no other record tells of is always booked: it would not have happened.
    kept = (rng.random(services.rows) >= _NOT_BOOKED) | (services.record == _SUPPLY)
    services = services.take(kept)
    booked = _confirmed(rng, _priced(rng, services))
    booked["id"] = h.month.id_base + 1 + np.arange(booked.rows)
    h.diary.write("booking", booked, _BOOKED)
    again = concat([booked.take(np.zeros(0, np.int64)), *h.bookings.collect(h.month.end)])
    h.bookings.put(booked.take(booked.consumer_time >= h.month.end))
    back = booked.take(booked.reversed & (booked.id % 2 == 1))
    told = concat([again, booked, back])
    return _frame(h, told, np.arange(told.rows) >= again.rows + booked.rows)


def _services(h: Happened, remote: Arrays) -> list[Arrays]:
    """What is to be booked, a bundle for each kind of service."""
    packs, operated = supply(h), surgery(h)
    return [
        _remote(remote),
        *_outreach(h),
        _prepared(h),
        _rehabilitation(h),
        _packages(h),
        _specimens(h),
        _images(h),
        _operations(operated),
        _rows("CSSD", _SUPPLY, packs.key, packs.provider, packs.consumer, packs.day, quantity=packs.packs),
    ]


def _rows(
    service: str | np.ndarray,
    record: int | np.ndarray,
    record_number: np.ndarray,
    provider: np.ndarray,
    consumer: np.ndarray,
    day: np.ndarray,
    key: np.ndarray | None = None,
    when: np.ndarray | None = None,
    quantity: np.ndarray | int = 1,
    fee: np.ndarray | int = 0,
) -> Arrays:
    """Services: `quantity` of the price's unit on a day; `fee` of the patient where the price is a share of it."""
    size = len(record_number)
    return Arrays(
        service=spread(number(service) if isinstance(service, str) else service, size),
        record=spread(record, size),
        record_number=record_number,
        key=record_number if key is None else key,
        provider=provider,
        consumer=consumer,
        day=day.astype("datetime64[D]"),
        when=(day if when is None else when).astype("datetime64[s]"),
        quantity=spread(quantity, size),
        fee=spread(fee, size),
    )


def _remote(remote: Arrays) -> Arrays:
    """Remote services done, and some that were cancelled."""
    rows = remote.take((remote.status != CANCELLED) | (remote.id % 3 == 0))
    service = np.array([number(code) for code, _ in OFFERED])[rows.service]
    when = np.where(np.isnat(rows.report), rows["apply"], rows.report)
    return _rows(service, _REMOTE, rows.id, rows.hospital, rows.institution, rows["apply"], when=when)


def _outreach(h: Happened) -> list[Arrays]:
    """Clinics with a check-in and patients, rounds with somebody there, of those sent down."""
    acts = h.diary.latest("dispatch")
    acts["number"] = h.month.id_base + 1 + np.arange(acts.rows)
    county = h.layout.is_county
    acts = acts.take(county[acts.sender] & ~county[acts.to] & (acts.volume > 0))
    clinics, rounds = acts.take((acts.kind == CLINIC) & acts.checked), acts.take(acts.kind == ROUND)
    half_days = -(-clinics.hours // HALF_DAY_HOURS)
    return [
        _rows("OUT-CLINIC", _DISPATCH, clinics.number, clinics.sender, clinics.to, clinics.day, quantity=half_days),
        _rows("OUT-ROUND", _DISPATCH, rounds.number, rounds.sender, rounds.to, rounds.day),
    ]  # fmt: skip


def _prepared(h: Happened) -> Arrays:
    """Referrals up whose results were recognised this month, by the newest that arrived before."""
    shown, sent = h.diary.latest("recognition"), h.diary.read("referral")
    shown = shown.take(shown.accepted & ~h.layout.is_county[shown.prior_place])
    sent = sent.take((sent.direction == UP) & ~np.isnat(sent.arrive))
    found: dict[int, tuple[int, np.datetime64]] = {}  # number of the referral → its row, when
    for n in np.argsort(shown["apply"], kind="stable").tolist():
        same = np.flatnonzero(
            (sent.person == shown.person[n])
            & (sent.sender == shown.prior_place[n])
            & (sent.target == shown.institution[n])
            & (sent.arrive.astype("datetime64[D]") <= shown["apply"][n].astype("datetime64[D]"))
        )
        if len(same):
            row = int(same[np.argmax(sent.arrive[same])])
            found.setdefault(int(sent.number[row]), (row, shown["apply"][n]))
    sent = sent.take(np.array([row for row, _ in found.values()], np.int64))
    day = np.array([when for _, when in found.values()], "datetime64[s]")
    return _rows("UP-PREP", _REFERRAL, sent.number, sent.sender, sent.target, day)


def _rehabilitation(h: Happened) -> Arrays:
    """Days in the beds of the grass roots of those sent down, on discharge."""
    sent = h.diary.read("referral")
    sender = dict(zip(sent.number.tolist(), sent.sender.tolist(), strict=True))
    stays = h.discharged
    stays = stays.take(
        (stays.referral >= 0) & (stays.status == DISCHARGED) & ~h.layout.is_county[stays.institution]
    )
    consumer = np.array([sender[n] for n in stays.referral.tolist()], np.int64)
    days = np.maximum(nights(stays), 1)
    return _rows(
        "DOWN-REHAB", _REFERRAL, stays.referral, stays.institution, consumer, stays.due, quantity=days
    )


def _packages(h: Happened) -> Arrays:
    """People with a chronic illness seen this quarter: each is seen in one month of it, by the first of the records."""
    parts = []
    for record, subject in ((_SUGAR, "sugar"), (_PRESSURE, "pressure")):
        seen = h.diary.latest(subject)
        own = np.arange(seen.rows)
        parts.append(Arrays(person=seen.person, day=seen.day, record=spread(record, seen.rows), own=own))
    rows = concat(parts)
    rows = rows.take(np.argsort(rows.day, kind="stable"))
    rows = rows.take(np.unique(rows.person, return_index=True)[1])
    home = h.people.home[rows.person]
    return _rows(
        "CHRON-PKG", rows.record, h.month.id_base + 1 + rows.own, home, h.layout.hospital_of()[home], rows.day,
        key=rows.person * 1_000 + h.month.number,
    )  # fmt: skip


def _specimens(h: Happened) -> Arrays:
    """Tests of the grass roots that the hospital's laboratory ran."""
    county = h.layout.is_county
    labs = h.labs.take(county[h.labs.place] & ~county[h.labs.institution] & ~h.people.is_test[h.labs.person])
    return _rows(
        "LAB-HUB", _LAB, labs.id, labs.place, labs.institution, labs.due, key=labs.event, fee=labs.fen
    )


def _images(h: Happened) -> Arrays:
    """Examinations of the grass roots on the hospital's machines, on the day they were made."""
    county = h.layout.is_county
    made = h.exams.take(
        county[h.exams.place] & ~county[h.exams.institution] & ~h.people.is_test[h.exams.person]
    )
    return _rows(
        "EXAM-HUB", _EXAM, made.id, made.place, made.institution, made.exam, key=made.event, fee=made.fen
    )


def _operations(operated: Arrays) -> Arrays:
    """Operations of the month, by their first line."""
    key = (operated.episode * 1_000 + operated.consumer) * 2 + operated.stay
    charged = np.flatnonzero(~operated.back)
    rows = charged[np.unique(key[charged], return_index=True)[1]]
    lines = operated.take(rows)
    return _rows(
        "SURG-7030",
        np.where(lines.stay, _FEE_OF_STAY, _FEE_OF_VISIT),
        lines.episode,
        lines.provider,
        lines.consumer,
        lines.day,
        key=key[rows],
        fee=lines.fen,
    )


def _priced(rng: np.random.Generator, rows: Arrays) -> Arrays:
    """The services at the price of their day; where it has just changed some are booked at the one before."""
    by_mistake = rng.random(rows.rows) < _OLD_PRICE
    days = np.where(by_mistake, rows.day - 31, rows.day)
    held = [
        prices_on(service, day[None])[0] for service, day in zip(rows.service.tolist(), days, strict=True)
    ]
    fen, of_fee = (np.array([f(p) for p in held], np.int64) for f in (lambda p: p.fen, lambda p: p.of_fee))
    amount = np.where(of_fee > 0, (2 * rows.fee * of_fee + 100) // 200, rows.quantity * fen)
    version = np.array([VERSIONS.index(price.version) for price in held], np.int64)
    return Arrays({**rows, "amount": amount, "version": version})


def _confirmed(rng: np.random.Generator, rows: Arrays) -> Arrays:
    """When both sides confirm, what is disputed (and never confirmed), what is taken back."""
    size, way = rows.rows, draw(rng, _CONFIRMS, rows.rows)
    fate = rng.random(size)
    provider_time = rows.when + rng.integers(1, 8, size) * _HOUR
    delay = np.where(way == 0, rng.integers(1, 7, size), rng.integers(18, 41, size)) * _DAY
    disputed = fate < _DISPUTED
    never = (way == 2) | disputed
    consumer_time = np.where(never, _NEVER, provider_time + delay)
    reversed_ = (fate >= _DISPUTED) & (fate < _DISPUTED + _TAKEN_BACK)
    return Arrays(
        {
            **rows,
            "provider_time": provider_time,
            "consumer_time": consumer_time,
            "disputed": disputed,
            "reversed": reversed_,
        }
    )


def _frame(h: Happened, rows: Arrays, back: np.ndarray) -> Frame:
    """The rows as they stand at the end of the month; `back`: those that take another back."""
    sign = np.where(back, -1, 1)
    known = {
        name: np.where(rows[name] < h.month.end, rows[name], _NEVER)
        for name in ("provider_time", "consumer_time")
    }
    struck_out = rows.reversed & (rows.id % 2 == 0)
    status = np.select([struck_out, rows.disputed, ~np.isnat(known["consumer_time"])], [3, 2, 1], 0)
    record_id = _RECORDS[0][1](np.where(rows.record == 0, rows.record_number, -1))
    for kind, (_, named) in enumerate(_RECORDS[1:], start=1):
        record_id = either(rows.record == kind, named(rows.record_number), record_id)
    price = np.where(rows.fee > 0, rows.amount, rows.amount // np.maximum(rows.quantity, 1))
    return platform_frame(
        "fin_internal_txn",
        rows.rows,
        {
            "txn_id": either(back, identifier("NC", rows.id, 10), identifier("NB", rows.id, 10)),
            "service_code": pick(list(SERVICES), rows.service),
            "provider_org": pick(h.layout.codes, rows.provider),
            "consumer_org": pick(h.layout.codes, rows.consumer),
            "ref_table": pick([table for table, _ in _RECORDS], rows.record),
            "ref_id": record_id,
            "qty": scaled(rows.quantity * sign * 100, 2),
            "price": price,
            "amount": rows.amount * sign,
            "price_ver": pick(VERSIONS, rows.version),
            "confirm_provider": known["provider_time"],
            "confirm_consumer": known["consumer_time"],
            "status": pick(["1", "2", "3", "4"], status),
        },
    )
