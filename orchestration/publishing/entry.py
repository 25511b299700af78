"""An entry of money and what it rests on, read from releases alone: the policy rows its rule names, the rows it was taken from, the
lines of files under them.

Belongs here: finding and holding together. Does not: wording (orchestration/explain/entry.py), cases (case.py), people (payout.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq

from orchestration.publishing import manifest
from orchestration.publishing.grounds import BUDGET_FILE, GROUNDS, SPEND, ground_file
from orchestration.publishing.restricted import FOLDER
from orchestration.publishing.walkback import ExplainError, Row, published_release
from sources.base.home import Home
from sources.base.months import last_day, month_number, month_text


@dataclass(frozen=True)
class WalkedEntry:
    """policy: rows of the table that the rule names. grounds: the rows the entry was taken from; before: the same position a month
    earlier. lines: settlements spent, or lines of the budget. earlier: of a difference, the entries of the months it concerns.
    """

    entry: Row
    table: str
    policy: list[Row] = field(default_factory=list)
    grounds: list[Row] = field(default_factory=list)
    before: Row | None = None
    lines: list[Row] = field(default_factory=list)
    earlier: list[Row] = field(default_factory=list)


def entries_of(home: Home, month: str, said: str) -> list[Row]:
    """The entries of a month that have this id, rest on a row of this key, or move this account; sorted by id.

    Raises ExplainError if there is none, NotIntactError if the release was changed.
    """
    release = published_release(home)
    wanted = [row for row in all_entries(release) if row["month"] == month and said in _names(row)]
    if not wanted:
        raise ExplainError(
            f"{month} 没有分录、依据或账户 {said}:分录编号、账户和依据见 mart_fund_entry 与资金单 / "
            f"no entry, key or account {said} in {month}: ids stand in mart_fund_entry and in restricted/*/pay_entry"
        )
    exact = [row for row in wanted if row["entry_id"] == said]
    return sorted(exact or wanted, key=lambda row: row["entry_id"])


def all_entries(release: Path) -> list[Row]:
    """Every entry that a release publishes, those of people included."""
    paths = [
        release / "marts" / "mart_fund_entry.parquet",
        *sorted((release / FOLDER).glob("*/pay_entry.parquet")),
    ]
    return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]


def walk_entry(home: Home, entry: Row) -> WalkedEntry:
    """An entry with what it rests on, from the release that made it.

    Raises ExplainError if that release is gone or what it kept is not what was entered, NotIntactError if it was changed.
    """
    release = home.releases / entry["release_id"]
    if not release.exists():
        raise ExplainError(
            f"记下该分录的版本 {release.name} 已不在 / release {release.name} that made the entry is gone"
        )
    manifest.require_published(home, release)
    if entry["is_correction"]:
        return WalkedEntry(entry, "", earlier=list(_concerned(release, entry)))
    table, policy = _policy(release, entry)
    relation = entry["source_relation"]
    if relation not in GROUNDS:
        return WalkedEntry(entry, table, policy)
    month = GROUNDS[relation].month_in(entry["source_key"]) or entry["month"]
    grounds = [row for row in _kept(release, entry, month) if _is_ground(row, entry)]
    before = _before(release, entry, grounds)
    found = WalkedEntry(entry, table, policy, grounds, before, list(_lines(release, entry, grounds)))
    _prove(found)
    return found


def _names(entry: Row) -> tuple[str, ...]:
    return entry["entry_id"], entry["source_key"], entry["account_id"], entry["counter_account_id"]


def _concerned(release: Path, entry: Row) -> Iterator[Row]:
    """Entries of earlier months between the same accounts by the same rule: what the difference is one to."""
    alike = ("account_id", "counter_account_id", "rule_id")
    for row in all_entries(release):
        if row["month"] < entry["month"] and all(row[name] == entry[name] for name in alike):
            yield row


def _policy(release: Path, entry: Row) -> tuple[str, list[Row]]:
    """The table that a rule id begins with and its rows that bear most of the words after it, in force in the month if several do."""
    table, *words = re.split("[ /]", entry["rule_id"])
    path = release / "lineage" / "policy" / f"{table}.parquet"
    if not path.is_file():
        return table, []
    rows = pq.read_table(path).to_pylist()
    borne = [sum(word in _cells(row) for word in words) for row in rows]
    most = [row for row, count in zip(rows, borne, strict=True) if count == max(borne, default=0)]
    day = last_day(entry["month"])
    standing = [r for r in most if r["effective_from"] <= day <= (r.get("effective_to") or day)]
    return table, standing if len(most) > 1 and standing else most


def _cells(row: Row) -> set[str]:
    """What the cells of a row say, numbers without trailing zeros as rule ids have them."""
    told = [value for value in row.values() if value is not None]
    numbers = (float, int, Decimal)
    return {f"{Decimal(str(one)).normalize():f}" if type(one) in numbers else str(one) for one in told}


def _kept(release: Path, entry: Row, month: str) -> list[Row]:
    """The rows that the relation behind the entry had in a month."""
    path = release / "lineage" / ground_file(entry["source_relation"], month)
    return pq.ParquetFile(path).read().to_pylist() if path.is_file() else []


def _is_ground(row: Row, entry: Row) -> bool:
    return GROUNDS[entry["source_relation"]].key_of(row) == entry["source_key"]


def _before(release: Path, entry: Row, grounds: list[Row]) -> Row | None:
    """The position a month earlier, of entries that are what one grew by."""
    ground = GROUNDS[entry["source_relation"]]
    if ground.amount or not grounds:
        return None
    same = [column for column in ground.key if column != "month"]
    earlier = month_text(month_number(entry["month"]) - 1)
    rows = _kept(release, entry, earlier)
    return next((r for r in rows if all(r[name] == grounds[0][name] for name in same)), None)


def _lines(release: Path, entry: Row, grounds: list[Row]) -> Iterator[Row]:
    """Of what a package paid the settlements that came to be known in the month; of what came into it the lines of its budget."""
    if entry["source_relation"] != "fund_execution" or not grounds:
        return
    whose = ("community_id", "insurance_type_code")
    rule, _, place = entry["rule_id"].partition("/")
    if rule == "package_rule":
        for row in pq.read_table(release / "lineage" / BUDGET_FILE).to_pylist():
            alike = all(row[name] == grounds[0][name] for name in (*whose, "budget_year"))
            if alike and row["effective_date"] <= last_day(entry["month"]):
                yield row
        return
    path = release / "lineage" / ground_file(SPEND, entry["month"])
    for row in pq.ParquetFile(path).read().to_pylist() if path.is_file() else []:
        alike = row["place"] == place and all(row[name] == grounds[0][name] for name in whose)
        if alike and row["settled_month"][:4] == str(grounds[0]["budget_year"]):
            yield row


def grown(found: WalkedEntry) -> dict[str, tuple[int, int]]:
    """{amount of a position: what it was a month before, what it is}, where it is another."""
    if not found.grounds or GROUNDS[found.entry["source_relation"]].amount:
        return {}
    now, before = found.grounds[0], found.before or {}
    pairs = {
        name: (before.get(name) or 0, value or 0) for name, value in now.items() if name.endswith("_fen")
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _prove(found: WalkedEntry) -> None:
    """What was entered is the amount of the rows it was taken from, or what one of the position's amounts grew by."""
    entry, ground = found.entry, GROUNDS[found.entry["source_relation"]]
    if not found.grounds:
        raise ExplainError(
            f"分录的依据 {entry['source_relation']} {entry['source_key']} 不在版本 {entry['release_id']} 中 / "
            f"the row that the entry rests on is not in release {entry['release_id']}"
        )
    if ground.amount:
        holds = sum(row[ground.amount] or 0 for row in found.grounds) == entry["amount_fen"]
    else:
        holds = entry["amount_fen"] in {now - before for before, now in grown(found).values()}
    if not holds:
        raise ExplainError(
            f"分录 {entry['amount_fen']} 分,与其依据对不上 / the entry differs from the row it rests on: "
            f"{entry['source_relation']} {entry['source_key']}"
        )
