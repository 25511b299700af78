"""Policy tables: targets, weights, anchors and parameters in force from one day to another, written as CSV by people.

Here: the columns of every `policy/<table>.csv`, their judgement with file and line, and the typed Parquet for the
warehouse. Not here: what the figures are used for.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.base.likeness import nearest
from sources.base.terms import (
    APPEAL_STATES,
    DEDUCTION_KINDS,
    QUALITY_DIMENSIONS,
    TIERS,
    UNIT_TIERS,
    VETO_KINDS,
)
from sources.base.yamlfile import Problem
from sources.county.policy_checks import Finding, check_rows
from sources.county.policy_decisions import check_decisions
from sources.county.policy_in_force import Members, check_in_force, gaps

NUMBER = pa.decimal128(18, 6)


@dataclass(frozen=True)
class PolicyColumn:
    """One column of a policy file: `kind` is text, number, integer, flag (0/1), date, month or kpi.

    in_header: whether the header must name it, filled or not.
    """

    name: str
    kind: str
    required: bool = True
    choices: tuple[str, ...] = ()
    in_header: bool = True


def _text(name: str, *choices: str, required: bool = True) -> PolicyColumn:
    return PolicyColumn(name, "text", required, choices)


def _optional(name: str, kind: str = "number") -> PolicyColumn:
    return PolicyColumn(name, kind, required=False)


COMMON = (
    PolicyColumn("effective_from", "date"),
    _optional("effective_to", "date"),
    PolicyColumn("assumption", "flag"),
    _optional("origin", "text"),
)


@dataclass(frozen=True)
class PolicyTable:
    """A policy file: its own columns, the key that only one row may hold at a time, and whether it may be absent.

    continuous: rows of one key follow each other without a day between them.
    """

    name: str
    own_columns: tuple[PolicyColumn, ...]
    key: tuple[str, ...]
    optional: bool = False
    continuous: bool = True

    @property
    def columns(self) -> tuple[PolicyColumn, ...]:
        return (*self.own_columns, *COMMON)


KPI = PolicyColumn("kpi_id", "kpi")
TABLES = (
    PolicyTable(
        "kpi_target",
        (
            KPI,
            _text("institution_tier", *UNIT_TIERS, required=False),
            _text("institution_id", required=False),
            _text("target_mode", "abs", "delta", "ratio", "range"),
            *(
                _optional(n)
                for n in ("baseline", "target", "challenge", "floor", "range_low", "range_high", "tolerance")
            ),
            # 1: a target of the whole year, against which a year-to-date value counts by the share that is over.
            PolicyColumn("elapsed_share", "flag", required=False, in_header=False),
        ),
        ("kpi_id", "institution_tier", "institution_id"),
    ),
    PolicyTable(
        "institution_baseline",
        (_text("institution_id"), KPI, PolicyColumn("baseline_value", "number")),
        ("institution_id", "kpi_id"),
        optional=True,
    ),
    PolicyTable(
        "kpi_weight",
        (
            _text("institution_tier", *TIERS),
            KPI,
            _text("dimension"),
            PolicyColumn("weight", "number"),
            # What is one says the registry of indicators; a claim of the lead's card is held against it.
            PolicyColumn("primary_outcome", "flag", required=False, in_header=False),
            # A value that does not reach it scores 0.
            PolicyColumn("must_reach", "number", required=False, in_header=False),
        ),
        ("institution_tier", "kpi_id"),
    ),
    PolicyTable(
        "score_anchor",
        (_text("anchor", "floor", "baseline", "target", "challenge"), PolicyColumn("points", "number")),
        ("anchor",),
    ),
    PolicyTable(
        "pay_curve",
        (
            PolicyColumn("score_from", "number"),
            _optional("score_to"),
            PolicyColumn("coefficient_from", "number"),
            PolicyColumn("coefficient_to", "number"),
        ),
        ("score_from",),
    ),
    PolicyTable(
        "score_veto",
        (
            _text("institution_id"),
            _text("kind", *VETO_KINDS),
            PolicyColumn("month_from", "month"),
            PolicyColumn("month_to", "month"),
            PolicyColumn("pay_cap", "number"),
            # Who decided it when, by which document: policy_decisions demands them and says why.
            _text("decided_by", required=False),
            _optional("decided_on", "date"),
            _text("document", required=False),
            _text("appeal_state", *APPEAL_STATES),
            _optional("appeal_decided_on", "date"),
        ),
        ("institution_id", "kind", "month_from"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "score_deduction",
        (
            _text("institution_id"),
            PolicyColumn("year", "integer"),
            _text("kind", *DEDUCTION_KINDS),
            PolicyColumn("points", "number"),
            _text("document"),
        ),
        ("institution_id", "year", "kind", "document"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "deduction_rule",
        (
            _text("institution_tier", *TIERS),
            KPI,
            # Of every unit (percentage point, day, …) that the value falls short, so many points, but no more than.
            PolicyColumn("short_of", "number"),
            PolicyColumn("points_per_unit", "number"),
            PolicyColumn("points_at_most", "number"),
        ),
        ("institution_tier", "kpi_id"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "mutual_assessment",
        (
            _text("rater_id"),
            _text("institution_id"),
            PolicyColumn("year", "integer"),
            PolicyColumn("points", "number"),
            PolicyColumn("ballots", "integer"),
        ),
        ("rater_id", "institution_id", "year"),
        optional=True,
        continuous=False,
    ),
    PolicyTable("kpi_parameter", (_text("parameter"), PolicyColumn("value", "number")), ("parameter",)),
    PolicyTable("kpi_code_set", (_text("code_set"), _text("code")), ("code_set", "code"), continuous=False),
    PolicyTable(
        "quality_dimension",
        (
            _text("dimension", *QUALITY_DIMENSIONS),
            PolicyColumn("weight", "number"),
            PolicyColumn("zero_at_pct", "number"),
        ),
        ("dimension",),
    ),
    PolicyTable("quality_parameter", (_text("parameter"), PolicyColumn("value", "number")), ("parameter",)),
    PolicyTable(
        "opening_average_cost",
        (
            _text("institution_id"),
            PolicyColumn("month", "month"),
            _text("care_kind", "outpatient", "inpatient"),
            PolicyColumn("cases", "integer"),
            PolicyColumn("cost_fen", "integer"),
        ),
        ("institution_id", "month", "care_kind"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "waiver",
        (
            _text("check_id"),
            _text("institution_id", required=False),
            _optional("month_from", "month"),
            _text("reason"),
            _text("owner"),
            PolicyColumn("expires_on", "date"),
            PolicyColumn("batches", "text", required=False, in_header=False),
        ),
        ("check_id", "institution_id", "month_from", "batches"),
        optional=True,
        continuous=False,
    ),
)
_ARROW = {"number": NUMBER, "integer": pa.int64(), "flag": pa.int32(), "date": pa.date32()}
_WANTED = {
    "number": ("小数", "a number"),
    "integer": ("整数", "a whole number"),
    "flag": ("0 或 1", "0 or 1"),
    "date": ("YYYY-MM-DD 日期", "a date YYYY-MM-DD"),
    "month": ("YYYY-MM 月份", "a month YYYY-MM"),
    "kpi": ("KPI-001 这样的指标号", "a KPI id such as KPI-001"),
}


_LARGEST = Decimal(10**12)  # what NUMBER can hold


class _WrongValueError(ValueError):
    """A cell that is not what its column wants."""


def _value(kind: str, text: str) -> Any:
    """The typed value of a filled cell. Raises _WrongValueError."""
    try:
        if kind == "number":
            number = Decimal(text).quantize(Decimal("0.000001"))
            if not abs(number) < _LARGEST:  # nor is what is no number
                raise _WrongValueError
            return number
        if kind == "integer":
            return int(text)
        if kind == "date":
            return date.fromisoformat(text)
    except (ValueError, InvalidOperation) as error:
        raise _WrongValueError from error
    patterns = {"flag": r"[01]", "month": r"\d{4}-(0[1-9]|1[0-2])", "kpi": r"KPI-\d{3}"}
    if kind in patterns and not re.fullmatch(patterns[kind], text):
        raise _WrongValueError
    return int(text) if kind == "flag" else text


@dataclass
class _Read:
    """Rows of one policy file with the line each stands on, and what is wrong."""

    rows: list[dict[str, Any]]
    lines: list[int]
    problems: list[Problem]

    @property
    def numbered(self) -> list[tuple[int, dict[str, Any]]]:
        return list(zip(self.lines, self.rows, strict=True))


def _read(path: Path, table: PolicyTable) -> _Read:
    name = f"policy/{path.name}"
    result = _Read([], [], [])
    if not path.is_file():
        if not table.optional:
            zh, en = f"缺少政策表 {table.name}.csv", f"policy table {table.name}.csv is missing"
            result.problems.append(Problem(name, 0, zh, en))
        return result
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        result.problems.append(Problem(name, 0, "请另存为 UTF-8 编码的 CSV", "save it as CSV in UTF-8"))
        return result
    reader = csv.DictReader(io.StringIO(text))
    header, wanted = reader.fieldnames or [], [column.name for column in table.columns]
    may_be_absent = {column.name for column in table.columns if not column.in_header}
    for column in sorted(set(wanted) - set(header) - may_be_absent):
        result.problems.append(Problem(name, 1, f"缺少列 {column}", f"column {column} is missing"))
    for column in sorted(set(header) - set(wanted)):
        result.problems.append(Problem(name, 1, f"不认识的列 {column}", f"unknown column {column}"))
    if not result.problems:
        for record in reader:
            if (
                header[-1] == "origin" and None in record
            ):  # free text at the end of the row, with a bare comma
                record["origin"] = ",".join([record["origin"], *record.pop(None)])
            if None in record or None in record.values():
                zh = f"这一行的列数与表头({len(header)} 列)不同:含逗号的文字要加双引号"
                en = f"this row has other than the header's {len(header)} columns: quote texts with commas"
                result.problems.append(Problem(name, reader.line_num, zh, en))
            row = _row(record, table, Problem(name, reader.line_num, "", ""), result.problems)
            result.rows.append(row)
            result.lines.append(reader.line_num)
    return result


def _row(
    record: dict[str, Any], table: PolicyTable, place: Problem, problems: list[Problem]
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        text = (record.get(column.name) or "").strip()
        row[column.name] = None
        if not text:
            if column.required:
                zh, en = f"列 {column.name} 不能为空", f"column {column.name} must not be empty"
                problems.append(Problem(place.file, place.line, zh, en))
            continue
        try:
            row[column.name] = _value(column.kind, text)
        except _WrongValueError:
            zh, en = _WANTED[column.kind]
            said_zh, said_en = f"列 {column.name} 要写{zh}:{text}", f"column {column.name} wants {en}: {text}"
            problems.append(Problem(place.file, place.line, said_zh, said_en))
        if column.choices and text not in column.choices:
            zh = f"列 {column.name} 的取值 {text} 不在 {'、'.join(column.choices)} 之中"
            en = f"column {column.name}: {text} is none of {', '.join(column.choices)}"
            problems.append(Problem(place.file, place.line, zh, en))
    return row


def _judge(read: _Read, table: PolicyTable, institutions: Collection[str] | None) -> Iterator[Problem]:
    """What can only be seen across rows of one table, or against the county: periods, double rows, unknown institutions."""
    name = f"policy/{table.name}.csv"
    held: dict[tuple[Any, ...], list[tuple[date, date]]] = {}
    for row, line in zip(read.rows, read.lines, strict=True):
        for institution in (row.get("institution_id"), row.get("rater_id")):
            if institutions is None or not institution or institution in institutions:
                continue
            near = nearest(institution, institutions)
            zh, en = (
                f"没有机构 {institution};相近的:{near}",
                f"there is no institution {institution}; near: {near}",
            )
            yield Problem(name, line, zh, en)
        start, end = row["effective_from"], row["effective_to"] or date.max
        if end < start:
            yield Problem(
                name, line, "effective_to 早于 effective_from", "effective_to lies before effective_from"
            )
        key = tuple(row[column] for column in table.key)
        if any(start <= other_end and other_start <= end for other_start, other_end in held.get(key, [])):
            said = ", ".join("*" if part is None else str(part) for part in key)
            yield Problem(name, line, f"同一时期有两行:{said}", f"two rows in force at the same time: {said}")
        held.setdefault(key, []).append((start, end))
    for line, key_said, first, last in gaps(read.numbered, table.key) if table.continuous else ():
        zh = f"{key_said} 从 {first} 到 {last} 没有有效的行:请接上前一行的 effective_to,或补一行"
        en = f"{key_said}: no row in force from {first} to {last}: join the periods, or add a row"
        yield Problem(name, line, zh, en)


def check_policy(folder: Path, members: Members | None = None) -> list[Problem]:
    """Every problem of a county's policy folder. Without `members` (county.yml cannot be read) of its tables alone."""
    return _check(folder, members)[0]


def policy_notes(folder: Path, members: Members) -> list[Problem]:
    """Rows that end without a successor: no problem before that month is computed."""
    return _check(folder, members)[1]


def _check(folder: Path, members: Members | None) -> tuple[list[Problem], list[Problem]]:
    problems: list[Problem] = []
    tables: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for table in TABLES:
        read = _read(folder / f"{table.name}.csv", table)
        if not read.problems:
            read.problems += _judge(read, table, _known(table, members) if members else None)
            tables[table.name] = read.numbered
        problems += read.problems
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in {table.name for table in TABLES}:
            zh, en = "不认识的政策表", "unknown policy table"
            problems.append(Problem(f"policy/{path.name}", 0, zh, en))
    problems += [_problem(finding) for finding in check_rows(tables, members.tiers if members else {})]
    problems += [_problem(finding) for finding in check_decisions(tables)]
    # What is in force together can be said only when every table could be read.
    found = list(check_in_force(tables, members)) if members and len(tables) == len(TABLES) else []
    problems += [_problem(each.finding, each.month) for each in found if not each.runs_out]
    return problems, [_problem(each.finding, each.month) for each in found if each.runs_out]


def _known(table: PolicyTable, members: Members) -> Collection[str]:
    """Whom a row may name: institutions, and in targets and baselines also communities and the county."""
    above = members.units_above if table.name in ("kpi_target", "institution_baseline") else ()
    return {*members.tiers, *above}


def _problem(finding: Finding, since: str = "") -> Problem:
    zh, en = (f"自 {since} 起:", f"from {since} on: ") if since else ("", "")
    return Problem(f"policy/{finding.table}.csv", finding.line, zh + finding.zh, en + finding.en)


def readable_tables(folder: Path) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """{table: [(line, typed row)]} of the policy files whose every row can be read."""
    read = {table.name: _read(folder / f"{table.name}.csv", table) for table in TABLES}
    return {name: found.numbered for name, found in read.items() if not found.problems}


def policy_rows(folder: Path, table: str) -> list[tuple[int, dict[str, Any]]]:
    """[(line, typed row)] of one policy file, none of an absent one. Meant for a folder without problems."""
    wanted = next(each for each in TABLES if each.name == table)
    read = _read(folder / f"{table}.csv", wanted)
    return read.numbered if not read.problems else []


def write_policy(folder: Path, home: Home) -> None:
    """Write every policy table, typed, to the home folder; absent optional ones with no rows."""
    for table in TABLES:
        rows = _read(folder / f"{table.name}.csv", table).rows
        schema = pa.schema([(column.name, _ARROW.get(column.kind, pa.string())) for column in table.columns])
        write_parquet(home.policy / f"{table.name}.parquet", pa.Table.from_pylist(rows, schema=schema))
