"""Every safeguard in every format: what a format has and a safeguard does not look after is lost in silence (V33, V34, V36)."""

from __future__ import annotations

import io
import json
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered
from sources.connectors.files import read_any
from sources.connectors.joined import part_of_line
from sources.connectors.wanted import Wanted
from tests.sources.connectors.books import BOOKS, ERROR, LOST, MERGED, NUMBER, PADDED, Sheets, Special, xlsx
from tests.sources.connectors.test_formats import dbf
from tests.sources.making import source_of, whole

NAMES = ("编号", "姓名", "金额")
WANTED = Wanted(frozenset(NAMES), 2)
ONE, TWO = ("1", "张三", "1.5"), ("2", "李四", "2.5")
# Pages have neither formulas nor number formats: what is shown is what there is.
WITH_FORMATS = [name for name in BOOKS if name != "html"]
# XLSB keeps the value of every formula.
WITH_FORMULAS = [name for name in WITH_FORMATS if name != "xlsb"]


def read(raw: bytes, wanted: Wanted = WANTED) -> tuple[Delivered, pa.Table]:
    with source_of(raw) as source:
        delivered = read_any(source, wanted)
        return delivered, whole(delivered)


def refusal(raw: bytes, wanted: Wanted = WANTED) -> tuple[str, str]:
    with pytest.raises(RefusedError) as refused:
        read(raw, wanted)
    return refused.value.refusal.code, str(refused.value)


def cells(table: pa.Table, names: tuple[str, ...] = NAMES) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


def told(delivered: Delivered) -> set[tuple[str, str, int]]:
    return {tuple(remark) for remark in delivered.remarks}


def one_sheet(*rows: tuple[str | Special, ...]) -> Sheets:
    return {"数据": [NAMES, *rows]}


# -- parts of a container


@pytest.mark.parametrize("name", BOOKS)
def test_the_plain_sheet_is_read(name: str) -> None:
    delivered, table = read(BOOKS[name](one_sheet(ONE, TWO)))
    assert cells(table) == [ONE, TWO]
    assert told(delivered) == set()


@pytest.mark.parametrize("name", BOOKS)
def test_two_tables_are_refused_by_name(name: str) -> None:
    code, text = refusal(BOOKS[name]({"一": [NAMES, ONE], "二": [NAMES, TWO]}))
    assert code == "SEVERAL_TABLES"
    assert ("“table 1”(1 行)、“table 2”(1 行)" if name == "html" else "“一”(1 行)、“二”(1 行)") in text
    assert "sheets: all" in text


@pytest.mark.parametrize("name", BOOKS)
def test_rows_that_go_on_in_a_second_sheet_are_refused(name: str) -> None:
    assert refusal(BOOKS[name]({"一": [NAMES, ONE], "二": [TWO]}))[0] == "SEVERAL_TABLES"


@pytest.mark.parametrize("name", BOOKS)
def test_a_header_in_one_part_and_its_rows_in_another_are_refused(name: str) -> None:
    assert refusal(BOOKS[name]({"表头": [NAMES], "数据": [ONE, TWO]}))[0] == "SEVERAL_TABLES"


@pytest.mark.parametrize("name", BOOKS)
def test_a_cover_page_is_found_over_and_told(name: str) -> None:
    cover = [("某县医院",), ("打印日期", "2025-04-01")]
    delivered, table = read(BOOKS[name]({"封面": cover, "数据": [NAMES, ONE]}))
    assert cells(table) == [ONE]
    assert told(delivered) == {("PART_NOT_READ", "table 1" if name == "html" else "封面", 2)}


@pytest.mark.parametrize("name", BOOKS)
def test_an_empty_part_is_not_worth_a_word(name: str) -> None:
    delivered, table = read(BOOKS[name]({"数据": [NAMES, ONE], "样表": [NAMES]}))
    assert (cells(table), told(delivered)) == ([ONE], set())


@pytest.mark.parametrize("name", [name for name in BOOKS if name != "html"])
def test_a_named_sheet_is_read_and_those_no_feed_reads_are_told(name: str) -> None:
    raw = BOOKS[name]({"一": [NAMES, ONE], "二": [NAMES, TWO], "三": [NAMES, TWO]})
    wanted = Wanted(frozenset(NAMES), 2, sheet="一", claimed=frozenset({"三"}))
    delivered, table = read(raw, wanted)
    assert (cells(table), told(delivered)) == ([ONE], {("PART_NOT_READ", "二", 1)})


JOINED = Wanted(frozenset(NAMES), 2, sheets="*")


@pytest.mark.parametrize("name", BOOKS)
def test_sheets_that_are_one_table_are_joined_and_lines_keep_their_sheet(name: str) -> None:
    turned = [NAMES[::-1], TWO[::-1]]
    books = {"内科": [NAMES, ONE], "封面": [("某院",)], "外科": turned, "儿科": [("儿科",), NAMES, ONE]}
    delivered, table = read(BOOKS[name](books), JOINED)
    assert cells(table) == [ONE, TWO, ONE]
    places = [part_of_line(delivered.parts, line) for line in table.column("source_line").to_pylist()]
    parts = ["table 1", "table 3", "table 4"] if name == "html" else ["内科", "外科", "儿科"]
    assert places == list(zip(parts, (2, 2, 3), strict=True))
    assert told(delivered) == {("PART_NOT_READ", "table 2" if name == "html" else "封面", 1)}


@pytest.mark.parametrize("name", [name for name in BOOKS if name != "html"])
def test_of_sheets_those_of_a_name_are_joined(name: str) -> None:
    raw = BOOKS[name](
        {"2025-03 (1)": [NAMES, ONE], "2025-03 [合计]": [NAMES, ONE], "2025-03 (2)": [NAMES, TWO]}
    )
    delivered, table = read(raw, Wanted(frozenset(NAMES), 2, sheets="2025-03 (?)"))
    assert cells(table) == [ONE, TWO]
    assert told(delivered) == {("PART_NOT_READ", "2025-03 [合计]", 1)}
    _, table = read(raw, Wanted(frozenset(NAMES), 2, claimed_like=("2025-03 (*)",)))
    assert cells(table) == [ONE]
    _, table = read(raw, Wanted(frozenset(NAMES), 2, sheets="2025-03 [合计]"))
    assert cells(table) == [ONE]
    assert refusal(raw, Wanted(frozenset(NAMES), 2, sheets="2025-04*"))[0] == "SHEET_MISSING"


@pytest.mark.parametrize("name", BOOKS)
@pytest.mark.parametrize("other", [[NAMES[:2], TWO[:2]], [(*NAMES, "备注"), (*TWO, "x")], [TWO]])
def test_sheets_of_another_header_are_not_joined(name: str, other: list[tuple[str, ...]]) -> None:
    assert refusal(BOOKS[name]({"一": [NAMES, ONE], "二": other}), JOINED)[0] == "PARTS_DIFFER"


XML_GROUPS = "<data><a><row><编号>1</编号><姓名>张三</姓名><金额>1.5</金额></row></a>{}</data>"


def test_groups_of_xml_are_refused_or_told() -> None:
    other = "<b><item><编号>2</编号><姓名>李四</姓名></item></b>"
    assert refusal(XML_GROUPS.format(other).encode())[0] == "SEVERAL_TABLES"
    delivered, table = read(XML_GROUPS.format("<head><who>某院</who><when>4月</when></head>").encode())
    assert (cells(table), told(delivered)) == ([ONE], {("PART_NOT_READ", "data/head", 1)})


def test_values_around_the_rows_of_xml_are_told() -> None:
    visit = "<visit no='7'><dept>01</dept><fees><fee><编号>{}</编号><姓名>张三</姓名><金额>1.5</金额></fee></fees></visit>"
    delivered, table = read(f"<data>{visit.format(1)}{visit.format(2)}</data>".encode())
    assert cells(table) == [ONE, ("2", "张三", "1.5")]
    assert told(delivered) == {("PART_NOT_READ", "data/visit", 2)}


@pytest.mark.parametrize("other", ['[{"编号": "2"}]', '[null, {"编号": "2"}]', '[["2", "李四"]]'])
def test_a_second_list_of_json_is_refused(other: str) -> None:
    first = json.dumps([dict(zip(NAMES, ONE, strict=True))], ensure_ascii=False)
    assert refusal(f'{{"a": {first}, "b": {other}}}'.encode())[0] == "JSON_NO_TABLE"


# -- cells of a workbook


@pytest.mark.parametrize("name", BOOKS)
def test_merged_cells_below_the_header_are_refused(name: str) -> None:
    code, text = refusal(BOOKS[name](one_sheet(("1", Special(MERGED, "张三"), "1.5"), ("2", "", "2.5"))))
    assert code == "MERGED_CELLS"
    assert "B2" in text or "第 3 行" in text


@pytest.mark.parametrize("name", BOOKS)
def test_an_error_keeps_its_sign(name: str) -> None:
    assert cells(read(BOOKS[name](one_sheet(("1", "张三", Special(ERROR)))))[1]) == [("1", "张三", "#N/A")]


@pytest.mark.parametrize("name", WITH_FORMULAS)
def test_a_formula_nobody_calculated_is_refused_with_its_place(name: str) -> None:
    code, text = refusal(BOOKS[name](one_sheet(ONE, ("2", "李四", Special(LOST)))))
    assert (code, "C3" in text) == ("FORMULA_WITHOUT_VALUE", True)


@pytest.mark.parametrize(
    ("name", "whole_value", "lost"),
    [
        (
            "xml spreadsheet",
            b'<Cell ss:Index="3" ss:Formula="=1+1"/>',
            b'<Cell ss:Formula="=1+1"><Data ss:Type="Number"/></Cell>',
        ),
        ("ods", b'table:formula="of:=1+1"/>', b'table:formula="of:=1+1" office:value-type="float"/>'),
        ("xlsx", b"<f>1+1</f>", b"<f>1+1</f><v></v>"),
        ("xlsx", b"<f>1+1</f>", b"<f t='shared' si='0'/><v/>"),
    ],
)
def test_an_empty_value_of_a_formula_is_none(name: str, whole_value: bytes, lost: bytes) -> None:
    raw = BOOKS[name](one_sheet(ONE, ("2", "李四", Special(LOST))))
    if raw.startswith(b"PK"):
        other = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(other, "w") as target:
            for part in source.namelist():
                target.writestr(part, source.read(part).replace(whole_value, lost))
        raw = other.getvalue()
    else:
        raw = raw.replace(whole_value, lost)
    assert refusal(raw)[0] == "FORMULA_WITHOUT_VALUE"


@pytest.mark.parametrize("name", WITH_FORMATS)
def test_a_key_keeps_the_zeros_it_shows(name: str) -> None:
    rows = [(Special(PADDED, n), "张三", Special(NUMBER, n)) for n in (123, 4, 1234567)]
    assert [(row[0], row[2]) for row in cells(read(BOOKS[name](one_sheet(*rows)))[1])] == [
        ("000123", "123"), ("000004", "4"), ("1234567", "1234567"),
    ]  # fmt: skip


@pytest.mark.parametrize("rename", [lambda name: name.replace("/", "\\"), str.upper, str.title])
def test_names_within_an_archive_may_be_written_otherwise(rename) -> None:
    plain = io.BytesIO(xlsx(one_sheet(("1", "张三", Special(ERROR)), (Special(PADDED, 7), "李四", "2"))))
    other = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            target.writestr(
                name if "Content_Types" in name or name[0] == "_" else rename(name), source.read(name)
            )
    assert cells(read(other.getvalue())[1]) == [("1", "张三", "#N/A"), ("000007", "李四", "2")]


@pytest.mark.parametrize("area", ["1:6", "A:M", "", "A1:", "#REF!"])
def test_an_area_stated_wrongly_is_passed_over(area: str) -> None:
    plain, other = io.BytesIO(xlsx(one_sheet(ONE, TWO))), io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            content = source.read(name).replace(
                b"<sheetData>", f'<dimension ref="{area}"/><sheetData>'.encode()
            )
            target.writestr(name, content)
    assert cells(read(other.getvalue())[1]) == [ONE, TWO]


def test_times_just_before_midnight_are_told_where_a_day_number_made_them() -> None:
    lines = (
        "".join(
            f'<Row><Cell><Data ss:Type="String">1</Data></Cell><Cell><Data ss:Type="{kind}">{text}</Data></Cell></Row>'
            for kind, text in [
                ("String", "编号"),
                ("DateTime", "2025-02-28T23:59:17.000"),
                ("String", "2025-02-28T23:59:17"),
            ]
        )
        .replace(">1<", ">编号<", 1)
        .replace(
            '<Data ss:Type="String">编号</Data></Cell></Row>',
            '<Data ss:Type="String">姓名</Data></Cell></Row>',
            1,
        )
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    raw = f'<Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="一"><Table>{lines}</Table></Worksheet></Workbook>'
    delivered, _ = read(raw.encode())
    assert told(delivered) == {("TIME_BEFORE_MIDNIGHT", "姓名", 1)}


# -- records without a value


def parquet(rows: list[tuple[str | None, ...]]) -> bytes:
    buffer = io.BytesIO()
    columns = {
        name: pa.array(values, pa.string())
        for name, values in zip(NAMES, zip(*rows, strict=True), strict=True)
    }
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def as_json(rows: list[tuple[str | None, ...]]) -> bytes:
    return json.dumps([dict(zip(NAMES, row, strict=True)) for row in rows]).encode()


def as_json_lines(rows: list[tuple[str | None, ...]]) -> bytes:
    return "\n".join(json.dumps(dict(zip(NAMES, row, strict=True))) for row in rows).encode()


def as_xml(rows: list[tuple[str | None, ...]]) -> bytes:
    lines = ("".join(f"<{n}>{v or ''}</{n}>" for n, v in zip(NAMES, row, strict=True)) for row in rows)
    return f"<rows>{''.join(f'<row>{line}</row>' for line in lines)}</rows>".encode()


RECORDS = {"parquet": parquet, "json": as_json, "json lines": as_json_lines, "xml": as_xml}


@pytest.mark.parametrize("name", RECORDS)
def test_records_without_any_value_are_told_and_alone_refused(name: str) -> None:
    none = (None, None, None)
    delivered, table = read(RECORDS[name]([none, ONE, none]))
    assert (cells(table), told(delivered)) == ([ONE], {("BLANK_ROWS", "", 2)})
    assert refusal(RECORDS[name]([none, none]))[0] == "NO_VALUES"


@pytest.mark.parametrize("attribute", ["value", "V", "val", "内容"])
def test_values_in_attributes_of_xml_are_values(attribute: str) -> None:
    line = "".join(f'<{n} {attribute}="{v}"/>' for n, v in zip(NAMES, ONE, strict=True))
    assert cells(read(f"<rows><row>{line}</row><row>{line}</row></rows>".encode())[1]) == [ONE, ONE]


def test_other_attributes_of_xml_are_columns_of_their_own() -> None:
    raw = '<rows><row><编号>1</编号><姓名>张三</姓名><金额 unit="元">1.5</金额></row></rows>'
    delivered, table = read(raw.encode())
    assert delivered.header == (*NAMES, "金额@unit")
    assert cells(table, ("金额", "金额@unit")) == [("1.5", "元")]


def test_records_that_a_dbf_marks_deleted_are_told() -> None:
    raw = bytearray(dbf([ONE, TWO]))
    raw[-1 - 45] = ord("*")
    delivered, table = read(bytes(raw))
    assert (cells(table), {(rule, count) for rule, _, count in told(delivered)}) == (
        [ONE],
        {("PART_NOT_READ", 1)},
    )


@pytest.mark.parametrize("driver", [0x78, 0x4F])
def test_a_dbf_in_big5_says_so(driver: int) -> None:
    plain = dbf([("1", "XXXXXX", "1.5"), ("2", "YYYY", "2")]).replace(b"XXXXXX", "許功蓋".encode("big5"))
    raw = bytearray(plain.replace(b"YYYY", "張三".encode("big5")))
    for name in NAMES:
        raw = raw.replace(name.encode("gb18030"), b"ABCD")
    raw[29] = driver
    delivered, table = read(bytes(raw))
    assert delivered.encoding == "big5"
    assert [list(row.values())[1] for row in table.to_pylist()] == ["許功蓋", "張三"]


# -- carriage returns alone, in text that is not delimited


def test_carriage_returns_alone_end_objects_of_json_lines() -> None:
    lines = as_json_lines([ONE, TWO, ONE]).split(b"\n")
    raw = lines[0] + b"\n" + lines[1] + b"\r" + lines[2] + b"\r{broken\n"
    _, table = read(raw)
    good = [row for row in cells(table) if row[0] is not None]
    assert (good, table.column("malformed_text").to_pylist()[-1]) == ([ONE, TWO, ONE], "{broken")


def test_carriage_returns_alone_end_lines_of_fixed_width() -> None:
    wanted = Wanted(frozenset(NAMES), 2, fixed_width=(("编号", 2), ("姓名", 6), ("金额", 3)))
    _, table = read("1 张三1.5\r\n2 李四2.5\r1 张三1.5\r\n".encode(), wanted)
    assert cells(table) == [ONE, TWO, ONE]


# -- the text of the whole cell


@pytest.mark.parametrize(
    "raw",
    [
        "<rows><row><编号>1</编号><姓名>张<b>三</b>丰</姓名><金额>2</金额></row></rows>",
        "<rows><row><编号>1</编号><姓名>张<b><i>三</i></b>丰</姓名><金额>2</金额></row></rows>",
        "<table><tr><td>编号<td>姓名<td>金额<tr><td>1<td>张<b>三</b>丰<td>2</table>",
        "<table><tr><td>编号</td><td>姓名</td><td>金额</td></tr><tr><td>1</td>"
        "<td><table><tr><td>张三丰</td></tr></table></td><td>2</td></tr></table>",
    ],
    ids=["xml", "xml, deeper", "html", "html, a table in a cell"],
)
def test_a_cell_holds_all_the_text_within_it(raw: str) -> None:
    assert cells(read(f"<html>{raw}</html>".encode() if "<table" in raw else raw.encode())[1]) == [
        ("1", "张三丰", "2")
    ]


def test_a_table_in_the_cell_of_a_layout_is_the_table() -> None:
    inner = "<table><tr><td>编号</td><td>姓名</td><td>金额</td></tr><tr><td>1</td><td>张三</td><td>1.5</td></tr></table>"
    raw = f"<html><table><tr><td>菜单</td><td>{inner}</td></tr></table></html>"
    delivered, table = read(raw.encode())
    assert (cells(table), told(delivered)) == ([ONE], set())
