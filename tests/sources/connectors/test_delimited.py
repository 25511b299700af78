"""Delimited text: encodings, delimiters and damaged lines, as vendors send them (V04, V33)."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sources.base.bounds import DEFAULT_BOUNDS, Bounds
from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered
from sources.connectors.files import read_any
from sources.connectors.wanted import Wanted
from tests.sources.making import source_of, whole

EXPECTED = frozenset({"编号", "姓名", "金额"})
HEADER = "编号,姓名,金额\n"


def rows(raw: bytes, header_row: int | None = None) -> list[tuple]:
    return [tuple(row.values()) for row in read(raw, header_row)[1].to_pylist()]


def read(
    raw: bytes, header_row: int | None = None, bounds: Bounds = DEFAULT_BOUNDS, delimiter: str | None = None
) -> tuple[Delivered, pa.Table]:
    with source_of(raw, bounds) as source:
        wanted = Wanted(EXPECTED, 2, header_row=header_row, delimiter=delimiter)
        delivered = read_any(source, wanted)
        return delivered, whole(delivered)


def test_good_rows_with_their_physical_lines() -> None:
    assert rows((HEADER + "1,张,2\n\n3,李,4\n").encode()) == [
        ("1", "张", "2", 2, None),
        ("3", "李", "4", 4, None),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_encodings_are_found(encoding: str) -> None:
    delivered, table = read((HEADER + "1,张三丰,2\n").encode(encoding))
    assert table.column("姓名").to_pylist() == ["张三丰"]
    assert delivered.encoding == {"gbk": "gb18030"}.get(encoding, encoding)


def test_rare_characters_of_gb18030() -> None:
    _delivered, table = read((HEADER + "1,张𬱖㛃,2\n").encode("gb18030"))
    assert table.column("姓名").to_pylist() == ["张𬱖㛃"]


def test_what_is_neither_utf8_nor_gb18030_is_refused_with_its_place() -> None:
    raw = "编号,姓名,金额\n1,张,2\n".encode("gb18030") + b"2,\xff\xff,3\n" * 5
    with pytest.raises(RefusedError) as refused:
        read(raw)
    assert refused.value.refusal.code == "ENCODING_UNREADABLE"
    assert "第 3 行" in refused.value.refusal.message_zh


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("after", [b",", b"\n", b'",', b"\r\n"])
@pytest.mark.parametrize("is_stated", [True, False])
def test_half_a_character_sets_its_line_apart(encoding: str, after: bytes, is_stated: bool) -> None:
    lines = [f"{n},患者姓名,2\n".encode(encoding) for n in range(20)]
    half = "患".encode(encoding)[:-1]
    lines[7] = b"7," + half + after + b"2\n"
    raw = HEADER.encode(encoding) + b"".join(lines)
    with source_of(raw) as source:
        delivered = read_any(source, Wanted(EXPECTED, 2, encoding=encoding if is_stated else None))
        table = whole(delivered)
    good = [row["编号"] for row in table.to_pylist() if row["malformed_text"] is None]
    assert delivered.encoding == encoding
    assert good == [str(n) for n in range(20) if n != 7]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_of_which_much_is_another_encoding_is_refused(encoding: str) -> None:
    lines = [f"{n},患者,2\n".encode(encoding) for n in range(20)] + [b"1,\xfcber\xff,2\n"] * 5
    with pytest.raises(RefusedError) as refused:
        read(HEADER.encode(encoding) + b"".join(lines))
    assert refused.value.refusal.code == "ENCODING_UNREADABLE"


def test_single_characters_of_utf8_in_a_file_of_gb18030_set_their_line_apart() -> None:
    raw = (
        (HEADER + "1,张三丰,备注\n").encode("gb18030")
        + "2,李a,四b\n".encode()
        + "3,镕基,喆\n".encode("gb18030")
    )
    assert [row[:2] for row in rows(raw)] == [("1", "张三丰"), (None, None), ("3", "镕基")]


@pytest.mark.parametrize("bounds", [DEFAULT_BOUNDS, Bounds(chunk_bytes=64)])
def test_characters_in_two_halves_are_put_together(bounds: Bounds) -> None:
    halves = "\U00028a1a".encode("utf-16-be")
    pair = b"".join(
        chr(int.from_bytes(half)).encode("utf-8", "surrogatepass") for half in (halves[:2], halves[2:])
    )
    raw = HEADER.encode() + b"".join(b"%d,%s,2\n" % (n, pair) for n in range(30))
    _, table = read(raw, bounds=bounds)
    assert table.column("姓名").to_pylist() == ["\U00028a1a"] * 30


# -- line breaks and quotes that only some lines have


def test_carriage_returns_alone_end_records_too() -> None:
    raw = (HEADER + "1,张,2\r\n2,李,4\r3,王,5\r\n4,赵\r5,钱,6\r\n").encode()
    assert rows(raw) == [
        ("1", "张", "2", 2, None), ("2", "李", "4", 3, None), ("3", "王", "5", 3, None),
        ("5", "钱", "6", 4, None), (None, None, None, 4, "4,赵"),
    ]  # fmt: skip


def test_carriage_returns_end_the_lines_where_they_are_most() -> None:
    raw = (HEADER + "1,张,2\n2,李,4\n3,王,5\n").replace("\n", "\r").encode()
    assert [row[:3] for row in rows(raw + b"4,x,6\n")] == [
        ("1", "张", "2"), ("2", "李", "4"), ("3", "王", "5"), ("4", "x", "6"),
    ]  # fmt: skip


@pytest.mark.parametrize("line", ['1"张,三",2', '1,张"三,2"', '1"张,三"甲,2', '"1",张"三,2"'])
def test_a_quote_that_opens_within_one_cell_and_closes_in_another_is_damage(line: str) -> None:
    raw = (HEADER + line + '\n3,"李,四",4\n5,5" 管,6\n').encode()
    assert rows(raw) == [
        (None, None, None, 2, line), ("3", "李,四", "4", 3, None), ("5", '5" 管', "6", 4, None),
    ]  # fmt: skip


@pytest.mark.parametrize("byte_order_mark", [b"\xff\xfe", b"\xfe\xff"])
def test_utf16_that_says_so_is_read(byte_order_mark: bytes) -> None:
    text = (HEADER + "1,张𬱖,2\n").encode("utf-16-le" if byte_order_mark == b"\xff\xfe" else "utf-16-be")
    delivered, table = read(byte_order_mark + text)
    assert delivered.encoding == "utf-16"
    assert table.column("姓名").to_pylist() == ["张𬱖"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_refused_by_name(encoding: str) -> None:
    with pytest.raises(RefusedError, match="UTF-16"):
        read((HEADER + "1,张,2\n" * 20).encode(encoding))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    raw = (HEADER + "1,张,2\n").replace(",", delimiter).encode()
    assert rows(raw) == [("1", "张", "2", 2, None)]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_line_breaks_of_every_system(line_break: str) -> None:
    raw = (HEADER + "1,张,2\n3,李,4").replace("\n", line_break).encode()
    assert rows(raw) == [("1", "张", "2", 2, None), ("3", "李", "4", 3, None)]


def test_a_title_above_the_header() -> None:
    raw = ("某医院报表\n制表人\n" + HEADER + "1,张,2\n").encode()
    assert rows(raw, header_row=3) == [("1", "张", "2", 4, None)]


def test_a_quoted_line_break_is_part_of_the_value_and_lines_stay_true() -> None:
    raw = (HEADER + '1,"张\n\n三",2\n"3","李 ""四""",4\n').encode()
    assert rows(raw) == [("1", "张\n\n三", "2", 2, None), ("3", '李 "四"', "4", 5, None)]


def test_an_unclosed_quote_loses_only_its_own_line() -> None:
    raw = (HEADER + '1,"张,2\n3,李,4\n5,"王",6\n').encode()
    assert rows(raw) == [
        (None, None, None, 2, '1,"张,2'),
        ("3", "李", "4", 3, None),
        ("5", "王", "6", 4, None),
    ]


def test_an_unclosed_quote_on_the_last_line() -> None:
    raw = (HEADER + '1,张,2\n3,"李,4').encode()
    assert rows(raw) == [("1", "张", "2", 2, None), (None, None, None, 3, '3,"李,4')]


def test_two_unclosed_quotes_do_not_swallow_what_lies_between() -> None:
    raw = (HEADER + '1,"张,2\n3,李,4\n5,"王,6\n7,赵,8\n').encode()
    assert [row[3] for row in rows(raw) if row[4] is None] == [3, 5]
    assert [row[3] for row in rows(raw) if row[4] is not None] == [2, 4]


def test_too_few_and_too_many_columns() -> None:
    raw = (HEADER + "1,张\n2,李,3,4\n5,王,6\n").encode()
    assert rows(raw) == [
        (None, None, None, 2, "1,张"),
        (None, None, None, 3, "2,李,3,4"),
        ("5", "王", "6", 4, None),
    ]


def test_nul_bytes_damage_their_line_only() -> None:
    raw = (HEADER + "1,张,2\n3,\x00\x00,4\n").encode() + b"\x00" * 16
    assert [(row[3], row[4] is None) for row in rows(raw)] == [(2, True), (3, False), (4, False)]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_cut_off_within_a_character_loses_its_last_line(encoding: str) -> None:
    raw = (HEADER + "1,张,2\n3,李").encode(encoding)[:-1]
    assert [(row[3], row[4] is None) for row in rows(raw)] == [(2, True), (3, False)]


def test_a_quote_in_the_middle_of_a_value_is_a_character() -> None:
    assert rows((HEADER + '1,5" 管,2\n').encode()) == [("1", '5" 管', "2", 2, None)]


def test_rows_without_any_value_are_no_rows() -> None:
    assert rows((HEADER + ",,\n1,张,2\n,,\n").encode()) == [("1", "张", "2", 3, None)]


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\xef\xbb\xbf", b"  \r\n"])
def test_an_empty_file_is_refused(raw: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        read(raw)
    assert refused.value.refusal.code == "EMPTY_FILE"


def test_a_header_alone_is_a_delivery_without_rows() -> None:
    assert rows(HEADER.encode()) == []


def test_doubled_and_empty_headers_get_names_of_their_own() -> None:
    delivered, _table = read("编号,备注,备注,\n1,a,b,c\n".encode())
    assert list(delivered.header) == ["编号", "备注", "备注(3)", "(空列4)"]


def test_many_rows_keep_their_order_and_lines() -> None:
    raw = (HEADER + "".join(f"{n},患者,{n}\n" for n in range(100_000))).encode()
    _delivered, table = read(raw)
    assert table.column("编号").to_pylist() == [str(n) for n in range(100_000)]
    assert table.column("source_line").to_pylist() == list(range(2, 100_002))


def test_chunks_are_bounded_and_a_quoted_record_may_cross_them() -> None:
    text = "".join(f'{n},"患者\r\n{n}",{n}\r\n' for n in range(300)) + '300,"未闭合,1\r\n301,王,2\r\n'
    small = Bounds(chunk_bytes=64)
    with source_of((HEADER + text).encode(), small) as source:
        chunks = list(read_any(source, Wanted(EXPECTED, 2)).chunks)
    table = pa.concat_tables(chunks)
    assert len(chunks) > 50
    assert table.column("姓名").to_pylist() == [f"患者\r\n{n}" for n in range(300)] + [None, "王"]
    assert table.column("source_line").to_pylist() == [*range(2, 602, 2), 602, 603]


@pytest.mark.parametrize(
    "line", ['1,张,"2', '1,"张"三,2', '1,张",2', '1,"张" ,2', '1,""张",2', '"1,张,2"'], ids=str
)
def test_quotes_that_do_not_pair_damage_their_line_only(line: str) -> None:
    found = rows((HEADER + f"0,甲,0\n{line}\n3,李,4\n").encode())
    assert [(row[3], row[4]) for row in found] == [(2, None), (3, line), (4, None)]


def test_a_carriage_return_within_a_line_stays_in_its_cell() -> None:
    assert rows((HEADER + "1,张\r三,2\n3,李,4\n").encode())[0][1] == "张\r三"


def test_control_characters_that_the_reader_could_use_for_itself_stay() -> None:
    text = "\x1e\x1d张\x1c"
    assert rows((HEADER + f'1,"{text}\n",2\n').encode()) == [("1", f"{text}\n", "2", 2, None)]


def test_a_header_cell_over_two_lines() -> None:
    delivered, table = read('编号,"姓\n名",金额\n1,张,2\n'.encode())
    assert delivered.header == ("编号", "姓名", "金额")
    assert table.column("source_line").to_pylist() == [3]


@pytest.mark.parametrize(
    ("content", "bounds", "code"),
    [
        (HEADER + "1," + "张" * 100 + ",2\n", Bounds(max_cell_bytes=200), "CELL_TOO_LARGE"),
        (HEADER + "1" * 500, Bounds(max_line_bytes=200, chunk_bytes=100), "LINE_TOO_LONG"),
        (HEADER, Bounds(max_columns=2), "TOO_MANY_COLUMNS"),
        (HEADER, Bounds(max_file_bytes=3), "FILE_TOO_LARGE"),
    ],
)
def test_bounds_are_settings_and_say_so(content: str, bounds: Bounds, code: str) -> None:
    with pytest.raises(RefusedError, match="max_") as refused:
        read(content.encode(), bounds=bounds)
    assert refused.value.refusal.code == code


def test_lines_of_another_encoding_are_damaged_not_misread() -> None:
    lines = ["1,张三丰,2", "2,李四,3", "3,王五郎,4"]
    raw = b"\n".join(
        [
            HEADER.strip().encode("gb18030"),
            lines[0].encode("gb18030"),
            lines[1].encode(),
            lines[2].encode("gb18030"),
        ]
    )
    found = rows(raw)
    assert [row[1] for row in found] == ["张三丰", None, "王五郎"]
    assert found[1][3:] == (3, "2,李四,3")
