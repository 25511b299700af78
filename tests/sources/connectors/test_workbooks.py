"""Workbooks and Parquet become text without a digit more or less (V06, V34)."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from sources.base.refusal import RefusedError
from sources.connectors import parquet
from sources.connectors.wanted import Wanted
from sources.connectors.workbooks import workbook as workbooks
from sources.connectors.workbooks.formats import shown, template
from sources.connectors.workbooks.workbook import cell_text
from tests.sources.making import source_of, whole


def read_workbook(raw: bytes, sheet: str | None, header_row: int | None) -> pa.Table:
    with source_of(raw) as source:
        wanted = Wanted(frozenset(), 1, header_row=header_row, sheet=sheet)
        return whole(workbooks.read_workbook(source, wanted))


def read_parquet(raw: bytes) -> pa.Table:
    with source_of(raw) as source:
        return whole(parquet.read_parquet(source))


def workbook(write, sheet: str = "数据") -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        write(book.add_worksheet(sheet), book)
    return buffer.getvalue()


def test_cells_become_text_as_they_are() -> None:
    def write(sheet, book) -> None:
        sheet.write_row(0, 0, ["文本", "整数", "小数", "日期", "时刻", "是否", "证件"])
        sheet.write_string(1, 0, "00817")
        sheet.write_number(1, 1, 45658)
        sheet.write_number(1, 2, 45717.25)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(1, 3, datetime(2025, 3, 1), day)
        sheet.write_datetime(
            1, 4, datetime(2025, 3, 1, 8, 30), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        )
        sheet.write_boolean(1, 5, True)
        sheet.write_number(1, 6, 341204197901011234)

    rows = read_workbook(workbook(write), None, 1).to_pylist()
    assert list(rows[0].values())[:7] == [
        "00817", "45658", "45717.25", "2025-03-01", "2025-03-01 08:30:00", "1", "3.41204E+17",
    ]  # fmt: skip
    assert rows[0]["source_line"] == 2


def test_title_rows_blank_rows_and_true_row_numbers() -> None:
    def write(sheet, _) -> None:
        sheet.write_string(1, 0, "标题")
        sheet.write_row(2, 0, ["甲", "乙"])
        sheet.write_row(4, 0, ["1", "2"])

    table = read_workbook(workbook(write), "数据", 3)
    assert table.to_pylist() == [{"甲": "1", "乙": "2", "source_line": 5, "malformed_text": None}]


def test_a_missing_sheet_is_refused_with_the_names_there_are() -> None:
    raw = workbook(lambda sheet, _: sheet.write_string(0, 0, "a"), sheet="检查")
    with pytest.raises(RefusedError, match="检查") as refused:
        read_workbook(raw, "检验", 1)
    assert refused.value.refusal.code == "SHEET_MISSING"


def test_merged_cells_among_the_data_are_refused_with_their_place() -> None:
    def write(sheet, _) -> None:
        sheet.merge_range(0, 0, 0, 2, "表题")
        sheet.write_row(1, 0, ["甲", "乙", "丙"])
        sheet.merge_range(2, 1, 3, 1, "并")

    with pytest.raises(RefusedError, match="B3") as refused:
        read_workbook(workbook(write), None, 2)
    assert refused.value.refusal.code == "MERGED_CELLS"


def test_merged_cells_above_the_header_are_fine() -> None:
    def write(sheet, _) -> None:
        sheet.merge_range(0, 0, 0, 1, "表题")
        sheet.write_row(1, 0, ["甲", "乙"])
        sheet.write_row(2, 0, ["1", "2"])

    assert read_workbook(workbook(write), None, 2).num_rows == 1


@pytest.mark.parametrize("raw", [b"not a workbook", b"PK\x03\x04 cut off"])
def test_a_damaged_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        read_workbook(raw, None, 1)
    assert refused.value.refusal.code == "WORKBOOK_UNREADABLE"


def test_a_truncated_workbook_is_refused() -> None:
    raw = workbook(lambda sheet, _: sheet.write_row(0, 0, ["a", "b"]))
    with pytest.raises(RefusedError) as refused:
        read_workbook(raw[: len(raw) // 2], None, 1)
    assert refused.value.refusal.code == "WORKBOOK_UNREADABLE"


def test_an_empty_workbook_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        read_workbook(workbook(lambda sheet, _: None), None, 1)
    assert refused.value.refusal.code == "EMPTY_FILE"


@pytest.mark.parametrize(
    ("cell", "text"),
    [(12.0, "12"), (0.1, "0.1"), (-3, "-3"), (1e15, "1.00000E+15"), (999999999999999.0, "999999999999999")],
)
def test_numbers(cell: float, text: str) -> None:
    assert cell_text(cell) == text


def test_parquet_values_are_written_out() -> None:
    table = pa.table(
        {
            "金额": pa.array([Decimal("1.20"), None]),
            "时间": pa.array([datetime(2025, 3, 1, 8, 30), None], pa.timestamp("s")),
            "编号": pa.array([7, 8]),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    rows = read_parquet(buffer.getvalue()).to_pylist()
    assert [list(row.values()) for row in rows] == [
        ["1.20", "2025-03-01 08:30:00.000", "7", 1, None],
        ["", "", "8", 2, None],
    ]


def test_a_truncated_parquet_file_is_refused() -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": list(range(1000))}), buffer)
    with pytest.raises(RefusedError) as refused:
        read_parquet(buffer.getvalue()[:-20])
    assert refused.value.refusal.code == "PARQUET_UNREADABLE"


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("000000", 123, "000123"), ("000000", 1234567, "1234567"), ('"MZ"0000', 7, "MZ0007"), ("\\M0", 12, "M12"),
        ("000-00", 12345, "123-45"), ("0000-00-00", 20250301, "2025-03-01"), ("[$-804]00", 5, "05"), ("00;-00", 5, "05"),
        ("000_ ", 5, "005"), ("000", 1.5, None), ("000", -5, None),
    ],
)  # fmt: skip
def test_numbers_are_shown_as_their_format_says(code: str, number: float, text: str | None) -> None:
    signs = template(code)
    assert signs is not None
    assert shown(number, signs) == text


@pytest.mark.parametrize(
    "code",
    ["General", "0", "0.00", "#,##0", "0%", "00%", "@", "yyyy-mm-dd", "[h]:mm", '0"元"', '00"次"', "0.00E+00", "¥00", '"¥"00',
     "[<=9999999]000-0000;(000) 000-0000", "[DBNum1][$-804]000", "?00", ""],
)  # fmt: skip
def test_other_formats_say_nothing_of_a_key(code: str) -> None:
    assert template(code) is None


@pytest.mark.parametrize("number", [1e10, 1e300, 2_958_466, -1, -1e10])
@pytest.mark.parametrize("code", ["[h]:mm", "yyyy-mm-dd"])
def test_a_number_that_is_no_date_costs_its_row_at_most(number: float, code: str) -> None:
    def write(sheet, book) -> None:
        sheet.write_row(0, 0, ["甲", "乙"])
        sheet.write_row(1, 0, ["1", "2"])
        sheet.write_number(2, 0, number, book.add_format({"num_format": code}))
        sheet.write_row(3, 0, ["3", "4"])

    table = read_workbook(workbook(write), None, 1).to_pylist()
    assert [row["甲"] for row in table if row["source_line"] in (2, 4)] == ["1", "3"]
    assert [row["source_line"] for row in table] == [2, 3, 4]
