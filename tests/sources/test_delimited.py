"""Delimited text: encodings, delimiters and damaged lines, as vendors send them (V04, V33)."""

from __future__ import annotations

import pytest

from sources.connectors.delimited import read_delimited
from sources.refusal import RefusedError

EXPECTED = frozenset({"编号", "姓名", "金额"})
HEADER = "编号,姓名,金额\n"


def rows(raw: bytes, header_row: int = 1) -> list[tuple]:
    table = read_delimited(raw, EXPECTED, header_row).rows
    return [tuple(row.values()) for row in table.to_pylist()]


def test_good_rows_with_their_physical_lines() -> None:
    assert rows((HEADER + "1,张,2\n\n3,李,4\n").encode()) == [
        ("1", "张", "2", 2, None),
        ("3", "李", "4", 4, None),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_encodings_are_found(encoding: str) -> None:
    delivered = read_delimited((HEADER + "1,张三丰,2\n").encode(encoding), EXPECTED, 1)
    assert delivered.rows.column("姓名").to_pylist() == ["张三丰"]
    assert delivered.encoding == {"gbk": "gb18030"}.get(encoding, encoding)


def test_rare_characters_of_gb18030() -> None:
    delivered = read_delimited((HEADER + "1,张𬱖㛃,2\n").encode("gb18030"), EXPECTED, 1)
    assert delivered.rows.column("姓名").to_pylist() == ["张𬱖㛃"]


def test_what_is_neither_utf8_nor_gb18030_is_refused_with_its_place() -> None:
    raw = "编号,姓名,金额\n1,张,2\n2,".encode("gb18030") + b"\xff\xff,3\n"
    with pytest.raises(RefusedError) as refused:
        read_delimited(raw, EXPECTED, 1)
    assert refused.value.refusal.code == "ENCODING_UNREADABLE"
    assert "第 3 行" in refused.value.refusal.message_zh


def test_utf8_with_a_broken_byte_is_not_taken_for_gb18030() -> None:
    text = HEADER + "".join(f"{n},患者姓名,2\n" for n in range(20))
    raw = text.encode().replace("患者".encode(), "患者".encode()[:-1], 1)
    raw = text.encode()[:-30] + b"\xa1" + raw[-30:]
    with pytest.raises(RefusedError) as refused:
        read_delimited(raw, EXPECTED, 1)
    assert refused.value.refusal.code == "ENCODING_UNREADABLE"


def test_utf16_is_refused_by_name() -> None:
    with pytest.raises(RefusedError, match="UTF-16"):
        read_delimited((HEADER + "1,张,2\n").encode("utf-16"), EXPECTED, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_replacement_character_is_refused_with_its_line(encoding: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_delimited((HEADER + "1,张\n2,\ufffd,3\n").encode(encoding), EXPECTED, 1)
    assert refused.value.refusal.code == "REPLACEMENT_CHARACTER"
    assert "第 3 行" in refused.value.refusal.message_zh


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
        read_delimited(raw, EXPECTED, 1)
    assert refused.value.refusal.code == "EMPTY_FILE"


def test_a_header_alone_is_a_delivery_without_rows() -> None:
    assert rows(HEADER.encode()) == []


def test_doubled_and_empty_headers_get_names_of_their_own() -> None:
    delivered = read_delimited("编号,备注,备注,\n1,a,b,c\n".encode(), EXPECTED, 1)
    assert delivered.header == ["编号", "备注", "备注(3)", "(空列4)"]


def test_many_rows_keep_their_order_and_lines() -> None:
    raw = (HEADER + "".join(f"{n},患者,{n}\n" for n in range(100_000))).encode()
    delivered = read_delimited(raw, EXPECTED, 1)
    assert delivered.rows.column("编号").to_pylist() == [str(n) for n in range(100_000)]
    assert delivered.rows.column("source_line").to_pylist() == list(range(2, 100_002))
