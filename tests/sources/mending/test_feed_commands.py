"""The commands around a delivery, as a person uses them: exit codes, and what is printed without any release."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from sources.base.home import Home
from sources.county.county import County
from sources.ingest import ingest_feed
from tests.sources.making import MONTH, TOWNSHIP, deliver, visit, visits, with_mapping

FEES = """\
  his_fee_detail:
    file: "{institution}/{month}/FY*.csv"
    columns:
      org_code: {const: "{institution}"}
      fee_id: LSH
      visit_type: {const: "1"}
      visit_id: {const: Z1}
      fee_time: {const: "2025-03-01"}
      charge_time: {const: "2025-03-01"}
      item_code: {const: X}
      item_name: {const: 血常规}
      item_type: {const: "04"}
      qty: {const: "1"}
      price: JE
      amount: JE
      status: ZT
"""


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def invoke(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def real(county: County) -> Path:
    """The county, no longer a simulated one: it needs a secret of its own."""
    path = county.folder / "county.yml"
    path.write_text(path.read_text("utf-8").replace("simulated: true", "simulated: false"), "utf-8")
    return county.folder


def test_a_missing_secret_is_said_early_and_once(county: County, home: Home, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("YIGONGTI_PSEUDONYM_KEY", raising=False)
    folder = real(county)
    code, said = invoke("county", "check", folder)
    assert code == 0 and said.count("提醒 note") == 1 and "没有问题" in said
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1)))
    code, said = invoke("run", "--county", folder, "--home", home.root, "--month", MONTH)
    assert code == 2 and said.count("环境变量 YIGONGTI_PSEUDONYM_KEY") == 1 and ":0:" not in said


def test_batches_reconcile_rows_and_yuan_without_a_release(county: County, home: Home) -> None:
    county = with_mapping(county, FEES)
    lines = ["LSH,JE,ZT", "F1,1.50,1", "F1,1.50,1", "F2,2.25,1", "F3,4.00,坏"]
    deliver(county, f"{TOWNSHIP}/{MONTH}/FY.csv", "\n".join(lines) + "\n")
    deliver(county, f"{TOWNSHIP}/{MONTH}/FY_2.csv", "LSH,JE\nF9,1\n")
    home.landing.mkdir(parents=True)
    none_yet = invoke("feed", "batches", "--county", county.folder, "--home", home.root)
    assert "nothing has been taken in" in none_yet[1]
    ingest_feed(county, home, "his_fee_detail", [MONTH])
    code, said = invoke("feed", "batches", "--county", county.folder, "--home", home.root, "--month", MONTH)
    numbers = [[cell.strip() for cell in row.split("│")[2:6]] for row in said.splitlines() if "│" in row]
    assert code == 0 and ["4", "2", "1", "1"] in numbers and ["9.25", "3.75", "4.00", "1.50"] in numbers
    assert "refused" in said and "[MISSING_COLUMN]" in said
    elsewhere = invoke(
        "feed", "batches", "--county", county.folder, "--home", home.root, "--month", "2025-02"
    )
    assert "nothing has been taken in" in elsewhere[1]


def test_emptied_codes_are_said_by_check_quarantine_and_replay(county: County, home: Home) -> None:
    folder, vendor = county.folder, county.folder / "mappings" / "vendor.yml"
    header = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH"
    deliver(county, f"{TOWNSHIP}/{MONTH}/HZ_202503.csv", f"{header}\n01,P1,王小明,01,,她,1980-01-01,01,,\n")
    code, said = invoke("feed", "check", folder, TOWNSHIP)
    last = said.splitlines()[-1]
    assert code == 1 and "CODE_NULLED" in last and "his_patient" in last and "HZ_202503.csv" in last
    ingest_feed(county, home, "his_patient", [MONTH])
    place = ("--county", folder, "--home", home.root)
    assert "她: ?   # 1 行 rows" in invoke("feed", "quarantine", *place)[1]
    vendor.write_text(vendor.read_text("utf-8").replace("男: 1, 女: 2,", "男: 1, 女: 2, 她: 2,"), "utf-8")
    code, said = invoke("feed", "replay", *place)
    assert code == 0 and "codes that came back: 1 个值 values;仍置空 still emptied: 0" in said


MARKUP = "[/]x[red]y[/red][link=z]:smile:"


def test_square_brackets_of_names_are_text_and_no_command(county: County, home: Home) -> None:
    """Names of files, sheets, headers and of the county come from outside: each command shows them as they stand."""
    settings = county.folder / "county.yml"
    settings.write_text(
        settings.read_text("utf-8")
        .replace("name: 测试县", f'name: "县{MARKUP}"')
        .replace("name: 镇卫生院", f'name: "镇{MARKUP}"'),
        "utf-8",
    )
    text = visits(visit(1), visit(2, ZT="[/]")).replace("CZBZ", f"CZBZ,{MARKUP}", 1)
    lines = [f"{line},{MARKUP}" if number else line for number, line in enumerate(text.splitlines())]
    name = "MZJZ_202503[red]y[link=z].csv"
    deliver(county, f"{TOWNSHIP}/{MONTH}/{name}", "\n".join(lines) + "\n")
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503[bold].csv", "nothing that is read\n")
    deliver(county, f"{TOWNSHIP}/{MONTH}/nobody[/]claims.csv", "a,b\n1,2\n")
    ingest_feed(county, home, "his_op_visit", [MONTH])
    place = ("--county", county.folder, "--home", home.root)
    for words in (
        ("feed", "check", county.folder, TOWNSHIP),
        ("feed", "batches", *place),
        ("feed", "quarantine", *place),
        ("feed", "history", "his_op_visit", "visit_id=MZ000001", *place),
        ("feed", "draft", county.folder, TOWNSHIP, county.inbox / TOWNSHIP / MONTH / name),
        ("county", "check", county.folder),
    ):
        _, said = invoke(*words)
        assert "\\[" not in said, words
        if words[:2] in (("feed", "check"), ("feed", "batches"), ("feed", "history")):
            assert "[red]" in said, words
