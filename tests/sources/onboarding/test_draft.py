"""A mapping drafted from a vendor's files is a mapping: it checks, and what it drafts conforms; what is unsure is left open."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import xlsxwriter

from sources.base.yamlfile import read_yaml
from sources.connectors.databases.address import Address
from sources.contracts.load import load_contracts
from sources.county.county import County, institution_names
from sources.mappings.load import load_mapping
from sources.mappings.plan import plan_of
from sources.onboarding.codes import quoted
from sources.onboarding.draft import draft_mapping
from sources.onboarding.sample import pattern_of, read_samples
from sources.onboarding.tables import read_tables
from sources.onboarding.vocabulary import code_for, meanings
from tests.sources.making import TOWNSHIP


@pytest.mark.parametrize(
    ("header", "feed", "column"),
    [
        ("BAH", "his_mr_front", "mr_no"),
        ("病案号", "his_mr_front", "mr_no"),
        ("A48", "his_mr_front", "mr_no"),
        ("D20x01", "his_mr_front", "anes_fee"),
        ("ZFY", "his_mr_front", "total_fee"),
        ("住院总费用(元)", "his_mr_front", "total_fee"),
        ("BRXM", "his_patient", "name"),
        ("shenfenzhenghao", "his_patient", "id_no"),
        ("PATIENT_NAME", "his_patient", "name"),
        ("psn_no", "si_settlement", "psn_no"),
        ("就诊日期", "his_op_visit", "visit_time"),
    ],
)
def test_what_vendors_call_things_is_known(header: str, feed: str, column: str) -> None:
    known = meanings(header, feed)
    assert max(known, key=lambda name: known[name]) == column


@pytest.mark.parametrize(
    ("value", "code"), [("男", "1"), ("Female", "2"), ("未知", "9"), ("0", None), ("M", None), ("甲", None)]
)
def test_words_are_translated_and_numbers_never_are(value: str, code: str | None) -> None:
    assert code_for(load_contracts()["his_patient"].column("gender"), value) == code


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("H1/2025-03/HZ_202503.csv", "{institution}/{month}/HZ_{yyyymm}.csv"),
        ("H1/2025-03/HZ_20250401_1.csv", "{institution}/{month}/HZ_*_1.csv"),
        ("H1/2025-03/sub/2025年3月费用.xlsx", "{institution}/{month}/sub/*费用.xlsx"),
        ("HZ.csv", "{institution}/{month}/HZ.csv"),
    ],
)
def test_the_pattern_that_claims_files_like_the_sample(name: str, pattern: str) -> None:
    assert pattern_of(name) == pattern


@pytest.mark.parametrize("text", ["病案号", "A48", "单价(元)", "01", "a: b", "null", "2025", "是/否", "#x"])
def test_what_is_quoted_reads_back(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yml").write_text(f"{quoted(text)}: {quoted(text)}\n", encoding="utf-8")
    assert read_yaml(tmp_path / "x.yml", "x.yml").content == {text: text}


FRONT_PAGE = """\
BAH,ZYCS,XM,XB,CSRQ,RYSJ,RYSJS,CYSJ,CYSJS,SJZYTS,LYFS,ZFY,JBDM,ZYZD,JBDM1,QTZD1,JBDM2,QTZD2
B1,1,某某,1,1960-01-01,20250301,15,20250308,9,7,1,3200.50,I63.900,脑梗死,I10.x00,高血压,,
B2,1,某某,2,1950-01-01,20250302,8,20250309,10,7,1,1200.00,J18.900,肺炎,,,,
"""


def test_a_drafted_mapping_is_a_mapping(county: County, tmp_path: Path) -> None:
    (tmp_path / "BASY.csv").write_text(FRONT_PAGE, encoding="gb18030")
    samples = list(read_samples(tmp_path / "BASY.csv", f"{TOWNSHIP}/2025-03/BASY.csv"))
    text = draft_mapping("东软", samples, institution_names(county.folder))
    (county.folder / "mappings" / "own.yml").write_text(text, encoding="utf-8")
    settings = (county.folder / "county.yml").read_text(encoding="utf-8")
    settings = settings.replace(f"{TOWNSHIP}, mapping: vendor", f"{TOWNSHIP}, mapping: own")
    (county.folder / "county.yml").write_text(settings, encoding="utf-8")
    mapping = County.load(county.folder).mappings["own"].mapping
    assert set(mapping.feeds) == {"his_mr_front", "his_mr_diag"}
    diagnoses = plan_of(mapping, "his_mr_diag").feed_mapping.repeat
    assert diagnoses.expanded == (
        {"diag_code": "JBDM", "diag_name": "ZYZD"},
        {"diag_code": "JBDM1", "diag_name": "QTZD1"},
        {"diag_code": "JBDM2", "diag_name": "QTZD2"},
    )
    assert plan_of(mapping, "his_mr_front").headers_of("total_fee") == ("ZFY",)
    assert "某某" not in text and "1960" not in text


def test_a_code_nobody_knows_is_a_question_not_an_answer(county: County, tmp_path: Path) -> None:
    rows = [f"P{n},某{n},{n % 2},1980-01-01" for n in range(8)]
    (tmp_path / "患者.csv").write_text("\n".join(["患者编号,姓名,性别,出生日期", *rows]), encoding="utf-8")
    text = draft_mapping("x", list(read_samples(tmp_path / "患者.csv", "患者.csv")), {})
    assert '# "0": ?   # 4 行' in text and '# "1": ?   # 4 行' in text, (
        "0/1 may be male/female or the reverse"
    )


def test_a_table_of_a_database_is_drafted_as_a_file_is(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "his.sqlite") as connection:
        connection.execute("create table T_MZ_JZJL (JGDM, JZLSH, BRID, JZSJ, JZLX, KSDM, YSGH, ZT, GXSJ)")
        row = ("H1", "M1", "P1", "2025-03-01 08:00:00", "普通门诊", "01", "D1", "正常", "2025-03-02 08:00:00")
        connection.execute(f"insert into T_MZ_JZJL values ({', '.join('?' * len(row))})", row)
        connection.execute("create table EMPTY (A)")
    samples = list(read_tables(Address("sqlite", str(tmp_path / "his.sqlite")), ()))
    text = draft_mapping("x", samples, {})
    (tmp_path / "x.yml").write_text(text, encoding="utf-8")
    mapping, problems = load_mapping(tmp_path / "x.yml", "x.yml")
    assert problems == []
    feed = mapping.mapping.feeds["his_op_visit"]
    assert (feed.table, feed.month_by, feed.updated) == ("main.T_MZ_JZJL", "JZSJ", "GXSJ")


def test_of_many_tables_the_one_that_fits_best_is_drafted(tmp_path: Path) -> None:
    """Not the first by name: and tables that resemble no feed are not read at all."""
    columns = "JGDM, JZLSH, BRID, JZSJ, JZLX, KSDM, YSGH, ZT, GXSJ"
    row = ("H1", "M1", "P1", "2025-03-01 08:00:00", "普通门诊", "01", "D1", "正常", "2025-03-02 08:00:00")
    with sqlite3.connect(tmp_path / "his.sqlite") as connection:
        for name, there in (
            ("A_MZ_BAK", columns.replace("JZSJ", "X1").replace("KSDM", "X2")),
            ("Z_MZ_JZJL", columns),
        ):
            connection.execute(f"create table {name} ({there})")
            connection.execute(f"insert into {name} values ({', '.join('?' * len(row))})", row)
        for number in range(30):
            connection.execute(f"create table LOG_{number} (f1, f2, f3)")
            connection.execute(f"insert into LOG_{number} values ('1', '2', '3')")
    told: list[str] = []
    address = Address("sqlite", str(tmp_path / "his.sqlite"))
    samples = list(read_tables(address, (), "his_op_visit", told.append))
    assert {sample.table for sample in samples} == {"main.A_MZ_BAK", "main.Z_MZ_JZJL"}
    assert told == [
        "32 张表,2 张的列名像数据源 / 32 tables, 2 with columns named like a feed's",
        "1/2 main.A_MZ_BAK",
        "2/2 main.Z_MZ_JZJL",
    ]
    text = draft_mapping("x", samples, {}, "his_op_visit")
    assert "Z_MZ_JZJL" in text[: text.index("columns:")] and "# main.A_MZ_BAK 也像 his_op_visit" in text


def test_what_only_resembles_a_column_is_a_question(tmp_path: Path) -> None:
    lines = [f"{n},E{n % 7},P{n % 5},2025-03-01 08:00:00,0,S1,1,01" for n in range(60)]
    header = "id,encounter_id,patient_id,visit_time,skin_test_flag,doctor_id,status,dept_code"
    (tmp_path / "mz.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    text = draft_mapping("x", list(read_samples(tmp_path / "mz.csv", "mz.csv")), {}, "his_op_visit")
    assert "org_code: id" not in text
    (flag,) = [line for line in text.splitlines() if line.strip().startswith("test_flag:")]
    assert "待核对" in flag


@pytest.mark.parametrize("last", [1, 3, 12])
def test_a_header_of_hqms_codes_is_a_header(tmp_path: Path, last: int) -> None:
    """Codes of the national front page look like diagnoses, and yet they are names: all numbered ones become blocks."""
    numbers = [f"{n:02}" for n in range(1, last + 1)]
    header = ["A48", "A49", "B15", *(f"C06x{n}C" for n in numbers), *(f"C07x{n}N" for n in numbers), *(f"C14x{n}C" for n in numbers),
              *(f"C15x{n}N" for n in numbers), *(f"C16x{n}" for n in numbers)]  # fmt: skip
    line = [
        "BA1",
        "1",
        "2025-03-05",
        *["I10.x00"] * last,
        *["高血压"] * last,
        *["88.4100"] * last,
        *["造影"] * last,
        *["2025-03-02"] * last,
    ]
    path = tmp_path / "BASY_202503.csv"
    path.write_text("\n".join([",".join(header), *[",".join(line)] * 3]) + "\n", encoding="utf-8")
    (sample,) = read_samples(path, path.name)
    assert not sample.header_is_data and set(sample.profiles) == set(header)
    text = draft_mapping("hqms", [sample], {})
    assert f'{{n: [1, {last}], diag_code: "C06x{{n:02}}C", diag_name: "C07x{{n:02}}N"}}' in text
    assert f'{{n: [1, {last}], oper_code: "C14x{{n:02}}C", ' in text


def test_sheets_with_one_header_are_drafted_as_one_table(tmp_path: Path) -> None:
    header = ["机构代码", "门诊流水号", "患者编号", "就诊时间", "就诊类型", "科室编码", "医生工号", "状态"]
    book = tmp_path / "门诊.xlsx"
    with xlsxwriter.Workbook(book) as workbook:
        for number, name in enumerate(("内科", "外科", "儿科")):
            sheet = workbook.add_worksheet(name)
            sheet.write_row(0, 0, header)
            sheet.write_row(
                1, 0, [TOWNSHIP, f"MZ{number}", "P1", "2025-03-01 08:00:00", "1", "01", "D1", "1"]
            )
    name = f"{TOWNSHIP}/2025-03/门诊.xlsx"
    samples = list(read_samples(book, name))
    text = draft_mapping("x", samples, {})
    assert text.count("sheets: all") == 1 and "3 张工作表" in text
    assert "也像 his_op_visit:若是同一种文件" not in text


def test_a_header_of_institutions_is_pointed_to_where_none_is_known_for_the_owner(tmp_path: Path) -> None:
    lines = [f"MZ{n},P{n},2025-03-0{n} 08:00:00,1,01,D1,1,{TOWNSHIP}" for n in range(1, 6)]
    header = "门诊流水号,患者编号,就诊时间,就诊类型,科室编码,医生工号,状态,归属点"
    (tmp_path / "mz.csv").write_text("\n".join([header, *lines]) + "\n", "utf-8")
    samples = list(read_samples(tmp_path / "mz.csv", "mz.csv"))
    text = draft_mapping("x", samples, {TOWNSHIP: "镇卫生院"}, "his_op_visit")
    (line,) = [line for line in text.splitlines() if line.strip().startswith("org_code:")]
    assert "const" in line and "待核对" in line and "归属点" in line
