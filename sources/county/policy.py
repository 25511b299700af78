"""Policy tables: targets, weights, anchors and parameters in force from one day to another, written as CSV by people.

Here: reading every `policy/<table>.csv`, its judgement with file and line, and the typed Parquet for the warehouse. Not here:
which tables and columns there are (policy_tables), what the figures are used for.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.base.likeness import nearest
from sources.base.yamlfile import Problem
from sources.county.money import check_money
from sources.county.money.guards import guard_against
from sources.county.policy_checks import Finding, check_rows
from sources.county.policy_decisions import check_decisions
from sources.county.policy_in_force import Members, check_in_force, gaps
from sources.county.policy_tables import TABLES, PolicyTable

NUMBER = pa.decimal128(18, 6)
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


def _read(path: Path, table: PolicyTable, given: Mapping[str, str] = MappingProxyType({})) -> _Read:
    """given: cells of columns that the file need not have."""
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
    may_be_absent = {column.name for column in table.columns if not column.in_header} | set(given)
    for column in sorted(set(wanted) - set(header) - may_be_absent):
        result.problems.append(Problem(name, 1, f"缺少列 {column}", f"column {column} is missing"))
    for column in sorted(set(header) - set(wanted)):
        why = guard_against(column)
        zh, en = (f":{why.zh}", f": {why.en}") if why else ("", "")
        result.problems.append(Problem(name, 1, f"不认识的列 {column}{zh}", f"unknown column {column}{en}"))
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
            row = _row({**record, **given}, table, Problem(name, reader.line_num, "", ""), result.problems)
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


def _judge(read: _Read, table: PolicyTable, members: Members | None) -> Iterator[Problem]:
    """What can only be seen across rows of one table, or against the county: periods, double rows, unknown units."""
    name = f"policy/{table.name}.csv"
    held: dict[tuple[Any, ...], list[tuple[date, date]]] = {}
    for row, line in zip(read.rows, read.lines, strict=True):
        yield from _unknown_units(row, Problem(name, line, "", ""), table, members)
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


def _unknown_units(
    row: dict[str, Any], place: Problem, table: PolicyTable, members: Members | None
) -> Iterator[Problem]:
    """Institutions and communities that the county has not."""
    if members is None:
        return
    # In targets and baselines a community or the county may stand for an institution.
    above = members.units_above if table.name in ("kpi_target", "institution_baseline") else ()
    known = {"institution": {*members.tiers, *above}, "community": {*members.units_above}}
    words = {"institution": ("机构", "institution"), "community": ("医共体", "community")}
    for column in table.columns:
        unit = row[column.name]
        if column.kind in known and unit and unit not in known[column.kind]:
            near, (zh, en) = nearest(unit, known[column.kind]), words[column.kind]
            said_zh, said_en = f"没有{zh} {unit};相近的:{near}", f"there is no {en} {unit}; near: {near}"
            yield Problem(place.file, place.line, said_zh, said_en)


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
            read.problems += _judge(read, table, members)
            tables[table.name] = read.numbered
        problems += read.problems
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in {table.name for table in TABLES}:
            zh, en = "不认识的政策表", "unknown policy table"
            problems.append(Problem(f"policy/{path.name}", 0, zh, en))
    problems += [_problem(finding) for finding in check_rows(tables, members.tiers if members else {})]
    problems += [_problem(finding) for finding in check_decisions(tables)]
    problems += [_problem(finding) for finding in check_money(tables)]
    # What is in force together can be said only when every table could be read.
    found = list(check_in_force(tables, members)) if members and len(tables) == len(TABLES) else []
    problems += [_problem(each.finding, each.month) for each in found if not each.runs_out]
    return problems, [_problem(each.finding, each.month) for each in found if each.runs_out]


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


def typed_policy(path: Path, table: str, given: Mapping[str, str]) -> tuple[pa.Table, list[Problem]]:
    """One file as the policy table `table`, typed, and every problem of it. given: what all its rows say beside their own cells."""
    wanted = next(each for each in TABLES if each.name == table)
    read = _read(path, wanted, given)
    if not read.problems:
        read.problems += _judge(read, wanted, None)
        read.problems += [_problem(finding) for finding in check_money({table: read.numbered})]
    return pa.Table.from_pylist(read.rows, schema=_schema(wanted)), read.problems


def _schema(table: PolicyTable) -> pa.Schema:
    return pa.schema([(column.name, _ARROW.get(column.kind, pa.string())) for column in table.columns])


def write_policy(folder: Path, home: Home) -> None:
    """Write every policy table, typed, to the home folder; absent optional ones with no rows."""
    for table in TABLES:
        rows = _read(folder / f"{table.name}.csv", table).rows
        found = pa.Table.from_pylist(rows, schema=_schema(table))
        write_parquet(home.policy / f"{table.name}.parquet", found, private=table.personal)
