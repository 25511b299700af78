"""The quarantine as a workbook for the institution: causes, single lines, emptied codes, and what wants an answer.

Here: writing it. Not here: what stands in it (quarantine). Texts are written as text, so nothing in it is a formula.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from sources.base.xlsx import workbook, write_heading, write_lines
from sources.mending.quarantine import QuarantinedLine, QuarantineGroup

# A sheet ends at 1,048,576 rows; whoever has more quarantined lines mends by cause.
_LAST_ROW = 1_000_000
_GROUP_HEADINGS = {
    "feed": "数据源 feed", "institution_id": "报送方 institution", "rule_id": "规则 rule", "column_name": "列 column",
    "shown": "值或形状 value or shape", "rows": "行数 rows", "fen": "金额(元) yuan", "months": "月份 months",
    "first_file": "首个文件 first file", "first_line": "首行 first line", "message_zh": "怎么办", "message_en": "how to mend",
}  # fmt: skip
_LINE_HEADINGS = {
    "feed": "数据源 feed", "institution_id": "报送方 institution", "month": "月份 month", "file": "文件 file", "line": "行 line",
    "rule_id": "规则 rule", "column_name": "列 column", "shown": "值或形状 value or shape", "fen": "金额(元) yuan", "message_zh": "怎么办",
}  # fmt: skip


def write_quarantine(
    path: Path,
    groups: Iterable[QuarantineGroup],
    lines: Iterable[QuarantinedLine],
    snippets: dict[str, list[str]],
    emptied: Iterable[QuarantineGroup] = (),
) -> None:
    """Write the workbook; the same quarantine gives the same bytes."""
    with workbook(path, "隔离 quarantine", row_by_row=True) as book:
        _table(book, "原因 causes", _GROUP_HEADINGS, groups)
        _table(book, "逐行 lines", _LINE_HEADINGS, lines)
        _table(book, "置空的编码 emptied codes", _GROUP_HEADINGS, emptied)
        told = [text for file, texts in snippets.items() for text in (f"# {file}", *texts, "")]
        write_lines(book.add_worksheet("补字典 dictionary"), told, 100)


def _table(book: Workbook, name: str, headings: dict[str, str], records: Iterable[Any]) -> None:
    sheet = book.add_worksheet(name)
    write_heading(book, sheet, list(headings.values()), lambda _: 18)
    for row, record in enumerate(records, start=1):
        if row > _LAST_ROW:
            break
        cells = asdict(record)
        for column, name in enumerate(headings):
            value = cells[name]
            if name == "fen":
                value = None if value is None else value / 100
            if isinstance(value, (int, float)):
                sheet.write_number(row, column, value)
            elif value is not None:
                sheet.write_string(row, column, value)
