"""The simulator and conforming agree: nothing is rejected without defects, exactly the logged lines with them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources import ingest
from sources.county.county import County
from sources.onboarding.trial import check_delivery
from sources.simulator import simulate
from tests.end_to_end.conftest import END, World


def taken_in(home: Path) -> list[dict[str, Any]]:
    """What became of every batch of a home."""
    outcomes = str(home / "conformed" / "batch_outcome" / "*.parquet")
    return duckdb.execute("from read_parquet(?)", [outcomes]).to_arrow_table().to_pylist()


def logged(county: Path, disposition: str) -> list[dict[str, str]]:
    """Defects that should have come to that."""
    with (county / "truth" / "defect.csv").open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["disposition"] == disposition]
    assert found
    return found


def one_of_each_mapping(county: County) -> list[str]:
    """A deliverer for every mapping, sorted."""
    found = {delivery.mapping: delivery.institution for delivery in county.configuration.deliveries}
    assert len(found) >= 7
    return sorted(set(found.values()))


@pytest.mark.proof
def test_a_clean_county_conforms_without_a_single_rejection(world_of: Callable[[str], World]) -> None:
    clean = world_of("none")
    batches = taken_in(clean.home)
    assert {batch["status"] for batch in batches} == {"conformed"}
    assert sum(batch["quarantined_rows"] + batch["duplicate_rows"] for batch in batches) == 0
    assert sum(batch["delivered_rows"] for batch in batches) > 60_000
    assert ingest.unclaimed_files(County.load(clean.county)) == []


def test_the_files_of_a_clean_county_are_accepted_whole(tmp_path: Path) -> None:
    """The small version: files only, and nothing is built."""
    clean = County.load(
        simulate(tmp_path / "county", residents=500, months=1, end=END, seed=5, defects="none")
    )
    files = [file for one in one_of_each_mapping(clean) for file in check_delivery(clean, one, END).files]
    assert [file.refusal for file in files if file.refusal] == []
    accounts = [file.account for file in files]
    assert sum(account.quarantined_rows + account.duplicate_rows for account in accounts) == 0
    assert sum(account.delivered_rows for account in accounts) > 5_000
    assert ingest.unclaimed_files(clean) == []


def test_quarantine_holds_exactly_the_logged_lines(messy: World) -> None:
    assert {batch["status"] for batch in taken_in(messy.home)} == {"conformed"}
    found = duckdb.execute(
        "select distinct source_file, source_line, rule_id from read_parquet(?)",
        [str(messy.home / "quarantine" / "*" / "*" / "*" / "*.parquet")],
    ).fetchall()
    defects = logged(messy.county, "quarantined")
    assert set(found) == {(each["file"], int(each["line"]), each["gate_rule"]) for each in defects}


def test_duplicates_are_exactly_the_logged_ones(messy: World) -> None:
    found = sum(batch["duplicate_rows"] for batch in taken_in(messy.home))
    assert found == len(logged(messy.county, "duplicate"))


@pytest.mark.parametrize(
    "chosen", [one_of_each_mapping, pytest.param(lambda county: county.deliverers, marks=pytest.mark.proof)]
)
def test_feed_check_reads_every_delivery_and_expects_what_a_run_finds(
    messy: World, chosen: Callable[[County], list[str]]
) -> None:
    county, batches = County.load(messy.county), taken_in(messy.home)
    for deliverer in chosen(county):
        looked_at = {
            (file.feed, file.file): file.account.quarantined_rows
            for file in check_delivery(county, deliverer, END).files
        }
        ours = [batch for batch in batches if (batch["institution_id"], batch["month"]) == (deliverer, END)]
        expected = {(batch["feed"], batch["source_file"]): batch["quarantined_rows"] for batch in ours}
        assert looked_at == expected, deliverer
