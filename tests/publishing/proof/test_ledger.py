"""The ledger grows by lines, each once; what was cut off while it was written never counted; changes of policy are entered."""

from __future__ import annotations

from orchestration.publishing.proof import enter, head, ledger
from tests.publishing.proof.conftest import NOW


def kinds(home) -> list[str]:
    return [entry["kind"] for entry in ledger.read(home).entries]


def test_a_release_is_entered_once(publish, county, home) -> None:
    release = publish("2025-03.1")
    enter.enter(home, release, county.signer, now=NOW)
    assert kinds(home) == ["release"]
    (entry,) = ledger.read(home).entries
    assert entry["who"] and entry["when"] == "2025-04-01T00:00:00+00:00" and entry["why"]


def test_a_line_that_was_cut_off_is_written_anew(publish, home) -> None:
    publish("2025-03.1")
    path = home.root / ledger.FILE
    path.write_bytes(path.read_bytes() + b'{"number":1,"kind":"rel')
    publish("2025-03.2")
    assert kinds(home) == ["release", "release"] and ledger.broken_at(ledger.read(home)) is None


def test_what_changed_since_the_release_before_is_entered(publish, home) -> None:
    inputs = {"county": {"region_code": "340621"}, "batches": []}
    publish("2025-03.1", inputs={**inputs, "policy": {"kpi_target": "1", "waiver": "1"}})
    publish(
        "2025-03.2",
        inputs={**inputs, "policy": {"kpi_target": "2", "waiver": "2"}},
        approved_months={"2025-01": "2025-03.1"},
    )
    publish(
        "2025-03.3",
        inputs={**inputs, "policy": {"kpi_target": "2", "waiver": "2"}},
        approved_months={"2025-01": "2025-03.1"},
    )
    assert kinds(home) == ["waiver", "release", "approval", "policy", "waiver", "release", "release"]
    subject = ledger.read(home).entries[3]["subject"]
    assert subject == {"table": "kpi_target", "before": "1", "after": "2"}


def test_the_head_is_four_lines_and_a_blank_one(publish, county, home) -> None:
    publish("2025-03.1")
    lines = (home.root / head.FILE).read_text("utf-8").split("\n")
    assert (
        lines[:2] == ["yigongti/340621", "1"] and lines[3] == "" and lines[4].startswith("— yigongti/340621 ")
    )
    assert lines[5:] == [""]
    read = head.read("\n".join(lines))
    assert read.checkpoint == ledger.read(home).checkpoint() and read.is_signed_by(county.key)
