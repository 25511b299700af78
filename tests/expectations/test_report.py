"""What people see of a gate: the page and the terminal say what is wrong, where, and what to do; results
survive a save.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.console import Console

from expectations.check import load_suite
from expectations.console import print_failures
from expectations.report import write_report
from expectations.result import GateResult, frame, load
from expectations.summary import summarise
from sources.base.terms import GATES

NAMES = {"H0": "县医院", "H1": "石桥镇卫生院"}


def row(check_id: str, outcome: str, **changes) -> dict:
    held = outcome == "pass"
    said = ("主键不重复<b>", "fine") if held else ("不符合:请重报", "Violated: deliver again")
    return {
        "check_id": check_id, "gate": "core", "subject": "t", "institution_id": "H1", "month": "2025-03", "batch_id": None,
        "kahn_category": "conformance", "severity": "critical", "violated": 0 if held else 3, "total": 10, "counts": "rows",
        "threshold_pct": 1.0, "tolerated": 0, "outcome": outcome, "message_zh": said[0], "message_en": said[1],
    } | changes  # fmt: skip


@pytest.fixture
def result() -> GateResult:
    rows = [
        row("core.t.good", "pass"),
        row("core.t.bad", "pass", institution_id="H0"),
        row("core.t.bad", "fail"),
        row("core.t.odd", "warn", severity="warning"),
        row("core.t.let", "waived"),
        row("core.t.county", "error", institution_id=None),
    ]
    return GateResult(
        "core", ("2025-03",), frame(rows), {"core.t.bad": [{"source_file": "x.csv", "source_line": 7}]}
    )


def test_only_critical_failures_and_errors_stop(result: GateResult) -> None:
    assert set(result.failures.check_id) == {"core.t.bad", "core.t.county"}
    assert result.failed
    assert not GateResult("core", ("2025-03",), frame([row("a", "warn", severity="warning")])).failed


def test_summary_is_worst_first_and_adds_up(result: GateResult) -> None:
    checks = summarise([result])
    assert [c.check_id.rsplit(".")[-1] for c in checks] == ["bad", "county", "odd", "let", "good"]
    assert (checks[0].violated, checks[0].total, checks[0].outcome) == (3, 20, "fail")
    assert [place["institution_id"] for place in checks[0].places] == ["H1"]


def test_a_saved_result_reads_back_equal(result: GateResult, tmp_path: Path) -> None:
    again = load(result.save(tmp_path))
    assert again.rows.equals(result.rows)
    assert (again.gate, again.months, again.examples) == (result.gate, result.months, result.examples)


def test_the_page_is_self_contained_and_says_what_to_do(result: GateResult, tmp_path: Path) -> None:
    page = write_report([result], tmp_path / "r.html", county="濉河县", name_of=NAMES.__getitem__).read_text(
        "utf-8"
    )
    assert "不能发布" in page
    assert "不符合:请重报" in page
    assert "石桥镇卫生院" in page and "x.csv" in page and "全县" in page
    assert page.index("core.t.bad") < page.index("core.t.odd") < page.index("core.t.let")
    assert "&lt;b&gt;" in page, "values are escaped"
    assert not re.search(r"https?:|//[a-z]|<script [^>]*src|<link|@import|url\(", page), (
        "nothing is loaded from elsewhere"
    )


def test_the_terminal_shows_failures_with_examples(result: GateResult, tmp_path: Path) -> None:
    console = Console(record=True, width=160, file=(tmp_path / "out").open("w", encoding="utf-8"))
    print_failures([result], console, tmp_path / "report.html")
    text = console.export_text()
    assert "core.t.bad" in text and "请重报" in text and "deliver again" in text and "x.csv · 7" in text
    assert "core.t.odd" not in text, "warnings are on the page"
    assert "report.html" in text


@pytest.mark.parametrize("gate", list(GATES))
def test_every_check_speaks_two_languages_and_leaves_no_placeholder(gate: str) -> None:
    later = {"{feed}", "{column}"} if gate in ("feed", "core") else set()
    for check in load_suite(gate):
        assert re.search(r"[\u4e00-\u9fff]", check.rule_zh + check.mend_zh), check.check_id
        assert not re.search(r"[\u4e00-\u9fff]", check.rule_en + check.mend_en), check.check_id
        texts = check.rule_zh + check.rule_en + check.mend_zh + check.mend_en
        allowed = later if check.violated else set()
        assert set(re.findall(r"\{\w+\}", texts)) <= allowed, check.check_id
