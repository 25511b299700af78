"""The workbook of pairs to review: what a person fills in and puts back into the county's `identity/` folder.

Made on request, outside the home folder; same pairs, same bytes. Not here: which pairs and what is shown of them (review),
what comes back (county.decisions).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sources.base.xlsx import to_fill, workbook, write_heading, write_lines
from sources.county.decisions import COLUMNS, SHEET, WORDS
from sources.identity.review import ReviewPair

# Record → heading; every one twice, for A and for B.
_SIDE = {
    "kind": "记录", "institution": "机构", "place": "文件:行", "name": "姓名", "sex": "性别", "birth": "出生", "card": "身份证尾号",
    "phone": "电话尾号",
}  # fmt: skip
_AGREEMENT = "比对"
_HEADINGS = [
    *COLUMNS.values(), "可能性", "原因", _AGREEMENT, *(f"{side} {text}" for side in "AB" for text in _SIDE.values()),
]  # fmt: skip
_TO_FILL = ("decision", "decided_by", "decided_on")
_HELP = (
    "每行两条记录:请按“文件:行”在各自系统里找到它们,核对本人或户口簿后在“结论”列选择。",
    "同一人:两条记录合并;不是同一人:永不自动合并;不确定:下次仍会列出。",
    "填写判断人和日期(如 2025-03-31),存入县目录的 identity 文件夹,再运行 yigongti run。空着的行不读。",
    "Each row is two records: find them by file and line in their systems, decide, fill in who and when, put the file "
    "into the county's identity folder and run again. Rows left empty are not read.",
    "本表只含掩码值,仍请按内部资料保管,用后删除。 Values are masked; treat the file as internal all the same.",
)


def write_workbook(path: Path, pairs: Sequence[ReviewPair]) -> None:
    """Write the pairs as a workbook to be filled in. Rows stand as given."""
    with workbook(path, "待判配对 pairs to review") as book:
        sheet = book.add_worksheet(SHEET)
        write_lines(book.add_worksheet("说明"), _HELP)
        write_heading(book, sheet, _HEADINGS, lambda heading: 40 if heading == _AGREEMENT else 16)
        filled = to_fill(book)
        for number, pair in enumerate(pairs, start=1):
            cells = [pair.pair_id, "", "", "", f"{pair.probability:.1%}", pair.reason, pair.agreement]
            cells += [side[name] for side in (pair.left, pair.right) for name in _SIDE]
            for column, cell in enumerate(cells):
                sheet.write_string(number, column, cell, filled if 0 < column <= len(_TO_FILL) else None)
        if pairs:
            sheet.data_validation(1, 1, len(pairs), 1, {"validate": "list", "source": list(WORDS)})
        sheet.freeze_panes(1, 1)
