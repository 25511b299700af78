"""What people see."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from orchestration.console import Display, notice, scoreboard, some, stage_seconds
from orchestration.progress import Report

HOSPITAL = {
    "month": "2025-03", "institution_id": "H1", "institution_name": "县医院", "institution_tier": "county_lead",
    "peer_group": "county_lead", "score": 91.5, "coverage_pct": 100.0, "rank_in_peer_group": None, "peers": 1,
    "pay_coefficient": 1.015, "status": "valid",
}  # fmt: skip


@pytest.fixture
def console() -> Console:
    return Console(record=True, width=160, force_terminal=False)


def test_the_scoreboard_shows_one_month_and_marks_the_assumption(tmp_path: Path, console: Console):
    clinic = HOSPITAL | {
        "institution_id": "H2", "institution_name": "卫生院", "institution_tier": "township", "score": None,
        "rank_in_peer_group": None, "pay_coefficient": None, "coverage_pct": 40.0, "status": "below_minimum",
    }  # fmt: skip
    ranked = HOSPITAL | {"institution_id": "H3", "institution_name": "第三", "institution_tier": "township",
                         "rank_in_peer_group": 2, "peers": 6, "score": 80.0, "pay_coefficient": 0.0,
                         "vetoed_by": "falsified_data"}  # fmt: skip
    earlier = HOSPITAL | {"month": "2025-02", "institution_name": "上月"}
    pq.write_table(
        pa.Table.from_pylist([ranked, clinic, HOSPITAL, earlier]), tmp_path / "mart_institution_score.parquet"
    )
    console.print(scoreboard(tmp_path, "2025-03"))
    text = console.export_text()
    assert "假设" in text
    assert "上月" not in text
    assert text.index("县医院") < text.index("第三") < text.index("卫生院")
    assert "91.50" in text and "1.015" in text and "2/6" in text
    assert "0.000 〔否决 veto〕" in text and text.count("veto") == 1
    assert "覆盖率或有效指标不足" in text
    assert "None" not in text


def test_a_stage_is_one_line_with_its_counts(console: Console):
    ticks = iter([0.0, 2.5, 2.5, 4.0])
    display = Display(console, clock=lambda: next(ticks))
    display.tell(Report("extract+conform", "his_rx", rows=1000))
    display.tell(Report("extract+conform", "his_slot", rows=234))
    display.tell(Report("dbt", "stg_his_rx", done=1, total=2))
    display.close()
    extract, dbt = console.export_text().splitlines()
    assert "2.5 s" in extract and "1,234" in extract and "his_rx, his_slot" in extract
    assert "1.5 s" in dbt


def test_long_lists_are_cut_and_counted():
    assert list(some(["a", "b"], shown=2)) == ["a", "b"]
    assert list(some(["a", "b", "c"], shown=2))[2].endswith("1 more")


def test_no_lines_no_heading(console: Console):
    notice(console, "heading", [])
    assert console.export_text() == ""


def test_seconds_name_every_stage():
    line = stage_seconds({"start-up": 3.0, "dbt": 4.0, "total": 7.0})
    assert "7.0 s" in line and "dbt 4.0" in line
