"""The public excerpt of a release: small figures hidden in every file, the rest as published, same bytes every time."""

from __future__ import annotations

import csv
import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.publishing import manifest
from orchestration.publishing.excerpt import FILES, ExcerptError, _period, write_excerpt
from sources.base.terms import WINDOWS
from tests.publishing.conftest import LEAD, TOWN, Workshop

COUNTY = ""


def rows(folder: Path, name: str, month: str = "2025-01") -> dict[str, dict[str, str]]:
    """{institution: row} of one month."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["institution_id"]: row for row in csv.DictReader(file) if row["month"] == month}


def said(workshop: Workshop, *exempt: str, since: str = "2015-01-01") -> None:
    """The county's policy of small cells."""
    first = dt.date.fromisoformat(since)
    given = {
        "parameter": "small_cell_minimum",
        "value": Decimal(5),
        "effective_from": first,
        "effective_to": None,
    }
    sets = [
        {"code_set": "counts_no_person", "code": kpi, "effective_from": first, "effective_to": None}
        for kpi in exempt
    ]
    for table, content in (("kpi_parameter", [given]), ("kpi_code_set", sets)):
        if content:
            pq.write_table(pa.Table.from_pylist(content), workshop.home.policy / f"{table}.parquet")


@pytest.fixture
def small(workshop: Workshop) -> Workshop:
    """In January the hospital has 9 events, the township 2."""
    workshop.events = {("2025-01", LEAD): 9, ("2025-01", TOWN): 2}
    said(workshop)
    return workshop


def test_nothing_small_is_as_published_with_the_sum_of_the_county(workshop: Workshop, tmp_path: Path) -> None:
    workshop.events = {("2025-01", LEAD): 9, ("2025-01", TOWN): 7}
    said(workshop)
    workshop.publish("2025-01")
    written = write_excerpt(workshop.home, None, tmp_path / "public")
    values = rows(tmp_path / "public", "kpi_value")
    assert {who: (row["numerator"], row["denominator"], row["value"]) for who, row in values.items()} == {
        LEAD: ("18", "9", "2"), TOWN: ("14", "7", "2"), COUNTY: ("32", "16", "2"),
    }  # fmt: skip
    assert set(written.hidden.values()) == {0}
    assert rows(tmp_path / "public", "institution_score")[LEAD]["score"] == "100"


def test_a_small_figure_and_what_gives_it_back_are_hidden_in_every_file(
    small: Workshop, tmp_path: Path
) -> None:
    small.publish("2025-01")
    write_excerpt(small.home, "2025-01.1", tmp_path / "public")
    values = rows(tmp_path / "public", "kpi_value")
    for who in (LEAD, TOWN):
        assert values[who]["status"] == "suppressed"
        assert not any(
            values[who][name] for name in ("numerator", "denominator", "sample_size", "value", "score")
        )
        assert rows(tmp_path / "public", "indicator_score")[who]["status"] == "suppressed"
        assert rows(tmp_path / "public", "indicator_score")[who]["score"] == ""
        # One indicator is the whole card: its total is its score.
        assert rows(tmp_path / "public", "institution_score")[who]["score"] == ""
    assert values[COUNTY]["denominator"] == "11"


def test_what_counts_no_person_is_shown(small: Workshop, tmp_path: Path) -> None:
    said(small, "KPI-010")
    small.publish("2025-01")
    write_excerpt(small.home, None, tmp_path / "public")
    assert rows(tmp_path / "public", "kpi_value")[TOWN]["denominator"] == "2"


def test_what_is_not_mature_is_no_figure_yet(small: Workshop, tmp_path: Path) -> None:
    small.immature = {"2025-01"}
    small.publish("2025-01")
    write_excerpt(small.home, None, tmp_path / "public")
    values = rows(tmp_path / "public", "kpi_value")
    assert set(values) == {LEAD, TOWN}
    assert {(row["status"], row["numerator"], row["sample_size"]) for row in values.values()} == {
        ("immature", "", "")
    }


def test_it_holds_no_lines_files_or_pay_and_is_sealed(small: Workshop, tmp_path: Path) -> None:
    small.publish("2025-01")
    for name in ("one", "two"):
        write_excerpt(small.home, None, tmp_path / name)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two")
    )
    assert one == two
    assert set(one) == {*(f"{name}.csv" for name in FILES), "README.md", manifest.FILE, manifest.OWN_HASH}
    text = b"".join(one.values()).decode()
    assert "pay_coefficient" not in text and "ZY.csv" not in text
    found = manifest.require_intact(tmp_path / "one")
    assert found["release_manifest"] == manifest.sha256(small.home.current / manifest.FILE)
    assert json.dumps(found["small_cell_minimum"]) == '{"2025-01": 5}'


def test_every_column_is_described(small: Workshop, tmp_path: Path) -> None:
    small.publish("2025-01")
    write_excerpt(small.home, None, tmp_path / "public")
    text = (tmp_path / "public" / "README.md").read_text("utf-8")
    for _, columns in FILES.values():
        assert all(f"\n| {column} |" in text for column in columns)


def test_nothing_is_written_over(small: Workshop, tmp_path: Path) -> None:
    small.publish("2025-01")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("x")
    with pytest.raises(ExcerptError, match="letters"):
        write_excerpt(small.home, None, tmp_path / "letters")


@pytest.mark.parametrize("since", [None, "2025-02-01"])
def test_without_a_policy_nothing_is_called_small_or_not(
    workshop: Workshop, tmp_path: Path, since: str | None
) -> None:
    if since:
        said(workshop, since=since)
    workshop.publish("2025-01")
    with pytest.raises(ExcerptError, match="2025-01 有效的 small_cell_minimum"):
        write_excerpt(workshop.home, None, tmp_path / "public")
    assert list(tmp_path.glob("*public*")) == []


def test_a_release_that_was_altered_is_not_shown(small: Workshop, tmp_path: Path) -> None:
    small.publish("2025-01")
    with (small.home.current / "marts" / "dim_kpi.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(manifest.NotIntactError, match=r"dim_kpi\.parquet"):
        write_excerpt(small.home, None, tmp_path / "public")


def test_every_window_that_grows_from_month_to_month_is_a_period() -> None:
    """Else two months of it would give back the small figure of one."""
    kpi = {"aggregation": "sum", "denominator_aggregation": "sum"}
    first = {w: _period("2025-08", {**kpi, "scoring_window": w}) for w in WINDOWS}
    second = {w: _period("2025-09", {**kpi, "scoring_window": w}) for w in WINDOWS}
    assert {w for w in WINDOWS if first[w] is not None and first[w] == second[w]} == {
        "quarter",
        "half_year",
        "ytd",
    }
    assert _period("2025-06", {**kpi, "scoring_window": "half_year"}) != first["half_year"]
