"""Quarantined rows are grouped by cause, mended at once by a mapping change, moved by a replay, and always accounted for."""

from __future__ import annotations

from pathlib import Path

from python_calamine import CalamineWorkbook

from sources.base.home import Home
from sources.county.county import DEMONSTRATION_KEY, County
from sources.ingest import ingest_feed, replay
from sources.mending.emptied import emptied_code_counts, emptied_codes
from sources.mending.quarantine import (
    Narrowing,
    dictionary_lines,
    emptied_groups,
    quarantine_groups,
    quarantined_lines,
    quarantined_total,
)
from sources.mending.quarantine_workbook import write_quarantine
from tests.sources.making import MONTH, TOWNSHIP, conformed, deliver, visit, visits, with_mapping

FEES = """\
  his_fee_detail:
    file: "{institution}/{month}/FY.csv"
    columns:
      org_code: {const: "{institution}"}
      fee_id: LSH
      visit_type: {from: LB, dictionary: kind}
      visit_id: {const: Z1}
      fee_time: {const: "2025-03-01"}
      charge_time: {const: "2025-03-01"}
      item_code: {const: X}
      item_name: {const: 血常规}
      item_type: {const: "04"}
      qty: {const: "1"}
      price: JE
      amount: JE
      status: {const: "1"}
"""
LINES = [
    "LSH,LB,JE",
    *(f"F{n},{'家床' if n % 3 else '门诊'},{n}.50" for n in range(1, 10)),
    "F10,体检,x",
    "F11,王小明,1",
]


def fees(county: County, codes: str) -> County:
    county = with_mapping(county, FEES, f"dictionaries:\n  kind: {codes}\n")
    deliver(county, f"{TOWNSHIP}/{MONTH}/FY.csv", "\n".join(LINES) + "\n")
    return county


def test_a_thousand_rows_are_one_cause(county: County, home: Home) -> None:
    county = fees(county, "{门诊: 1}")
    ingest_feed(county, home, "his_fee_detail", [MONTH])
    groups = quarantine_groups(home, Narrowing())
    first = groups[0]
    assert (first.rule_id, first.column_name, first.shown, first.rows) == (
        "VALUE_NOT_IN_SET",
        "visit_type",
        "家床",
        6,
    )
    assert (first.fen, first.months) == (3000, MONTH)
    assert (first.first_file, first.first_line) == (f"{TOWNSHIP}/{MONTH}/FY.csv", 2)
    shown = {group.shown for group in groups}
    assert "字字字" in shown and "王小明" not in shown, "a name in a code column stays a shape"
    assert quarantined_total(home, Narrowing()) == (8, 3100), "a row with two faults counts once"
    assert len(list(quarantined_lines(home, Narrowing()))) == 10


def test_the_lines_that_mend_a_dictionary(county: County, home: Home) -> None:
    county = fees(county, "{门诊: 1}")
    ingest_feed(county, home, "his_fee_detail", [MONTH])
    lines = dictionary_lines(county, quarantine_groups(home, Narrowing()))["mappings/own.yml"]
    assert lines[:2] == ["dictionaries:", "  kind:   # 列 visit_type: {from: …, dictionary: kind}"]
    assert "    家床: ?   # 6 行 rows;1门诊2住院" in lines
    assert not any("王" in line for line in lines)


def test_a_replay_moves_what_the_mapping_mends(county: County, home: Home) -> None:
    county = fees(county, "{门诊: 1}")
    (before,) = ingest_feed(county, home, "his_fee_detail", [MONTH])
    county = fees(county, "{门诊: 1, 家床: 2}")
    (after,) = replay(county, home, feed="his_fee_detail")
    assert (before.accepted_rows, before.quarantined_rows, before.quarantined_fen) == (3, 8, 3100)
    assert (after.accepted_rows, after.quarantined_rows, after.quarantined_fen) == (9, 2, 100)
    assert after.delivered_rows == before.delivered_rows and after.delivered_fen == before.delivered_fen
    assert len(conformed(home, "his_fee_detail")) == 9
    assert after.first_landed_at == before.first_landed_at, (
        "known since it was delivered, not since it was mended"
    )


def test_narrowing_and_what_was_emptied(county: County, home: Home) -> None:
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1, LGXS="x"), visit(2, ZT="9")))
    ingest_feed(county, home, "his_op_visit", [MONTH])
    assert quarantine_groups(home, Narrowing(feed="his_ip_stay")) == []
    assert quarantine_groups(home, Narrowing(institution="H34062100001")) == []
    (group,) = quarantine_groups(home, Narrowing("his_op_visit", TOWNSHIP, MONTH))
    assert (group.rule_id, group.shown) == ("VALUE_NOT_IN_SET", "9")
    (emptied,) = emptied_groups(home, Narrowing())
    assert (emptied.rule_id, emptied.column_name, emptied.rows) == ("VALUE_NULLED", "obs_hours", 1)


def test_nothing_is_quarantined_in_an_empty_home(home: Home) -> None:
    assert quarantine_groups(home, Narrowing()) == emptied_groups(home, Narrowing()) == []
    assert quarantined_total(home, Narrowing()) == (0, 0)


def test_the_workbook_holds_causes_lines_and_questions(county: County, home: Home, tmp_path: Path) -> None:
    county = fees(county, "{门诊: 1}")
    ingest_feed(county, home, "his_fee_detail", [MONTH])
    groups = quarantine_groups(home, Narrowing())
    for name in ("a.xlsx", "b.xlsx"):
        lines = quarantined_lines(home, Narrowing())
        write_quarantine(tmp_path / name, groups, lines, dictionary_lines(county, groups), groups[:1])
    book = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    causes, rows, emptied, questions = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    assert causes[1][2:7] == ["VALUE_NOT_IN_SET", "visit_type", "家床", 6, 30]
    assert emptied[1] == causes[1] and len(emptied) == 2
    assert len(rows) == 11 and rows[1][4] == 2
    assert ["# mappings/own.yml"] in questions
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


STAYS = """\
  his_ip_stay:
    file: "{institution}/{month}/ZYDJ.csv"
    columns:
      org_code: {const: "{institution}"}
      visit_id: LSH
      patient_id: {const: P1}
      admit_time: {const: "2025-03-01 08:00:00"}
      admit_dept: {const: "01"}
      discharge_way: {from: LYFS, dictionary: way}
      status: {const: "1"}
"""


def test_emptied_codes_are_listed_and_come_back_with_the_dictionary(county: County, home: Home) -> None:
    county = with_mapping(county, STAYS, "dictionaries:\n  way: {治愈: 1}\n")
    ways = ["治愈", "自动出院", "自动出院", "王小明"]
    rows = "\n".join(f"Z{n},{way}" for n, way in enumerate(ways))
    deliver(county, f"{TOWNSHIP}/{MONTH}/ZYDJ.csv", f"LSH,LYFS\n{rows}\n")
    (taken,) = ingest_feed(county, home, "his_ip_stay", [MONTH])
    assert (taken.accepted_rows, taken.quarantined_rows) == (4, 0)
    groups = emptied_codes(county, home, Narrowing(), DEMONSTRATION_KEY)
    assert [(g.column_name, g.shown, g.rows, g.first_line) for g in groups] == [
        ("discharge_way", "自动出院", 2, 3),
        ("discharge_way", "字字字", 1, 5),
    ], "a name in a code column stays a shape"
    assert emptied_codes(county, home, Narrowing(feed="his_patient"), DEMONSTRATION_KEY) == []
    (line,) = [each for each in dictionary_lines(county, groups)["mappings/own.yml"] if "?" in each]
    assert line.startswith("    自动出院: ?   # 2 行 rows")
    county = with_mapping(county, STAYS, "dictionaries:\n  way: {治愈: 1, 自动出院: 4}\n")
    before = emptied_code_counts(home, Narrowing())
    replay(county, home, feed="his_ip_stay")
    assert (before, emptied_code_counts(home, Narrowing())) == ({taken.batch_id: 3}, {taken.batch_id: 1})
    assert [row["discharge_way"] for row in conformed(home, "his_ip_stay")] == ["1", "4", "4", None]
