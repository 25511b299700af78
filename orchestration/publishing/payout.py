"""What a person was given, and where every yuan of it came from, read from a release alone.

Belongs here: the sheet, the work behind its points, the entries from the person's account up to where the money entered. Does
not: wording (orchestration/explain/payout.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from orchestration.account_words import is_outside
from orchestration.publishing.restricted import FOLDER
from orchestration.publishing.walkback import ExplainError, Row, published_release
from sources.base.home import Home
from sources.base.months import month_number


@dataclass(frozen=True)
class Payout:
    """A person's quarter: sheets (one per department), how points became their weights, the work behind them, own entries of the
    pool and of the market (fees), assistance points of the quarter, and the entries above those of the pool, level by level.
    """

    release: Path
    staff_id: str
    month: str
    sheets: list[Row]
    points: list[Row]
    work: list[Row]
    own: list[Row]
    fees: list[Row]
    assistance: list[Row]
    above: list[list[Row]]


def payout_of(home: Home, month: str, staff_id: str, institution: str | None = None) -> Payout:
    """Walk a person's money back. month: the last month of the quarter (YYYY-MM); institution: one of several places of work.

    Raises ExplainError if nothing was paid or the figures do not hold together, NotIntactError if the release was changed.
    """
    release = published_release(home)
    sheets = _restricted(release, "pay_sheet", institution, month=month, staff_id=staff_id)
    if not sheets:
        raise ExplainError(
            f"{month} 没有 {staff_id} 的分配单:按季发放,月份要写季末月(03、06、09、12);人员编号见机构的 pay_sheet / "
            f"no sheet of {staff_id} in {month}: pay is by quarter, so name its last month; staff ids stand in pay_sheet"
        )
    # Who works in two places has a sheet where there was money to share out.
    places = {row["institution_id"] for row in sheets}
    work = _restricted(release, "pay_work", institution, month=month, staff_id=staff_id)
    work = [row for row in work if row["institution_id"] in places]
    account = f"person:{staff_id}:pool"
    own = _restricted(release, "pay_entry", institution, month=month, account_id=account)
    points = _restricted(release, "pay_point", institution, month=month, staff_id=staff_id)
    fees = [
        row
        for row in _restricted(release, "pay_entry", institution)
        if is_fee(row, month) and paid_to(row) == staff_id
    ]
    assistance = [
        row
        for row in _restricted(release, "assistance_account", None, staff_id=staff_id)
        if in_quarter(row["month"], month)
    ]
    above = list(_above(release, month, own, places))
    found = Payout(release, staff_id, month, sheets, points, work, own, fees, assistance, above)
    _prove(found)
    return found


def is_fee(entry: Row, month: str) -> bool:
    """Whether an entry gives a person something else than a share of the pool, in the quarter that ends with the month."""
    account = entry["account_id"]
    return (
        in_quarter(entry["month"], month) and account.startswith("person:") and not account.endswith(":pool")
    )


def in_quarter(month: str, last: str) -> bool:
    """Whether a month is one of the three that end with `last`."""
    return 0 <= month_number(last) - month_number(month) < 3


def paid_to(entry: Row) -> str:
    """Whose account received."""
    return entry["account_id"].split(":")[1]


def _above(release: Path, month: str, own: list[Row], places: set[str]) -> Iterator[list[Row]]:
    """The entries of the year by which each account on the way was filled, the nearest first; places: the institutions.

    Who gives from outside (the insurance, the treasury, donors) is where the walk ends.
    """
    entries = pq.read_table(release / "marts" / "mart_fund_entry.parquet").to_pylist()
    entries += [row for place in sorted(places) for row in _restricted(release, "pay_entry", place)]
    givers = {row["counter_account_id"] for row in own}
    seen = {giver for giver in givers if is_outside(giver)}
    while givers := givers - seen:
        seen |= givers
        level = [
            row
            for row in entries
            if row["account_id"] in givers and row["month"] <= month and row["month"][:4] == month[:4]
        ]
        if level:
            yield sorted(level, key=lambda row: (row["account_id"], row["month"], row["entry_id"]))
        givers = {giver for row in level if not is_outside(giver := row["counter_account_id"])}


def _restricted(release: Path, name: str, institution: str | None, **wanted: str) -> list[Row]:
    folders = sorted((release / FOLDER).glob(f"{institution or '*'}/{name}.parquet"))
    rows = [row for path in folders for row in pq.ParquetFile(path).read().to_pylist()]
    return [row for row in rows if all(row[column] == value for column, value in wanted.items())]


def _prove(found: Payout) -> None:
    """The points of the sheets are those of the work; what was entered, but for differences of earlier months, is what the sheets say."""
    points = sum(row["points"] for row in found.work)
    if points != sum(row["points"] for row in found.sheets):
        raise ExplainError(
            f"点数对不上:分配单 {sum(row['points'] for row in found.sheets)},工作明细 {points} / "
            "the points of the sheet are not those of the work behind it"
        )
    entered = sum(row["amount_fen"] for row in found.own if not row["is_correction"])
    due = sum(row["amount_fen"] for row in found.sheets if row["person_mode"] == "direct")
    if found.own and entered != due:
        raise ExplainError(
            f"金额对不上:分配单 {due} 分,分录 {entered} 分 / the entries differ from the sheet"
        )
