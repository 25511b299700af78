"""Files of every format, told by their content: the same three rows come out of each (V33, V36)."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pytest
import xlsxwriter

from sources.base.bounds import DEFAULT_BOUNDS, Bounds
from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered
from sources.connectors.files import read_any
from sources.connectors.wanted import Wanted
from tests.sources.making import source_of, whole

NAMES = ("编号", "姓名", "金额")
ROWS = [("001", "张三", "1.50"), ("002", '李"四', ""), ("003", "王\u3000五", "1234567890123456789.10")]
WANTED = Wanted(frozenset(NAMES), 2)


def read(raw: bytes, wanted: Wanted = WANTED, bounds: Bounds = DEFAULT_BOUNDS) -> tuple[Delivered, pa.Table]:
    with source_of(raw, bounds) as source:
        delivered = read_any(source, wanted)
        return delivered, whole(delivered)


def refusal(raw: bytes, wanted: Wanted = WANTED, bounds: Bounds = DEFAULT_BOUNDS) -> str:
    with pytest.raises(RefusedError) as refused:
        read(raw, wanted, bounds)
    return refused.value.refusal.code


def cells(table: pa.Table) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in NAMES) for row in table.to_pylist()]


def csv_text(delimiter: str = ",") -> str:
    lines = [delimiter.join(NAMES)]
    lines += [
        delimiter.join(f'"{c.replace(chr(34), chr(34) * 2)}"' if '"' in c else c for c in row) for row in ROWS
    ]
    return "\n".join(lines) + "\n"


def workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([NAMES, *ROWS]):
            for position, cell in enumerate(row):
                sheet.write_string(number, position, cell)
    return buffer.getvalue()


def dbf(rows: list[tuple[str, ...]] = ROWS, encoding: str = "gb18030") -> bytes:
    widths = [8, 12, 24]
    fields = b"".join(
        struct.pack("<11sc4xBB14x", name.encode(encoding)[:10], b"C", width, 0)
        for name, width in zip(NAMES, widths, strict=True)
    )
    records = b"".join(
        b" " + b"".join(c.encode(encoding).ljust(w)[:w] for c, w in zip(row, widths, strict=True))
        for row in rows
    )
    header = struct.pack("<BBBBIHH20x", 3, 125, 3, 1, len(rows), 32 + len(fields) + 1, 1 + sum(widths))
    return header + fields + b"\r" + records + b"\x1a"


def as_objects() -> list[dict[str, str]]:
    return [dict(zip(NAMES, row, strict=True)) for row in ROWS]


def xml(encoding: str) -> bytes:
    body = "".join(f"<row><编号>{a}</编号><姓名>{b}</姓名><金额>{c}</金额></row>" for a, b, c in ROWS)
    return f'<?xml version="1.0" encoding="{encoding}"?>\n<data><rows>{body}</rows></data>'.encode(encoding)


def html() -> bytes:
    def line(row: tuple[str, ...], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{c.replace(chr(34), '&quot;')}</{tag}>" for c in row) + "</tr>"

    table = line(NAMES, "th") + "".join(line(row, "td") for row in ROWS)
    return (
        "<html><head><style>td{}</style></head><body><table><tr><td>菜单</td></tr></table>"
        f"<table>{table}</table></body></html>"
    ).encode("gb18030")


def xml_spreadsheet() -> bytes:
    def line(row: tuple[str, ...]) -> str:
        return "<Row>" + "".join(f'<Cell><Data ss:Type="String">{c}</Data></Cell>' for c in row) + "</Row>"

    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="数据"><Table>'
        f"{line(NAMES)}{''.join(map(line, ROWS))}</Table></Worksheet></Workbook>"
    ).encode()


def zipped(raw: bytes, name: str = "数据.csv") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("__MACOSX/._x", b"x")
        archive.writestr(name, raw)
    return buffer.getvalue()


FORMATS: dict[str, Callable[[], bytes]] = {
    "workbook": workbook,
    "dbf": dbf,
    "dbf in UTF-8": lambda: dbf(encoding="utf-8"),
    "json array": lambda: json.dumps(as_objects(), ensure_ascii=False).encode(),
    "json array, escaped, in GBK": lambda: json.dumps(as_objects(), indent=1).encode("gbk"),
    "json page": lambda: json.dumps({"code": 0, "data": {"total": 3, "list": as_objects()}}).encode(),
    "json lines": lambda: "\n".join(json.dumps(o, ensure_ascii=False) for o in as_objects()).encode(),
    "xml": lambda: xml("utf-8"),
    "xml in GBK": lambda: xml("gbk"),
    "html": html,
    "workbook saved as xml": xml_spreadsheet,
    "gzip": lambda: gzip.compress(csv_text().encode()),
    "zip": lambda: zipped(csv_text().encode("gb18030")),
    "workbook in zip": lambda: zipped(workbook(), "数据.xlsx"),
    "text in UTF-16": lambda: b"\xff\xfe" + csv_text("\t").encode("utf-16-le"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_cells_come_out_of_every_format(name: str) -> None:
    delivered, table = read(FORMATS[name]())
    assert set(NAMES) <= set(delivered.header)
    assert cells(table) == ROWS


@pytest.mark.parametrize("name", FORMATS)
def test_chunks_of_one_row_hold_the_same(name: str) -> None:
    _, table = read(FORMATS[name](), bounds=Bounds(chunk_rows=1, chunk_bytes=512))
    assert cells(table) == ROWS


@pytest.mark.parametrize("delimiter", ["^", "~", "\x01", "\x1f", "#", "||", "|@|", "@#@", "##"])
def test_rare_delimiters_are_found_by_the_headers(delimiter: str) -> None:
    delivered, table = read(csv_text(delimiter).encode())
    assert cells(table) == ROWS
    assert "delimiter=" in delivered.dialect


@pytest.mark.parametrize("delimiter", ["!", "--", "TAB", "\\x02"])
def test_a_stated_delimiter_is_taken(delimiter: str) -> None:
    sign = {"TAB": "\t", "\\x02": "\x02"}.get(delimiter, delimiter)
    _, table = read(csv_text(sign).encode(), Wanted(frozenset(NAMES), 2, delimiter=delimiter))
    assert cells(table) == ROWS


def test_a_delimiter_of_several_signs_within_quotes_stays_in_its_cell() -> None:
    raw = '编号||姓名||金额\n1||"张||三"||2\n3||"李\n四"||5\n6||x\n'.encode()
    _, table = read(raw)
    assert cells(table) == [("1", "张||三", "2"), ("3", "李\n四", "5"), (None, None, None)]
    assert table.column("malformed_text").to_pylist() == [None, None, "6||x"]


def test_fixed_width_counts_bytes_as_delivered() -> None:
    widths = (("编号", 4), ("姓名", 6), ("金额", 8))
    lines = [
        f"{a:<4}".encode() + b.encode("gb18030").ljust(6) + c.encode()
        for a, b, c in [("1", "张三", "2.5"), ("2", "李", "")]
    ]
    raw = b"\r\n".join([*lines, b"short"])
    _, table = read(raw, Wanted(frozenset(NAMES), 2, fixed_width=widths))
    assert cells(table) == [("1", "张三", "2.5"), ("2", "李", ""), (None, None, None)]
    assert table.column("malformed_text").to_pylist()[2] == "short"


# -- where the header is


TITLE = "某县医院门诊就诊明细表\n制表人:张三,打印日期:2025-04-01\n\n"


@pytest.mark.parametrize("above", [TITLE, "\n", "某县医院,,\n", '"标题\n第二行"\n'])
def test_the_header_is_found_below_titles(above: str) -> None:
    delivered, table = read((above + csv_text()).encode())
    assert cells(table) == ROWS
    line = above.count("\n") + 1
    assert delivered.dialect == f"delimiter=, header_row={line}"
    assert table.column("source_line").to_pylist() == [line + 1, line + 2, line + 3]


def test_a_header_that_stands_there_twice_is_not_guessed() -> None:
    delivered, _ = read(("标题\n" + csv_text() + csv_text()).encode())
    assert delivered.header == ("标题",)


def test_a_header_over_two_rows_of_a_sheet_is_put_together() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 1, 0, "编号")
        sheet.merge_range(0, 1, 0, 2, "患者")
        sheet.write_row(1, 1, ["姓名", "金额"])
        sheet.write_row(2, 0, ["1", "张", "2"])
    delivered, table = read(buffer.getvalue())
    assert cells(table) == [("1", "张", "2")]
    assert delivered.dialect == "workbook header_row=1-2"


# -- workbooks


def book_with(write: Callable, **options: object) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("数据")
        sheet.write_row(0, 0, NAMES)
        write(sheet, book)
    return buffer.getvalue()


def test_errors_keep_their_sign_and_formulas_their_value() -> None:
    def write(sheet, _) -> None:
        sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 1, "=A1", None, "张")
        sheet.write_formula(1, 2, "=1+1", None, 2)

    assert cells(read(book_with(write))[1]) == [("#DIV/0!", "张", "2")]


def test_a_formula_without_its_value_is_told_of() -> None:
    assert (
        refusal(book_with(lambda sheet, _: sheet.write_formula(1, 2, "=1+1", None, "")))
        == "FORMULA_WITHOUT_VALUE"
    )


def test_the_date_system_of_1904() -> None:
    from datetime import datetime

    def write(sheet, book) -> None:
        sheet.write_datetime(1, 0, datetime(2025, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))

    assert cells(read(book_with(write, date_1904=True))[1])[0][0] == "2025-03-01"


def test_the_first_visible_sheet_is_taken() -> None:
    def write(sheet, book) -> None:
        sheet.hide()
        shown = book.add_worksheet("可见")
        shown.activate()
        shown.set_first_sheet()
        for number, row in enumerate([NAMES, *ROWS]):
            shown.write_row(number, 0, row)

    delivered, table = read(book_with(write))
    assert delivered.sheet == "可见"
    assert table.num_rows == 3


def test_a_cell_far_away_is_refused_before_memory_is_filled() -> None:
    raw = book_with(lambda sheet, _: sheet.write_string(1_048_575, 16_383, "x"))
    assert refusal(raw) == "SHEET_TOO_LARGE"


def test_zip_bombs_are_refused() -> None:
    bomb = zipped(b"\n" * 3_000_000)
    assert refusal(bomb, bounds=Bounds(max_expanded_bytes=1_000_000)) == "EXPANDS_TOO_LARGE"
    assert (
        refusal(gzip.compress(b"a,b\n" * 1_000_000), bounds=Bounds(max_expanded_bytes=1_000_000))
        == "EXPANDS_TOO_LARGE"
    )
    assert refusal(workbook(), bounds=Bounds(max_workbook_bytes=1_000)) == "EXPANDS_TOO_LARGE"


# -- what is no table


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"%PDF-1.7 ...", "FORMAT_UNKNOWN"),
        (b"Rar!\x1a\x07\x00", "FORMAT_UNKNOWN"),
        (gzip.compress(gzip.compress(b"a,b\n")), "NESTED_ARCHIVE"),
        (zipped(zipped(b"a,b\n"), "a.zip"), "NESTED_ARCHIVE"),
        (gzip.compress(csv_text().encode() * 50)[:-20], "ARCHIVE_UNREADABLE"),
        (zipped(csv_text().encode())[:-10], "ARCHIVE_UNREADABLE"),
        (b"<html><body>login</body></html>", "HTML_NO_TABLE"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "XML_UNREADABLE"),
        (b"<a><b>1</b>", "XML_UNREADABLE"),
        (b'[{"a": 1}, {"a": ', "JSON_UNREADABLE"),
        (b'[{"a": ' + b"[" * 100_000, "JSON_UNREADABLE"),
        (b'{"a": {"b": 1},\n "c": 2}', "JSON_NO_TABLE"),
        (dbf()[:-30], "DBF_UNREADABLE"),
        (dbf() + dbf(), "DBF_UNREADABLE"),
        (dbf().replace(b"C\x00\x00\x00\x00\x08", b"M\x00\x00\x00\x00\x08"), "DBF_MEMO"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_whole_table_is_refused_by_name(raw: bytes, code: str) -> None:
    assert refusal(raw) == code


def test_an_archive_of_several_files_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "a")
        archive.writestr("b.csv", "b")
    assert refusal(buffer.getvalue()) == "ARCHIVE_NOT_SINGLE"


def test_damaged_rows_of_json_lines_and_dbf_are_set_apart() -> None:
    lines = [json.dumps(o, ensure_ascii=False) for o in as_objects()]
    raw = "\n".join([lines[0], lines[1][:-3], '{"编号": "1", "编号": "2"}', lines[2]]).encode()
    _, table = read(raw)
    assert cells(table) == [ROWS[0], (None,) * 3, (None,) * 3, ROWS[2]]
    cut = dbf([("1", "张三", "2"), ("2", "李李李李李李李", "3")]).replace(
        "李李李李李李".encode("gb18030"), b" " * 11 + b"\xc0"
    )
    _, table = read(cut)
    assert [row is None for row in table.column("malformed_text").to_pylist()] == [True, False]


def test_json_numbers_keep_their_digits_and_nested_values_stay_json() -> None:
    raw = '[{"编号": 1.10, "姓名": {"a": [1.0, null]}, "金额": 12345678901234567890}]'.encode()
    assert cells(read(raw)[1]) == [("1.10", '{"a": [1.0, null]}', "12345678901234567890")]
