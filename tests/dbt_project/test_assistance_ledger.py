"""The ledger of assistance points beside a queue of lots: thousands of people who earn, redeem and let expire at random."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb

from sources.base.months import last_day

FIRST = date(2025, 1, 1)
Entry = tuple[date, int, date, str, str, int]  # day, order within it, day earned, key, kind, points


def _entries(rng: random.Random, staff: str) -> list[Entry]:
    """What one person earned, wants to redeem, and will lose, in the order of the ledger."""
    months, entries = rng.choice([1, 2, 3, 6]), []
    for number in range(rng.randint(1, 12)):
        day = FIRST + timedelta(days=rng.randint(0, 240))
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        points, key = rng.choice([3, 4, 6, 8, 10]), f"{staff} {number}"
        entries.append((day, 1, day, f"earned {key}", "earned", points))
        entries.append((last_day(f"{year}-{month + 1:02d}"), 3, day, f"expired {key}", "expired", points))
    for number in range(rng.randint(0, 5)):
        day = FIRST + timedelta(days=rng.randint(0, 400))
        entries.append((day, 2, day, f"redeemed {staff} {number}", "redeemed", rng.choice([2, 5, 7, 12])))
    return sorted(entries, key=lambda entry: entry[:4])


def _by_queue(entries: list[Entry]) -> Iterator[tuple[str, str, int, int]]:
    """Key, kind, change and balance, by taking from the oldest lot first."""
    lots: dict[str, int] = {}
    overdrawn = False
    for _, _, _, key, kind, points in entries:
        lot = key.partition(" ")[2]
        if kind == "earned":
            lots[lot] = change = points
        elif kind == "expired":
            change, lots[lot] = -lots[lot], 0
        else:
            overdrawn |= sum(lots.values()) < points
            kind, change = ("refused", 0) if overdrawn else (kind, -points)
            left = -change
            for name in lots:
                taken = min(left, lots[name])
                lots[name], left = lots[name] - taken, left - taken
        yield key, kind, change, sum(lots.values())


def test_the_ledger_is_that_of_a_queue(texts: dict[str, str]) -> None:
    rng = random.Random(4)
    people = {f"S{number}": _entries(rng, f"S{number}") for number in range(1_000)}
    con = duckdb.connect()
    con.execute("create schema fund")
    con.execute("""create table fund.assistance_entry (entry_date date, place_of_day integer, earned_on date, entry_key varchar,
        entry_kind varchar, asked_points bigint, staff_id varchar)""")
    rows = [(*entry, staff) for staff, entries in people.items() for entry in entries]
    con.executemany("insert into fund.assistance_entry values (?, ?, ?, ?, ?, ?, ?)", rows)
    for name in ("institution_id", "purpose", "approved_by", "document", "source_feed", "source_batch_id", "source_file"):
        con.execute(f"alter table fund.assistance_entry add column {name} varchar")
    con.execute("alter table fund.assistance_entry add column source_line bigint")
    told = con.execute(
        f"select entry_key, entry_kind, points, balance_points from ({texts['assistance_ledger']}) order by entry_key"
    ).fetchall()
    expected = sorted(row for entries in people.values() for row in _by_queue(entries))
    assert told == expected
    assert sum(kind == "refused" for _, kind, _, _ in expected) > 500
