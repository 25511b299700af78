"""What a gate's check works on, and its verdict as Dagster shows it."""

from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest

from expectations.result import GateResult, frame
from orchestration.checks import months_taken_in, of_extent
from orchestration.partitions import Extent
from orchestration.translator import feed_key
from orchestration.verdicts import Shown, headline, verdict, verdicts_of_feeds
from sources.base.home import Home
from sources.county.county import County


def row(**changes: object) -> dict[str, object]:
    usual = {
        "check_id": "feed.his_rx.quarantined", "gate": "feed", "subject": "his_rx", "institution_id": "H1",
        "month": "2025-01", "batch_id": None, "counts": "rows", "tolerated": 0, "kahn_category": "conformance",
        "severity": "critical", "violated": 5, "total": 10,
        "threshold_pct": 1.0, "outcome": "fail", "message_zh": "隔离过多", "message_en": "too many",
    }  # fmt: skip
    return usual | changes


@pytest.mark.parametrize(
    ("severity", "outcome", "passed", "shown_as"),
    [
        ("critical", "pass", True, dg.AssetCheckSeverity.WARN),
        ("critical", "pass_with_violations", True, dg.AssetCheckSeverity.WARN),
        ("critical", "waived", True, dg.AssetCheckSeverity.WARN),
        ("critical", "not_applicable", True, dg.AssetCheckSeverity.WARN),
        ("warning", "warn", False, dg.AssetCheckSeverity.WARN),
        ("warning", "error", False, dg.AssetCheckSeverity.WARN),
        ("critical", "fail", False, dg.AssetCheckSeverity.ERROR),
        ("critical", "error", False, dg.AssetCheckSeverity.ERROR),
    ],
)
def test_critical_failures_are_errors_and_warnings_are_warnings(
    severity: str, outcome: str, passed: bool, shown_as: dg.AssetCheckSeverity
):
    """Dagster stops what lies downstream of a blocking check for an ERROR, never for a WARN."""
    rows = frame([row(severity=severity, outcome=outcome), row(outcome="pass")])
    found = verdict(rows, feed_key("his_rx"), "feed_gate")
    assert (found.passed, found.severity) == (passed, shown_as)


def shown(tmp_path: Path) -> Shown:
    line = {"source_file": "H1/2025-01/a.csv", "source_line": 7, "masked_value": "3***"}
    names = {"H1": "人民医院"}
    return Shown(names.__getitem__, {"feed.his_rx.quarantined": [line]}, tmp_path / "report.html")


def test_the_verdict_names_member_and_month_and_shows_lines_and_report(tmp_path: Path):
    rows = frame([row(), row(outcome="pass", institution_id=None)])
    found = verdict(rows, feed_key("his_rx"), "feed_gate", shown(tmp_path))
    assert found.description == "人民医院 2025-01: 隔离过多"
    assert (found.metadata["institutions"].value, found.metadata["months"].value) == ("人民医院", "2025-01")
    assert found.metadata["fail"].value == 1
    (finding,) = found.metadata["findings"].records
    assert (finding.data["institution"], finding.data["month"], finding.data["violated"]) == (
        "人民医院",
        "2025-01",
        5,
    )
    (line,) = found.metadata["failing_rows"].records
    assert (line.data["source_file"], line.data["source_line"]) == ("H1/2025-01/a.csv", 7)
    assert found.metadata["report"].value == str(tmp_path / "report.html")


def test_what_stops_is_shown_before_any_number_of_warnings():
    warnings = [row(severity="warning", outcome="warn", institution_id=f"A{each:02}") for each in range(30)]
    found = verdict(frame([*warnings, row(institution_id="Z")]), feed_key("his_rx"), "feed_gate")
    assert found.metadata["findings"].records[0].data["outcome"] == "fail"
    assert found.description.startswith("Z 2025-01")


def test_the_gate_over_everything_gives_every_feed_its_own_verdict(county: County):
    result = GateResult("feed", ("2025-01",), frame([row(), row(subject="his_bill", outcome="pass")]))
    found = verdicts_of_feeds([result], county, ["his_bill", "his_rx", "ph_ehr"])
    assert [(each.asset_key, each.passed) for each in found] == [
        (feed_key("his_bill"), True),
        (feed_key("his_rx"), False),
        (feed_key("ph_ehr"), True),
    ]


def test_no_rows_pass():
    assert verdict(frame([]), feed_key("his_rx"), "feed_gate").passed


def test_the_headline_counts_the_rest():
    assert headline([]) == "通过 / passed"
    assert headline(["甲", "乙", "丙"]).startswith("甲 ")
    assert "2" in headline(["甲", "乙", "丙"])


def test_one_hospital_is_not_judged_for_another():
    rows = frame([row(), row(institution_id="H2"), row(institution_id=None)])
    result = GateResult("feed", ("2025-01",), rows)
    asked = of_extent(result, Extent(("2025-01",), ("H1",)))
    assert sorted(asked.rows.institution_id.fillna("-")) == ["-", "H1"]
    assert len(of_extent(result, Extent(("2025-01",))).rows) == 3


def test_months_taken_in_are_read_from_the_folders(tmp_path: Path):
    home = Home(tmp_path)
    for institution, month in (("H1", "2025-02"), ("H2", "2025-01"), ("none", "0000-00")):
        (home.conformed / "his_rx" / f"institution_id={institution}" / f"month={month}").mkdir(parents=True)
    assert months_taken_in(SimpleNamespace(home=home)) == ["2025-01", "2025-02"]
