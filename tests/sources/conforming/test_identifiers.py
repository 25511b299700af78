"""A direct identifier typed into any column of any feed leaves this room nowhere: not as data, not as an example, not in a
message; keys that hold one still join.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from sources.base.home import Home
from sources.conforming.personal import (
    holds_name,
    holds_number,
    narrow,
    shown_name,
    shown_numbers,
    shown_text,
    without_numbers,
)
from sources.contracts.contract import Contract
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.ingest import ingest_feed
from tests.sources.making import (
    HOSPITAL,
    MONTH,
    TOWNSHIP,
    conformed,
    deliver,
    make_county,
    read_all,
    rules,
    visit,
    visits,
    with_mapping,
)

PLANTED = (
    "430124199001011239", "43012419900101123X", "430124 1990 0102 1234", "V430124199001031234A", "430124199001041234001",
    "430124900105123", "13812340001", "138 1234 0002", "+8613812340003", "V13812340004", "１３８１２３４０００５", "0731-88880006",
    "(0731)88880007", "王秀英", "欧阳建国", "V01 李建华", "张桂兰(本人)", "患者:刘玉兰", "阿卜杜拉·买买提",
)  # fmt: skip
# How each of them would be recognised, whatever stands around it.
TRACES = (
    "43012419900101123", "430124 1990 0102 1234", "430124199001021234", "430124199001031234", "430124199001041234",
    "430124900105123", "13812340001", "138 1234 0002", "13812340002", "13812340003", "13812340004", "１３８１２３４０００５",
    "13812340005", "88880006", "88880007", "王秀英", "欧阳建国", "李建华", "张桂兰", "刘玉兰", "买买提",
)  # fmt: skip
SHEETS = """\
  his_lab_report:
    file: "{institution}/{month}/lab.xlsx"
    columns:
      {org_code: {const: "{institution}"}, apply_org: {const: "{institution}"}, report_id: 报告号, patient_id: 患者号,
       item_group_code: 项目, item_group_name: 项目, report_time: 时间}
"""
MAPPING = {"vendor": "plain", "name_zh": "直报", "system": "mixed", "money_unit": "yuan"}


def usual(contract: Contract) -> dict[str, str]:
    """A row as the contract's examples show it."""
    return {
        column.name: HOSPITAL if column.references else (column.examples or column.valid_values or ("1",))[0]
        for column in contract.columns
    }


def planted(contract: Contract) -> str:
    """A file that holds every token in every column, once with an unknown header and once in a damaged line."""
    row, text = usual(contract), io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*row, "刘玉兰", "13812340001"])
    for column in contract.columns:
        for token in PLANTED:
            writer.writerow([*(row | {column.name: token}).values(), "", ""])
    writer.writerow(PLANTED[:2])
    return text.getvalue()


def every_cell(folder: Path) -> Iterator[tuple[str, str]]:
    """(file, text) of everything readable: cells of Parquet, texts of other files, names of files."""
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        yield path.name, str(path.relative_to(folder))
        if path.name == "rows.parquet":
            assert path.read_bytes()[:4] == b"PARE", "encrypted"
        elif path.suffix == ".parquet":
            rows = pq.ParquetFile(path).read()
            yield path.name, json.dumps(rows.to_pylist(), ensure_ascii=False, default=str)
            yield path.name, str(rows.schema)
        else:
            yield path.name, path.read_bytes().decode("utf-8", "replace")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home into which every feed was delivered with every token in every column."""
    folder = tmp_path_factory.mktemp("planted")
    make_county(folder / "county")
    feeds = {
        feed: {
            "file": f"{{institution}}/{{month}}/{feed}_*.csv",
            "columns": {name: name for name in usual(contract)},
        }
        for feed, contract in load_contracts().items()
    }
    (folder / "county/mappings/plain.yml").write_text(
        json.dumps(MAPPING | {"feeds": feeds}, ensure_ascii=False)
    )
    settings = folder / "county/county.yml"
    settings.write_text(
        settings.read_text().replace(f"{HOSPITAL}, mapping: vendor", f"{HOSPITAL}, mapping: plain")
    )
    county, home = County.load(folder / "county"), Home(folder / "home")
    for feed, contract in load_contracts().items():
        deliver(county, f"{HOSPITAL}/{MONTH}/{feed}_王秀英.csv", planted(contract))
        (outcome,) = ingest_feed(county, home, feed, [MONTH])
        assert (outcome.status, outcome.delivered_rows) == (
            "conformed",
            len(contract.columns) * len(PLANTED) + 1,
        ), feed
    return home


def test_no_token_is_found_in_any_file_of_the_home(home: Home) -> None:
    found = {
        (name, trace, text[max(0, at.start() - 60) : at.end() + 20])
        for name, text in every_cell(home.root)
        for trace in TRACES
        for at in [re.search(re.escape(trace), text)]
        if at
    }
    assert sorted(found)[:20] == []


def test_the_member_is_told_of_every_column(home: Home) -> None:
    told = {
        (row["feed"], row["column_name"])
        for row in read_all(home.rule_outcome).to_pylist()
        if row["rule_id"] in ("PERSONAL_IN_TEXT", "PERSONAL_IN_KEY", "NAME_FOR_NUMBER", "TYPE_INVALID", "LENGTH_EXCEEDED",
                              "VALUE_NOT_IN_SET", "CODE_NULLED", "VALUE_NULLED", "DATE_INVALID", "UNKNOWN_INSTITUTION")
    }  # fmt: skip
    untold = {
        (feed, column.name)
        for feed, contract in load_contracts().items()
        for column in contract.columns
        if column.privacy is None and column.name not in ("src_update_ts", "op_flag")
    } - told
    assert untold == set()


def test_keys_that_hold_identifiers_still_join(county: County, home_of_one: Home) -> None:
    card = "430124199001011239"
    deliver(county, f"{HOSPITAL}/{MONTH}/MZJZ_202503.csv", visits(visit(1, JGDM=HOSPITAL, JZLSH=card)))
    fees = "LSH,LB,JZH,FSSJ,JZSJ,XMDM,XMMC,DL,SL,DJ,JE,YLSH,ZT\n"
    fees += f"F1,1,{card},2025-03-01 09:00:00,2025-03-01 09:00:00,X1,挂号,01,1,1.00,1.00,,1\n"
    deliver(county, f"{HOSPITAL}/{MONTH}/FY_202503.csv", fees)
    keys = []
    for feed in ("his_op_visit", "his_fee_detail"):
        ingest_feed(county, home_of_one, feed, [MONTH])
        keys += [row["visit_id"] for row in conformed(home_of_one, feed)]
    assert keys[0] == keys[1] and keys[0].startswith("~") and card not in keys[0]
    assert rules(home_of_one)["PERSONAL_IN_KEY", "visit_id"] == 1


@pytest.fixture
def home_of_one(tmp_path: Path) -> Home:
    return Home(tmp_path / "one")


def test_a_sheet_named_after_somebody_is_told_without_the_name(county: County, home_of_one: Home) -> None:
    own = with_mapping(county, SHEETS)
    stream = io.BytesIO()
    with Workbook(stream, {"in_memory": True}) as book:
        book.add_worksheet("王秀英").write_row(0, 0, ["a", "b"])
        sheet = book.add_worksheet("检验")
        for number, row in enumerate(
            (["报告号", "患者号", "项目", "时间"], ["R1", "P1", "X1", "2025-03-01 08:00:00"])
        ):
            sheet.write_row(number, 0, row)
    deliver(own, f"{TOWNSHIP}/{MONTH}/lab.xlsx", stream.getvalue())
    ingest_feed(own, home_of_one, "his_lab_report", [MONTH])
    assert [name for rule, name in rules(home_of_one) if rule == "PART_NOT_READ"] == ["******"]


@pytest.mark.parametrize(
    "text",
    [
        "康复科", "高血压", "高血压病", "左膝", "黄芪", "白术", "蒙脱石散", "甘油三酯", "单胎顺产", "方便门诊", "全科", "农民", "常规", "管理员",
        "H34062100001", "F250300000001", "00025030000029", "340621105217", "001102000010000-110200001", "2025-03-01 08:00:00",
        "A10BAE046A001010303456", "I10.x00x002", "202503010000000123", "6901234567892", "0.9%氯化钠", "70/110", "4008008820", "卫健评〔2024〕1号",
    ],
)  # fmt: skip
def test_ordinary_words_and_numbers_are_left_alone(text: str) -> None:
    values = pa.array([text])
    assert (holds_number(values, key=True)[0].as_py(), holds_name(values)[0].as_py()) == (False, False)
    assert shown_text(text) == text


def test_names_of_files_are_covered_and_stay_apart() -> None:
    first, second = (shown_name(f"H1/2025-03/{who}_门诊明细.csv") for who in ("王秀英", "李建华"))
    assert first != second and first.endswith("_门诊明细.csv") and "王秀英" not in first
    assert shown_name("H1/2025-03/门诊明细_202503.csv") == "H1/2025-03/门诊明细_202503.csv"


@given(
    st.lists(
        st.sampled_from([*"019 -x·１", "\n", "13800138000", "110101199003071233", "0564-5312345"]), max_size=9
    )
)
def test_one_text_is_covered_as_a_column_is(parts: list[str]) -> None:
    text = "".join(parts)
    column = narrow(pa.array([text]))
    found = holds_number(column, key=False)[0].as_py()
    assert shown_numbers(text) == (without_numbers(column)[0].as_py() if found else text)
