"""The workbook of unmapped codes: what a person fills in and puts back into the county's `codes/` folder.

One row per deliverer and code, the most money first, with suggestions to choose from. Same rows, same bytes. Not here:
reading it back (county.code_maps), finding suggestions (suggestions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from sources.base.xlsx import to_fill, workbook, write_heading, write_lines
from sources.county.code_maps import COLUMNS, SHEET, TERMINOLOGIES

_SUGGESTION_SHEET = "建议"
_HEADINGS = {
    "terminology": COLUMNS["terminology"],
    "institution_id": COLUMNS["institution_id"],
    "institution_name": "机构名称",
    "source_code": COLUMNS["source_code"],
    "source_name": COLUMNS["source_name"],
    "rows": "行数",
    "amount": "金额(元)",
    "target_code": COLUMNS["target_code"],
    "effective_from": COLUMNS["effective_from"],
    "effective_to": COLUMNS["effective_to"],
    "decided_by": COLUMNS["decided_by"],
    "decided_on": COLUMNS["decided_on"],
    "note": COLUMNS["note"],
}
_WIDTHS = {
    _HEADINGS["source_name"]: 26,
    _HEADINGS["target_code"]: 34,
    _HEADINGS["note"]: 24,
    _HEADINGS["institution_name"]: 22,
}
_TO_FILL = ("target_code", "effective_to", "decided_by", "decided_on", "note")
_HELP = (
    "怎样填写 / how to fill it in",
    "1. 每行是一个本县编码表都不认识的编码,按涉及金额从大到小排列。",
    "2. 在黄色的“目标编码”里选一个建议,或直接写医保 2.0 编码(药品、项目、耗材写医保目录码)。没有把握就留空,该行不会被读取。",
    "3. “机构编码”清空表示全县适用;机构自己的对照优先于全县的。",
    "4. “生效日期”之前的数据不受影响;“对照人”和“对照日期”必须填写。",
    "5. 把文件放进县目录的 codes/ 文件夹,运行 yigongti county check 检查,下次 yigongti run 生效。",
    "Choose a target in the yellow column, say who decided and when, put the file into the county's codes/ folder,",
    "run `yigongti county check`, then `yigongti run`. Rows without a target are not read.",
)


@dataclass(frozen=True)
class UnmappedCode:
    """One row to be decided; `amount_fen` is the money behind it, `first_month` ('YYYY-MM') when it was first met."""

    terminology: str
    deliverer_id: str
    deliverer_name: str
    source_code: str
    source_name: str | None
    rows: int
    amount_fen: int
    first_month: str
    suggestions: tuple[str, ...] = ()


def write_workbook(path: Path, codes: Sequence[UnmappedCode]) -> None:
    """Write the workbook. Rows stand as given."""
    with workbook(path, "未对照编码 unmapped codes") as book:
        sheet = book.add_worksheet(SHEET)
        suggested = book.add_worksheet(_SUGGESTION_SHEET)
        write_lines(book.add_worksheet("说明"), _HELP)
        write_heading(book, sheet, list(_HEADINGS.values()), lambda heading: _WIDTHS.get(heading, 15))
        formats = {
            "text": book.add_format({"num_format": "@"}),
            "to_fill": to_fill(book),
            "money": book.add_format({"num_format": "#,##0.00"}),
        }
        for number, code in enumerate(codes, start=1):
            _write_row(sheet, number, code, formats)
            _write_suggestions(sheet, suggested, number, code.suggestions)


def _write_row(sheet: Worksheet, number: int, code: UnmappedCode, formats: dict) -> None:
    values = {
        "terminology": TERMINOLOGIES[code.terminology],
        "institution_id": code.deliverer_id,
        "institution_name": code.deliverer_name,
        "source_code": code.source_code,
        "source_name": code.source_name or "",
        "effective_from": f"{code.first_month}-01",
    }
    for column, name in enumerate(_HEADINGS):
        if name == "rows":
            sheet.write_number(number, column, code.rows)
        elif name == "amount":
            sheet.write_number(number, column, code.amount_fen / 100, formats["money"])
        else:
            style = formats["to_fill" if name in _TO_FILL else "text"]
            sheet.write_string(number, column, values.get(name, ""), style)


def _write_suggestions(sheet: Worksheet, suggested: Worksheet, number: int, texts: Sequence[str]) -> None:
    """The choices of a row lie in a sheet of their own: a list in the cell itself may hold 255 characters only."""
    if not texts:
        return
    for column, text in enumerate(texts):
        suggested.write_string(number, column, text)
    last = chr(ord("A") + len(texts) - 1)
    sheet.data_validation(
        number,
        list(_HEADINGS).index("target_code"),
        number,
        list(_HEADINGS).index("target_code"),
        {
            "validate": "list",
            "source": f"={_SUGGESTION_SHEET}!$A${number + 1}:${last}${number + 1}",
            "show_error": False,
            "input_title": "建议",
            "input_message": "可选一个建议,也可写其他编码",
        },
    )
