"""Policy row by row: what two releases say differently, and what a county folder now says of months already published.

A month counts with the rows in force on its last day (of the calendar: on any of its days), of the release that computed it.
Not here: whether policy is right in itself (sources.county.policy), mappings (texts).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from orchestration.publishing import manifest
from orchestration.publishing.plan import current_id
from sources.base.home import Home
from sources.base.months import last_day
from sources.base.yamlfile import Problem
from sources.county.policy import readable_tables
from sources.county.policy_checks import said
from sources.county.policy_in_force import in_force
from sources.county.policy_tables import TABLES, PolicyTable

Row = dict[str, Any]
Key = tuple[Any, ...]
# Judged when its release was published, and kept there: a waiver added later says nothing of an earlier month.
_OF_ITS_DAY = "waiver"
# What explains a row and moves no figure.
_WORDS_ONLY = ("assumption", "origin")
_BY_NAME = {table.name: table for table in TABLES}


@dataclass(frozen=True)
class RowChange:
    """A policy row before and after; None = there was or is none."""

    table: str
    key: Key
    before: Row | None
    after: Row | None

    def __str__(self) -> str:
        name = f"{self.table} {' '.join(said(part) if part is not None else '*' for part in self.key)}"
        if self.before is not None and self.after is not None:
            before = self.before
            moved = {n: (before.get(n), value) for n, value in self.after.items() if before.get(n) != value}
            return f"~ {name}: " + ", ".join(f"{n} {said(a)} → {said(b)}" for n, (a, b) in moved.items())
        mark, row = ("+", self.after) if self.before is None else ("-", self.before)
        figures = [
            f"{n} {said(value)}"
            for n, value in (row or {}).items()
            if value is not None and n not in _BY_NAME[self.table].key
        ]
        return f"{mark} {name}" + (f": {', '.join(figures)}" if figures else "")


def changed_rows(old: Path, new: Path) -> list[RowChange]:
    """Every policy row that differs between two releases, by table, key and first day."""
    return [
        change
        for table in TABLES
        for change in _compare(table, _kept(old, table), _kept(new, table), ("effective_from",))
    ]


def changed_for_published(folder: Path, home: Home) -> list[Problem]:
    """Rows of a policy folder that are other than those with which published months were computed.

    Tables that cannot be read are left out. Raises NotIntactError when the release is not what was published.
    """
    found: dict[tuple[str, Key], tuple[RowChange, list[str]]] = {}
    now = readable_tables(folder)
    for month, release in _computed_by(home):
        for table in (table for table in TABLES if table.name in now and table.name != _OF_ITS_DAY):
            kept = _kept(home.releases / release, table)
            if kept is None:
                continue
            before = [row for row in kept if _counts_in(month, row, table)]
            after = [row for _, row in now[table.name] if _counts_in(month, row, table)]
            more_key = ("effective_from",) if table.of_days else ()
            for change in _compare(table, _bare(before, table), _bare(after, table), more_key):
                found.setdefault((table.name, change.key), (change, []))[1].append(month)
    return sorted(_problem(change, months, now[change.table]) for change, months in found.values())


def _computed_by(home: Home) -> list[tuple[str, str]]:
    """(month, release that computed it), for the releases that are still there."""
    current = current_id(home)
    if current is None:
        return []
    manifest.require_published(home, home.releases / current)
    months = pq.read_table(home.releases / current / "marts" / "dim_month.parquet").to_pylist()
    return [
        (row["month"], row["release_id"]) for row in months if (home.releases / row["release_id"]).is_dir()
    ]


def _kept(release: Path, table: PolicyTable) -> list[Row] | None:
    """The rows with which a release was computed; None when it has no such table."""
    path = release / "lineage" / "policy" / f"{table.name}.parquet"
    return pq.read_table(path).to_pylist() if path.is_file() else None


def _counts_in(month: str, row: Row, table: PolicyTable) -> bool:
    """Whether a row counts in a month: in force on its last day, or on any of its days."""
    day = last_day(month)
    if table.of_days:
        return row["effective_from"] <= day and (row["effective_to"] or date.max) >= day.replace(day=1)
    return in_force(row, day)


def _bare(rows: Iterable[Row], table: PolicyTable) -> list[Row]:
    """Without what moves no figure of a month: the days around it, and words."""
    without = (*(() if table.of_days else ("effective_from", "effective_to")), *_WORDS_ONLY)
    return [{name: value for name, value in row.items() if name not in without} for row in rows]


def _compare(
    table: PolicyTable, before: list[Row] | None, after: list[Row] | None, more_key: tuple[str, ...]
) -> Iterator[RowChange]:
    columns = (*table.key, *more_key)
    old, new = _by_key(before or [], columns), _by_key(after or [], columns)
    for key in sorted({*old, *new}, key=str):
        if old.get(key) != new.get(key):
            yield RowChange(table.name, key, old.get(key), new.get(key))


def _by_key(rows: Iterable[Row], columns: tuple[str, ...]) -> Mapping[Key, Row]:
    return {tuple(row.get(column) for column in columns): row for row in rows}


def _problem(change: RowChange, months: list[str], rows: list[tuple[int, Row]]) -> Problem:
    """Which row, what it said and says, which months stand on it, and how to mend it."""
    table = _BY_NAME[change.table]
    same = [(line, row) for line, row in rows if _is_of(change, row)]
    counting = [line for line, row in same if any(_counts_in(month, row, table) for month in months)]
    line = next(iter(counting or [line for line, _ in same]), 0)
    span = months[0] if len(months) == 1 else f"{months[0]}–{months[-1]}"
    kind_zh, kind_en = (
        ("当时没有这一行", "had no such row")
        if change.before is None
        else ("当时的这一行没有了", "had a row that is gone")
        if change.after is None
        else ("当时的这一行改了", "had this row otherwise")
    )
    zh = (
        f"{span} 已发布,{kind_zh}({change})。请恢复原来的行,写上 effective_to,再从以后的日期另写一行;"
        "确要更正已发布的月份,用 yigongti run --month 重算,新版本会列出改动"
    )
    en = (
        f"{span} is published and {kind_en} ({change}). Restore the row, give it an effective_to, and write a new row from "
        "a later day; to correct published months on purpose, run them again (yigongti run --month)"
    )
    return Problem(f"policy/{change.table}.csv", line, zh, en)


def _is_of(change: RowChange, row: Row) -> bool:
    """Whether a row of its table has the key of a change, which may name its first day too."""
    columns = (*_BY_NAME[change.table].key, "effective_from")[: len(change.key)]
    return tuple(row.get(column) for column in columns) == change.key
