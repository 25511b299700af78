"""A gate's verdict as Dagster shows it."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from expectations.result import frame
from orchestration.checks import headline, months_taken_in, of_extent, verdict
from orchestration.partitions import Extent
from orchestration.translator import feed_key
from sources.base.home import Home


def row(**changes: object) -> dict[str, object]:
    usual = {
        "check_id": "feed.his_rx.quarantined", "gate": "feed", "subject": "his_rx", "institution_id": "H1",
        "month": "2025-01", "kahn_category": "conformance", "severity": "critical", "violated": 5, "total": 10,
        "threshold_pct": 1.0, "outcome": "fail", "message_zh": "隔离过多", "message_en": "too many",
    }  # fmt: skip
    return usual | changes


@pytest.mark.parametrize(
    ("severity", "outcome", "passed"),
    [
        ("critical", "pass", True),
        ("critical", "waived", True),
        ("critical", "not_applicable", True),
        ("warning", "warn", True),
        ("critical", "fail", False),
        ("critical", "error", False),
    ],
)
def test_only_critical_failures_stop(severity: str, outcome: str, passed: bool):
    rows = frame([row(severity=severity, outcome=outcome), row(outcome="pass")])
    assert verdict(rows, feed_key("his_rx"), "feed_gate").passed is passed


def test_the_verdict_names_the_finding():
    found = verdict(frame([row(), row(outcome="pass", institution_id=None)]), feed_key("his_rx"), "feed_gate")
    assert found.description == "隔离过多"
    assert found.metadata["fail"].value == 1
    (record,) = found.metadata["findings"].records
    assert record.data["institution_id"] == "H1"
    assert record.data["violated"] == 5


def test_no_rows_pass():
    assert verdict(frame([]), feed_key("his_rx"), "feed_gate").passed


def test_the_headline_counts_the_rest():
    assert headline([]) == "通过 / passed"
    assert headline(["甲", "乙", "丙"]).startswith("甲 ")
    assert "2" in headline(["甲", "乙", "丙"])


def test_one_hospital_is_not_judged_for_another():
    rows = frame([row(), row(institution_id="H2"), row(institution_id=None)])
    assert sorted(of_extent(rows, Extent(("2025-01",), ("H1",))).institution_id.fillna("-")) == ["-", "H1"]
    assert len(of_extent(rows, Extent(("2025-01",)))) == 3


def test_months_taken_in_are_read_from_the_folders(tmp_path: Path):
    home = Home(tmp_path)
    for institution, month in (("H1", "2025-02"), ("H2", "2025-01"), ("none", "0000-00")):
        (home.conformed / "his_rx" / f"institution_id={institution}" / f"month={month}").mkdir(parents=True)
    assert months_taken_in(SimpleNamespace(home=home)) == ["2025-01", "2025-02"]
