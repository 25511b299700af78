"""Whether one table of a scheme can be read: columns, kinds of cells, keys. Not here: whether tables fit each other (checks)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sources.base.yamlfile import Problem
from sources.casemix.tables import Column, Table

# Larger than any order, weight in grams or rate; what the warehouse's columns hold.
_LARGEST = 100_000


def check_table(path: Path, table: Table) -> Iterator[Problem]:
    """Every problem of one file; one that is not there has none."""
    if not path.is_file():
        return
    try:
        lines = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    except UnicodeDecodeError:
        yield Problem(path.name, 0, "请另存为 UTF-8 编码的 CSV", "save it as CSV in UTF-8")
        return
    header = lines[0] if lines else []
    lacking = [column.name for column in table.columns if column.name not in header]
    if lacking:
        zh, en = f"缺少列 {'、'.join(lacking)}", f"columns {', '.join(lacking)} are missing"
        yield Problem(path.name, 1, zh, en)
        return
    yield from _rows(path.name, table, header, lines[1:])


def _rows(file: str, table: Table, header: list[str], lines: list[list[str]]) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], int] = {}
    for number, cells in enumerate(lines, start=2):
        if len(cells) != len(header):
            zh, en = f"列数与表头({len(header)} 列)不同", f"has other than the header's {len(header)} columns"
            yield Problem(file, number, zh, en)
            continue
        row = dict(zip(header, cells, strict=True))
        for column in table.columns:
            if wrong := _wrong(column, row[column.name]):
                yield Problem(file, number, f"{column.name}:{wrong[0]}", f"{column.name}: {wrong[1]}")
        key = tuple(row[name] for name in table.key)
        if key in seen:
            zh, en = f"与第 {seen[key]} 行的键相同", f"has the key of line {seen[key]}"
            yield Problem(file, number, zh, en)
        seen.setdefault(key, number)


def _wrong(column: Column, text: str) -> tuple[str, str] | None:
    if not text:
        return ("不能为空", "must not be empty") if column.required else None
    if column.choices and text not in column.choices:
        return (
            f"{text} 不在 {'、'.join(column.choices)} 之中",
            f"{text} is none of {', '.join(column.choices)}",
        )
    if column.kind == "text":
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return f"{text} 不是数", f"{text} is no number"
    if not number.is_finite():
        return f"{text} 不是数", f"{text} is no number"
    if column.kind == "integer" and text != str(int(number)):
        return f"{text} 不是整数", f"{text} is no whole number"
    if not 0 <= number < _LARGEST or number != number.quantize(Decimal("0.0001")):
        zh = f"{text} 要在 0 与 {_LARGEST} 之间,至多四位小数"
        return zh, f"{text} must lie between 0 and {_LARGEST}, with four decimals at most"
    return None
