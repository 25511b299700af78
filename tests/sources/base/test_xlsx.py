"""Workbooks for people: texts stay texts, the same content is the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from sources.base.xlsx import to_fill, workbook, write_heading, write_lines


def _write(path: Path, row_by_row: bool) -> None:
    with workbook(path, "试 trial", row_by_row=row_by_row) as book:
        sheet = book.add_worksheet("甲")
        write_heading(book, sheet, ["编码 code", "=1+1"], lambda _: 12)
        sheet.write_string(1, 0, "=1+1", to_fill(book))
        sheet.write_string(1, 1, "http://x.example")
        write_lines(book.add_worksheet("说明"), ["一", "二"])


@pytest.mark.parametrize("row_by_row", [False, True])
def test_texts_stay_texts_and_bytes_the_same(tmp_path: Path, row_by_row: bool) -> None:
    first, second = tmp_path / "place" / "a.xlsx", tmp_path / "b.xlsx"
    for path in (first, second):
        _write(path, row_by_row)
    assert first.read_bytes() == second.read_bytes()
    book = CalamineWorkbook.from_path(first)
    assert book.get_sheet_by_name("甲").to_python() == [
        ["编码 code", "=1+1"],
        ["=1+1", "http://x.example"],
    ]
    assert book.get_sheet_by_name("说明").to_python() == [["一"], ["二"]]


def test_a_place_that_cannot_be_written_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(IsADirectoryError, match=r"a\.xlsx"), workbook(tmp_path / "a.xlsx", "title"):
        pass
