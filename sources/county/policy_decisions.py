"""What people decided about single institutions: vetoes, deductions, what they think of each other.

A row that takes somebody's pay has to stand up to an objection. Not here: what a row in force changes (dbt_project).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import MAXYEAR, date

from sources.base.months import last_day
from sources.base.terms import APPEAL_STATES
from sources.county.policy_checks import Finding, Line, Row, Tables

_DECIDED = ("decided_by", "decided_on", "document")
_ANSWERED = ("rejected", "upheld")


def check_decisions(tables: Tables) -> Iterator[Finding]:
    """What is wrong with the rows of decisions."""
    vetoes = tables.get("score_veto", [])
    for line, row in vetoes:
        for zh, en in (*_undecided(row), *_appeal(row)):
            yield Finding((), "score_veto", line, zh, en)
    yield from _months(vetoes)
    for table in ("score_deduction", "mutual_assessment"):
        for line, row in tables.get(table, []):
            for zh, en in _year(row):
                yield Finding((), table, line, zh, en)
    for line, row in tables.get("mutual_assessment", []):
        if row["rater_id"] == row["institution_id"]:
            zh, en = "机构不能评价自己:请删去此行", "an institution does not rate itself: remove the row"
            yield Finding((), "mutual_assessment", line, zh, en)


def _undecided(row: Row) -> Iterator[tuple[str, str]]:
    lacking = [name for name in _DECIDED if row[name] is None]
    if lacking:
        zh = f"否决要有决定单位、日期与文号,缺 {'、'.join(lacking)}:请补齐,未作决定的请删去此行"
        en = f"a veto is decided by somebody, on a day, in a document; lacking: {', '.join(lacking)}: fill in, or remove a row nobody decided"
        yield zh, en


def _months(vetoes: list[Line]) -> Iterator[Finding]:
    """A veto counts from its first month on, or would be passed over there: rows that follow one another are one veto."""
    first: dict[tuple[str, str, str], Line] = {}
    for line, row in sorted(vetoes, key=lambda each: each[1]["effective_from"]):
        first.setdefault((row["institution_id"], row["kind"], row["month_from"]), (line, row))
        if row["month_to"] < row["month_from"]:
            zh, en = "month_to 早于 month_from", "month_to lies before month_from"
            yield Finding((), "score_veto", line, zh, en)
    for line, row in first.values():
        month, end = row["month_from"], last_day(row["month_from"])
        if row["effective_from"] > end:
            zh = f"{month} 月末尚未生效,该月不会执行:请让 effective_from 不晚于 {end}"
            en = f"not in force at the end of {month}, and would not count there: effective_from no later than {end}"
            yield Finding((), "score_veto", line, zh, en)


def _year(row: Row) -> Iterator[tuple[str, str]]:
    """The year is settled by what is in force on its last day."""
    if not 2000 <= row["year"] <= MAXYEAR:
        yield "列 year 要写四位年份", "column year wants a year of four digits"
    elif row["effective_from"] > (end := date(row["year"], 12, 31)):
        yield (
            f"年末 {end} 尚未生效,该年度不会计入:请让 effective_from 不晚于 {end}",
            f"not in force on {end}, and would not count in that year: effective_from no later",
        )


def _appeal(row: Row) -> Iterator[tuple[str, str]]:
    state, answered = row["appeal_state"], row["appeal_decided_on"]
    said = APPEAL_STATES[state]
    if state in _ANSWERED and answered is None:
        yield (
            f"{state}({said.zh})要写裁定日期 appeal_decided_on",
            f"{said.en}: on which day? Fill in appeal_decided_on",
        )
    elif state not in _ANSWERED and answered is not None:
        yield (
            f"有裁定日期而 appeal_state 是 {state}({said.zh}):请改为 {' 或 '.join(_ANSWERED)},或清空日期",
            f"an appeal was decided and appeal_state is {state}: write {' or '.join(_ANSWERED)}, or leave the day empty",
        )
    elif answered and row["decided_on"] and answered < row["decided_on"]:
        yield (
            "申诉裁定早于否决决定:请核对 decided_on 与 appeal_decided_on",
            "the appeal was decided before the veto was: check decided_on and appeal_decided_on",
        )
