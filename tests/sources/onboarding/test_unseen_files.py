"""Files of a vendor nobody has seen: read without a mapping as they stand, nothing lost in silence, nobody's data shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter
from click.testing import CliRunner
from pydantic import ValidationError

from orchestration.cli import main
from sources.base.home import Home
from sources.connectors.files import read_any
from sources.connectors.wanted import Wanted
from sources.county.county import County
from sources.ingest import ingest_feed
from sources.mappings.mapping import FeedMapping
from sources.onboarding.codes import edition_named
from sources.onboarding.draft import draft_mapping
from sources.onboarding.profile import profile_columns
from sources.onboarding.sample import read_samples
from sources.onboarding.trial import check_delivery
from sources.onboarding.vocabulary import meanings
from tests.sources.making import MONTH, TOWNSHIP, conformed, deliver, source_of, whole, with_mapping

CHARGES = [
    "流水号",
    "门住标志",
    "就诊号",
    "计费时间",
    "项目编码",
    "国家编码",
    "项目名称",
    "数量",
    "单价",
    "金额",
]


def charge(number: int) -> list[str]:
    name = "检查费|特殊" if number % 10 else "CT"
    return [f"F{number:08}", "住院", f"ZY{number:010}", "20250304132600", "L0026", "", name, "3", "20", "60"]


def written(path: Path, delimiter: str, rows: Sequence[Sequence[str]]) -> Path:
    path.write_text("\n".join(delimiter.join(row) for row in rows) + "\n", encoding="gb18030")
    return path


def workbook(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("首页")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def drafted(path: Path, **known: object) -> str:
    samples = list(read_samples(path, f"{TOWNSHIP}/2025-03/{path.name}", **known))
    return draft_mapping("x", samples, {})


# -- delimiters


@pytest.mark.parametrize("delimiter", ["||", "|@|", "|^|", "::", "@@"])
@pytest.mark.parametrize("header", [CHARGES, [f"列{sign}" for sign in "甲乙丙丁戊己庚辛壬癸"]])
def test_a_delimiter_of_several_signs_is_found_without_a_mapping(
    tmp_path: Path, delimiter: str, header: list[str]
) -> None:
    path = written(tmp_path / "FEE.txt", delimiter, [header, *map(charge, range(40))])
    (sample,) = read_samples(path, "FEE.txt")
    assert (tuple(sample.profiles), sample.rows, sample.damaged) == (tuple(header), 40, 0)


def test_the_headers_of_a_mapping_decide_for_a_delimiter_of_several_signs() -> None:
    raw = "\n".join("||".join(row) for row in [CHARGES, *map(charge, range(40))]).encode("gb18030")
    with source_of(raw) as source:
        delivered = read_any(source, Wanted(frozenset({"流水号", "金额"}), 1))
        table = whole(delivered)
    assert delivered.header == tuple(CHARGES)
    assert table.column("项目名称").to_pylist()[1] == "检查费|特殊"
    assert table.column("malformed_text").null_count == 40


def test_damaged_lines_of_a_sample_are_told(tmp_path: Path) -> None:
    rows = [CHARGES, *map(charge, range(40))]
    path = written(tmp_path / "FEE.txt", "|", rows)
    output = tmp_path / "county" / "mappings" / "x.yml"
    arguments = ["feed", "draft", str(tmp_path / "county"), TOWNSHIP, str(path), "--output", str(output)]
    (tmp_path / "county").mkdir()
    (tmp_path / "county" / "county.yml").write_text("name: 县\n", encoding="utf-8")
    said = CliRunner().invoke(main, arguments).output
    assert "36 行损坏 damaged lines" in said and "1 samples" in said
    assert "看过的 40 行中有 36 行损坏" in output.read_text(encoding="utf-8")


def test_a_stated_delimiter_and_header_row_stand_in_the_draft(tmp_path: Path) -> None:
    path = written(tmp_path / "FEE.txt", "--", [["费用清单"], CHARGES, *map(charge, range(5))])
    text = drafted(path, header_row=2, delimiter="--")
    assert 'delimiter: "--"' in text and "header_row: 2" in text and "fee_id: 流水号" in text


def test_too_many_damaged_lines_name_the_delimiter(county: County, home: Home) -> None:
    columns = "{visit_id: A, seq: B, diag_name: C, map_status: {const: 1}}"
    feed = f'{{institution}}/{{month}}/ZD.txt"\n    delimiter: "|"\n    columns: {columns}\n'
    county = with_mapping(county, f'  his_op_diag:\n    file: "{feed}')
    deliver(county, f"{TOWNSHIP}/{MONTH}/ZD.txt", "A|B|C\n" + "M1|1|x|y\n" * 20)
    (file,) = check_delivery(county, TOWNSHIP, MONTH).files
    (outcome,) = ingest_feed(county, home, "his_op_diag", [MONTH])
    for refusal in (file.refusal, outcome.refusal):
        assert refusal.code == "TOO_MANY_DAMAGED_LINES"
        assert "分隔符是 |" in refusal.message_zh and "delimiter: " in refusal.message_zh
        assert refusal.message_en.index("`delimiter:`") < refusal.message_en.index("export anew")


# -- headers

GROUPS = ["基本信息", "", "主要诊断", "", *["其他诊断", ""] * 2]


def diagnosed(number: int, *others: str) -> list[str]:
    return [f"ZY{2025030000 + number:010}", "国临2.0", "I10", "诊断", *others]


DIAGNOSES = [diagnosed(n, "J18.900", "状态", "K29.500", "姓名") for n in range(12)]


def test_numbered_blocks_under_a_row_of_groups_are_drafted(tmp_path: Path) -> None:
    fields = ["住院号", "版本", "诊断编码", "诊断名称", "诊断编码1", "诊断名称1", "诊断编码2", "诊断名称2"]
    text = drafted(workbook(tmp_path / "首页诊断.xlsx", [GROUPS, fields, *DIAGNOSES]))
    assert "header_row=2" in text
    assert '- {n: [1, 2], diag_code: "诊断编码{n}", diag_name: "诊断名称{n}"}' in text
    assert "code_systems: {diagnosis: GLB2.0}   # 待核对" in text
    assert 'map_status: {const: "1"}   # 待核对' in text
    assert "ZY2025" not in text and "J18" not in text


def test_a_row_of_data_is_never_the_header(tmp_path: Path) -> None:
    fields = ["甲", "乙", "丙一", "丙二", "丁一", "丁二", "戊一", "戊二"]
    (sample,) = read_samples(workbook(tmp_path / "a.xlsx", [GROUPS, fields, *DIAGNOSES]), "a.xlsx")
    assert tuple(sample.profiles) == tuple(fields)


@pytest.mark.parametrize("header_row", [None, 3])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_without_a_header_nothing_of_any_row_is_shown(
    tmp_path: Path, kind: str, header_row: int | None
) -> None:
    make = workbook if kind == "xlsx" else lambda path, rows: written(path, ",", rows)
    path = make(tmp_path / f"首页诊断.{kind}", DIAGNOSES)
    text = draft_mapping("x", list(read_samples(path, path.name, header_row)), {}, feed="his_mr_diag")
    assert "没有找到表头" in text and "--header-row" in text
    assert "ZY2025" not in text and "J18" not in text


def test_a_header_over_two_rows_is_stated_by_its_last(tmp_path: Path) -> None:
    rows = [["编号", "患者", ""], ["", "姓名", "金额"], ["1", "张", "2"]]
    raw = workbook(tmp_path / "a.xlsx", rows).read_bytes()
    with source_of(raw) as source:
        delivered = read_any(source, Wanted(frozenset({"编号", "姓名", "金额"}), 2, header_row=2))
        table = whole(delivered)
    assert (delivered.header, table.num_rows) == (("编号", "姓名", "金额"), 1)


@pytest.mark.parametrize(("stated", "row"), [(2, 2), ("2", 2), ("1-2", 2), ("二", None), ("3,4", None)])
def test_the_number_of_the_last_header_row_is_meant(stated: object, row: int | None) -> None:
    feed = {"file": "{institution}/{month}/ZD.txt", "header_row": stated, "columns": {"visit_id": "A"}}
    if row is None:
        with pytest.raises(ValidationError, match="最后一行的行号"):
            FeedMapping.model_validate(feed)
    else:
        assert FeedMapping.model_validate(feed).header_row == row


# -- what the columns are


@pytest.mark.parametrize(
    ("header", "feed", "column"),
    [
        ("建档日期", "his_patient", "created_at"),
        ("出科", "his_ip_stay", "discharge_dept"),
        ("开单人", "his_fee_detail", "order_staff"),
        ("kind", "his_op_visit", "visit_type"),
        ("版本", "his_op_diag", "code_ver"),
    ],
)
def test_words_of_other_vendors(header: str, feed: str, column: str) -> None:
    assert column in meanings(header, feed)


@pytest.mark.parametrize(
    ("word", "edition"),
    [
        ("国临2.0", "GLB2.0"),
        ("国临版2.0", "GLB2.0"),
        ("国家医保版2.0", "YB2.0"),
        ("GB/T14396-2016", "GB"),
        ("旧版", None),
        ("职工医保", None),
    ],
)
def test_words_for_editions(word: str, edition: str | None) -> None:
    assert edition_named(word) == edition


def test_the_edition_of_every_row_is_drafted_with_a_dictionary(tmp_path: Path) -> None:
    rows = [["就诊号", "诊断序号", "诊断编码", "诊断名称", "版本"]]
    rows += [[f"M{n:06}", "1", "I10.x00", "高血压", "国临2.0" if n % 2 else "医保2.0"] for n in range(8)]
    text = drafted(written(tmp_path / "门诊诊断.txt", ",", rows))
    assert "code_ver: {from: 版本, dictionary: code_ver}" in text
    assert "GLB2.0   # 待核对" in text and "YB2.0   # 待核对" in text


def test_the_edition_of_every_row_is_conformed(county: County, home: Home) -> None:
    feed = """\
  his_op_diag:
    file: "{institution}/{month}/ZD.csv"
    columns:
      visit_id: 流水号
      seq: 序号
      diag_code: 编码
      diag_name: 名称
      code_ver: {from: 版本, dictionary: code_ver}
      map_status: {const: "1"}
"""
    county = with_mapping(county, feed, "dictionaries: {code_ver: {国临2.0: GLB2.0, 医保2.0: YB2.0}}\n")
    lines = ["流水号,序号,编码,名称,版本", "M1,1,I10,高血压,国临2.0", "M2,1,I10,高血压,医保2.0"]
    deliver(county, f"{TOWNSHIP}/{MONTH}/ZD.csv", "\n".join(lines) + "\n")
    ingest_feed(county, home, "his_op_diag", [MONTH])
    assert [row["code_ver"] for row in conformed(home, "his_op_diag")] == ["GLB2.0", "YB2.0"]


# -- what a check shows


def seems_cut_off(texts: list[str]) -> bool:
    return profile_columns(pa.table({"A": texts}), ["A"])["A"].seems_cut_off


ADDRESS = "濉河县铁佛镇{}大街{}号"


@pytest.mark.parametrize(
    "texts",
    [
        [f"{1950 + n}年{10 + n % 3}月{10 + n % 20}日" for n in range(60)],
        [f"2025.02.{n:02}" for n in range(1, 29)],
        [f"字{n:09}" for n in range(60)],
        [ADDRESS.format("东西南北"[n % 4], n) for n in range(1, 200)],
        ["某镇" + "甲乙丙丁戊己庚辛"[n % 8] * (6 + n % 5) + "庄园里村"[n // 3 % 4] for n in range(200)],
    ],
)
def test_what_is_not_cut_off(texts: list[str]) -> None:
    assert not seems_cut_off(texts)


def test_texts_that_end_at_one_length_are_noticed() -> None:
    words = ["急性上呼吸道感染", "高血压病三级极高危组", "二型糖尿病伴有多并发症", "冠状动脉粥样硬化性心脏病"]
    texts = [f"{a}合并{b}伴{c}"[:20] for a in words for b in words for c in words]
    assert seems_cut_off([*texts, "感冒", "肺炎", "高血压", "腰椎间盘突出症"])


def test_a_check_shows_every_block_of_a_wide_sheet(county: County) -> None:
    header = "ZYLSH,JBDM,ZYZD,JBDM1,QTZD1,JBDM2,QTZD2"
    lines = [header, "Z1,I10,高血压,J18,肺炎,,", "Z2,I63,脑梗死,I10,高血压,J06,感冒", "Z3,I10,高血压,,,,"]
    deliver(county, f"{TOWNSHIP}/{MONTH}/BASY_202503.csv", "\n".join(lines) + "\n")
    deliver(county, f"{TOWNSHIP}/{MONTH}/control.csv", "file,sheet,rows,amount_yuan\nBASY_202503.csv,,3,\n")
    (file,) = check_delivery(county, TOWNSHIP, MONTH).files
    assert file.refusal is None
    assert (file.file_rows, file.account.delivered_rows) == (3, 6)
    filled = [(block.number, block.cells[0]) for block in file.look.blocks]
    assert filled == [
        (0, ("diag_code", "JBDM", 3)),
        (1, ("diag_code", "JBDM1", 2)),
        (2, ("diag_code", "JBDM2", 1)),
        (3, ("diag_code", "JBDM3", None)),
    ]
    said = CliRunner().invoke(main, ["feed", "check", str(county.folder), TOWNSHIP]).output
    assert "3 rows in the file → 6 rows" in said and "diag_code ← JBDM1 67%" in said
