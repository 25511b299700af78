"""Policy tables: targets, weights, anchors and parameters in force from one day to another, written as CSV by people.

Here: reading every `policy/<table>.csv`, its judgement with file and line, and the typed Parquet for the warehouse. Not here:
which tables and columns there are (policy_tables), what the figures are used for.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
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
from sources.county.policy_cells import ARROW, WANTED, WrongValueError, value
from sources.county.policy_checks import Finding, check_rows
from sources.county.policy_decisions import check_decisions
from sources.county.policy_in_force import Members, check_in_force, gaps
from sources.county.policy_tables import TABLES, PolicyTable

# What may lie in the folder beside the tables.
_BESIDE = (".md", ".txt")


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
    if path.is_dir():
        result.problems.append(
            Problem(name, 0, "这里要的是文件,不是文件夹", "this is a folder where a file is wanted")
        )
        return result
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
    try:
        _read_text(text, table, given, name, result)
    except csv.Error:
        zh = "不是逐行的 CSV:请另存为 CSV(UTF-8),行末用换行,单元格不要过长"
        result.problems.append(
            Problem(name, 0, zh, "this is no CSV line by line: save it as CSV (UTF-8) anew")
        )
    return result


def _read_text(text: str, table: PolicyTable, given: Mapping[str, str], name: str, result: _Read) -> None:
    """Raises csv.Error for what is no CSV."""
    reader = csv.DictReader(io.StringIO(text))
    header, wanted = reader.fieldnames or [], [column.name for column in table.columns]
    for column in sorted({each for each in header if header.count(each) > 1}):
        result.problems.append(Problem(name, 1, f"列 {column} 写了两次", f"column {column} stands twice"))
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
            if any("\n" in (cell or "") for cell in record.values() if not isinstance(cell, list)):
                zh = "单元格里有换行:是不是少了一个双引号?后面的行会被吞掉"
                en = "a cell holds a line break: is a quote not closed? the rows behind it would be swallowed"
                result.problems.append(Problem(name, reader.line_num, zh, en))
            row = _row({**record, **given}, table, Problem(name, reader.line_num, "", ""), result.problems)
            result.rows.append(row)
            result.lines.append(reader.line_num)


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
            row[column.name] = value(column.kind, text)
        except WrongValueError:
            zh, en = WANTED[column.kind]
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
        said = ", ".join("*" if part is None else str(part) for part in key)
        if table.once and key in held:
            zh = f"{said} 已有一行:同一笔只算一次,有效期不同也不行"
            yield Problem(name, line, zh, f"{said} has a row already: it counts once, whatever the period")
        elif any(start <= other_end and other_start <= end for other_start, other_end in held.get(key, [])):
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
    above = (
        (*members.communities, members.county) if table.name in ("kpi_target", "institution_baseline") else ()
    )
    known = {"institution": {*members.tiers, *above}, "community": {*members.communities}}
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
    problems += _strangers(folder)
    problems += [_problem(finding) for finding in check_rows(tables, members.tiers if members else {})]
    problems += [_problem(finding) for finding in check_decisions(tables)]
    problems += [_problem(finding) for finding in check_money(tables)]
    # What is in force together can be said only when every table could be read.
    found = list(check_in_force(tables, members)) if members and len(tables) == len(TABLES) else []
    problems += [_problem(each.finding, each.month) for each in found if not each.runs_out]
    return problems, [_problem(each.finding, each.month) for each in found if each.runs_out]


def _strangers(folder: Path) -> Iterator[Problem]:
    """What lies in the folder and nobody reads: tables of another name, or saved as something else than CSV."""
    known = {f"{table.name}.csv" for table in TABLES}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name in known or path.name.startswith((".", "~")) or path.suffix in _BESIDE:
            continue
        guard = guard_against(path.stem)
        zh, en = (f":{guard.zh}", f": {guard.en}") if guard else ("", "")
        said, said_en = "不认识的政策表", "unknown policy table"
        if path.suffix != ".csv":
            said = "政策表要存为小写 .csv 结尾的 CSV 文件,这一个不会被读"
            said_en = "policy is read from CSV files ending in .csv only"
        yield Problem(f"policy/{path.name}", 0, said + zh, said_en + en)


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
    return pa.schema([(column.name, ARROW.get(column.kind, pa.string())) for column in table.columns])


def write_policy(folder: Path, home: Home) -> None:
    """Write every policy table, typed, to the home folder; absent optional ones with no rows."""
    for table in TABLES:
        rows = _read(folder / f"{table.name}.csv", table).rows
        found = pa.Table.from_pylist(rows, schema=_schema(table))
        write_parquet(home.policy / f"{table.name}.parquet", found, private=table.personal)
