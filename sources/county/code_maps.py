"""The county's code map: `codes/*.xlsx` and `codes/*.csv` in the county folder, filled by people, read as data.

Here: the columns, their judgement with file, sheet and row, and the Parquet for the warehouse. A row without a target is
not decided yet and passes unread, so that a workbook can be filled little by little. Not here: writing that workbook.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.base.yamlfile import Problem
from sources.county.filled_tables import FilledRow, filled_rows
from sources.reference import TERMINOLOGIES as NATIONAL
from sources.reference import nhsa_codes

FOLDER = "codes"
SHEET = "待对照"
TERMINOLOGIES = {
    "diagnosis": "诊断",
    "procedure": "手术操作",
    "drug": "药品",
    "service_item": "服务项目",
    "consumable": "耗材",
}
# Column of the file: what it is called where people fill it in (either name is understood).
COLUMNS = {
    "terminology": "术语",
    "institution_id": "机构编码(空=全县)",
    "source_code": "原编码",
    "source_name": "原名称",
    "target_code": "目标编码",
    "effective_from": "生效日期",
    "effective_to": "失效日期",
    "decided_by": "对照人",
    "decided_on": "对照日期",
    "note": "说明",
}
_REQUIRED = ("terminology", "source_code", "effective_from", "decided_by", "decided_on")
_DATES = ("effective_from", "effective_to", "decided_on")
SCHEMA = pa.schema(
    [
        *((name, pa.date32() if name in _DATES else pa.string()) for name in COLUMNS),
        ("map_file", pa.string()),
        ("map_row", pa.int64()),
    ]
)


def check_code_maps(folder: Path, deliverers: Collection[str] | None = None) -> list[Problem]:
    """Every problem of the county's code files. With `deliverers`, institutions are held against them."""
    decisions, problems = _read_all(folder)
    for decision in decisions:
        problems += _judge(decision, deliverers)
    return problems if problems else list(_twice(decisions))


def write_code_maps(folder: Path, home: Home) -> None:
    """Write the decisions to `<home>/conformed/reference/county_code_map.parquet`; no rows when there are none."""
    decisions, _ = _read_all(folder)
    rows = [_typed(decision) for decision in decisions]
    rows.sort(key=lambda row: [str(row[name] or "") for name in SCHEMA.names])
    write_parquet(home.reference / "county_code_map.parquet", pa.Table.from_pylist(rows, schema=SCHEMA))


def _read_all(folder: Path) -> tuple[list[FilledRow], list[Problem]]:
    """Decided rows, and the problems of their files."""
    problems: list[Problem] = []
    rows = [
        row for row in filled_rows(folder / FOLDER, SHEET, COLUMNS, problems) if row.values.get("target_code")
    ]
    return [replace(row, values=_tidy(row.values)) for row in rows], problems


def _tidy(values: dict[str, str]) -> dict[str, str]:
    """A terminology by its own name; a target chosen from the list ('I10.x00 高血压') without its name."""
    by_name = {zh: name for name, zh in TERMINOLOGIES.items()}
    given = values.get("terminology", "")
    return values | {
        "terminology": by_name.get(given, given),
        "target_code": values["target_code"].split(" ")[0],
    }


def _judge(decision: FilledRow, deliverers: Collection[str] | None) -> Iterator[Problem]:
    values = decision.values
    for column in _REQUIRED:
        if not values.get(column):
            zh, en = f"“{COLUMNS[column]}”不能为空", f"{column} must not be empty"
            yield decision.problem(zh, en)
    for column in _DATES:
        if values.get(column) and _date(values[column]) is None:
            zh = f"“{COLUMNS[column]}”要写 YYYY-MM-DD 日期:{values[column]}"
            yield decision.problem(zh, f"{column} wants a date YYYY-MM-DD: {values[column]}")
    terminology, institution = values["terminology"], values.get("institution_id")
    if terminology and terminology not in TERMINOLOGIES:
        names = "、".join(TERMINOLOGIES.values())
        yield decision.problem(
            f"术语“{terminology}”不在 {names} 之中",
            f"terminology {terminology!r} is none of {', '.join(TERMINOLOGIES)}",
        )
    if institution and deliverers is not None and institution not in deliverers:
        yield decision.problem(
            f"{institution} 不是报送方(村卫生室写其上级;全县适用请留空)",
            f"{institution} delivers nothing (a village: name its parent; leave it empty for the whole county)",
        )
    target = values["target_code"]
    if terminology in NATIONAL and target not in nhsa_codes(terminology):
        yield decision.problem(
            f"目标编码 {target} 不在医保 2.0 {TERMINOLOGIES[terminology]}表中;请从建议中选,或按编码表更正",
            f"target {target} is no {terminology} code of the NHSA 2.0 table: choose a suggestion or correct it",
        )
    start, end = _date(values.get("effective_from", "")), _date(values.get("effective_to", ""))
    if start and end and end < start:
        yield decision.problem("失效日期早于生效日期", "effective_to lies before effective_from")


def _twice(decisions: list[FilledRow]) -> Iterator[Problem]:
    """Two decisions for one code at the same time, in whichever files they stand."""
    held: dict[tuple[str, str, str], list[tuple[date, date, FilledRow]]] = {}
    for decision in decisions:
        values = decision.values
        key = (values["terminology"], values.get("institution_id", ""), values["source_code"])
        start = date.fromisoformat(values["effective_from"])
        end = _date(values.get("effective_to", "")) or date.max
        for other_start, other_end, other in held.get(key, []):
            if start <= other_end and other_start <= end:
                yield decision.problem(
                    f"{values['source_code']} 在同一时期已在 {other.file} 第 {other.row} 行对照过",
                    f"{values['source_code']} is mapped for the same time in {other.file} row {other.row}",
                )
        held.setdefault(key, []).append((start, end, decision))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _typed(decision: FilledRow) -> dict[str, object]:
    values = {name: decision.values.get(name) or None for name in COLUMNS}
    dates = {name: _date(values[name] or "") for name in _DATES}
    return {**values, **dates, "map_file": decision.file, "map_row": decision.row}
