"""A contract cannot change without its version saying so, and old conformed rows are not mixed with new ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.contracts import versions as contract_versions
from sources.contracts.load import load_contracts
from sources.contracts.outdated import (
    Outdated,
    OutdatedConformedError,
    find_outdated,
    refuse_outdated,
)
from sources.contracts.versions import accepted_text, judge, main, read_accepted, today

FEED = "his_op_visit"
TODAY = replace(today()[FEED], version="2.0.0")
WITHOUT_TEST_FLAG = replace(
    TODAY, columns={name: column for name, column in TODAY.columns.items() if name != "test_flag"}
)


def test_the_accepted_shapes_are_those_of_the_contracts() -> None:
    assert contract_versions.ACCEPTED.read_text(encoding="utf-8") == accepted_text(today()), (
        "run: make generated"
    )


def test_what_is_kept_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "accepted.json"
    path.write_text(accepted_text(today()), encoding="utf-8")
    assert read_accepted(path) == today()
    assert judge(read_accepted(path), today()) == []


@pytest.mark.parametrize(
    ("version", "is_fit"), [(TODAY.version, False), ("2.9.0", False), ("3.0.0", True), ("1.0.0", False)]
)
def test_an_incompatible_change_needs_the_next_major_version(version: str, is_fit: bool) -> None:
    [verdict] = judge({FEED: TODAY}, {FEED: replace(WITHOUT_TEST_FLAG, version=version)})
    assert (verdict.problem is None) == is_fit
    report = "\n".join(verdict.lines())
    assert "test_flag" in report and "不兼容 breaking" in report and "column removed" in report
    assert ("3.0.0 / the version must be at least 3.0.0" in report) != is_fit


def test_a_new_column_needs_the_next_minor_version() -> None:
    [verdict] = judge({FEED: WITHOUT_TEST_FLAG}, {FEED: TODAY})
    assert "2.1.0" in verdict.problem


def test_a_version_may_not_go_back() -> None:
    [verdict] = judge({FEED: TODAY}, {FEED: replace(TODAY, version="1.9.9")})
    assert verdict.problem is not None


def test_a_new_feed_is_free_and_one_that_goes_must_have_been_announced() -> None:
    [new] = judge({}, {FEED: TODAY})
    assert new.problem is None
    [gone] = judge({FEED: TODAY}, {})
    assert "deprecated" in gone.problem
    announced = replace(TODAY, feed={**TODAY.feed, "status": "deprecated"})
    [gone] = judge({FEED: announced}, {})
    assert gone.problem is None


def test_the_command_reports_refuses_and_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accepted = tmp_path / "accepted.json"
    monkeypatch.setattr(contract_versions, "ACCEPTED", accepted)
    before = {**today(), FEED: replace(WITHOUT_TEST_FLAG, version=today()[FEED].version)}
    accepted.write_text(accepted_text(before), encoding="utf-8")
    assert main(["--accept"]) == 1
    assert read_accepted(accepted) == before, "what is unfit is not kept"
    told = capsys.readouterr()
    assert "test_flag" in told.out and FEED in told.err
    accepted.write_text(
        accepted_text({**today(), FEED: replace(WITHOUT_TEST_FLAG, version="1.0.0")}), encoding="utf-8"
    )
    assert main(["--accept"]) == 0
    assert read_accepted(accepted) == today()
    assert main([]) == 0
    assert main(["--nonsense"]) == 2


def conformed(home: Home, feed: str, month: str, version: str) -> None:
    schema = load_contracts()[feed].arrow_schema()
    rows = schema.with_metadata({**schema.metadata, b"contract_version": version.encode()}).empty_table()
    write_parquet(home.conformed_batch(feed, "H34062100001", month, f"b-{month}"), rows)


def test_batches_of_a_broken_contract_are_to_be_replayed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert find_outdated(home) == []
    today_version = load_contracts()[FEED].version
    major, minor, patch = map(int, today_version.split("."))
    conformed(home, FEED, "2025-01", f"{major - 1}.7.0")
    conformed(home, FEED, "2025-02", f"{major - 1}.7.0")
    conformed(home, FEED, "2025-03", f"{major}.{minor + 1}.{patch}")
    conformed(home, "his_rx", "2025-01", load_contracts()["his_rx"].version)
    write_parquet(
        home.conformed_schema(FEED),
        pa.table({"x": [1]}).replace_schema_metadata({"contract_version": "0.1.0"}),
    )
    assert find_outdated(home) == [
        Outdated(FEED, f"{major - 1}.7.0", today_version, ("2025-01", "2025-02"), 2)
    ]
    with pytest.raises(OutdatedConformedError, match=f"yigongti feed replay --feed {FEED}"):
        refuse_outdated(home)


def test_batches_of_today_are_let_through(tmp_path: Path) -> None:
    home = Home(tmp_path)
    conformed(home, FEED, "2025-01", load_contracts()[FEED].version)
    refuse_outdated(home)
