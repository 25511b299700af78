"""What a reader of the public excerpt of a county can work out by subtracting: no figure that is hidden."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.end_to_end.conftest import World, must

LEAST = 5
# Counts equipment: policy says counts_no_person.
EQUIPMENT = "KPI-003"


@pytest.fixture(scope="module")
def excerpt(messy: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("excerpt") / "public"
    text = must("release", "excerpt", "--home", messy.home, "--to", folder)
    assert "suppressed" in text
    return folder


def _read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_no_count_that_is_shown_is_small(excerpt: Path) -> None:
    shown = [row for row in _read(excerpt, "kpi_value") if row["denominator"] and row["kpi_id"] != EQUIPMENT]
    assert len(shown) > 100
    for row in shown:
        counts = [Decimal(row[name]) for name in ("numerator", "denominator", "sample_size")]
        assert not any(0 < abs(count) < LEAST for count in counts), row


def test_the_sum_of_the_county_gives_no_institution_back(excerpt: Path) -> None:
    """What is left of a sum when everything shown is taken away belongs to nobody alone, and is not small."""
    by_kpi = defaultdict(list)
    for row in _read(excerpt, "kpi_value"):
        by_kpi[row["month"], row["kpi_id"]].append(row)
    left = {}
    for place, rows in by_kpi.items():
        total = next((row for row in rows if not row["institution_id"] and row["denominator"]), None)
        hidden = [row for row in rows if row["institution_id"] and row["status"] == "suppressed"]
        if total is None or not hidden:
            continue
        for name in ("numerator", "denominator", "sample_size"):
            shown = sum(Decimal(row[name]) for row in rows if row["institution_id"] and row[name])
            left[*place, name] = (len(hidden), Decimal(total[name]) - shown)
    assert len(left) > 20
    alone = [place for place, (hidden, _) in left.items() if hidden < 2]
    small = [place for place, (_, rest) in left.items() if place[1] != EQUIPMENT and 0 < abs(rest) < LEAST]
    assert (alone, small) == ([], [])


def test_the_total_of_a_card_gives_no_score_back(messy: World, excerpt: Path) -> None:
    """Only scores that were in the total can be missing from it; the weights tell a reader which."""
    published = pq.read_table(messy.release / "marts" / "mart_indicator_score.parquet").to_pylist()
    scored = {
        (row["month"], row["institution_id"], row["kpi_id"]) for row in published if row["score"] is not None
    }
    totals = {
        (row["month"], row["institution_id"]): row["score"] for row in _read(excerpt, "institution_score")
    }
    hidden: dict[tuple[str, str], int] = defaultdict(int)
    for row in _read(excerpt, "indicator_score"):
        card = (row["month"], row["institution_id"])
        if row["status"] == "suppressed" and (*card, row["kpi_id"]) in scored:
            hidden[card] += 1
    assert hidden
    assert [card for card, number in hidden.items() if number == 1 and totals[card]] == []
