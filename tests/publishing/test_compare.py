"""Releases side by side: what changed, and what made it change."""

from __future__ import annotations

import pytest

from orchestration.publishing.compare import (
    HistoryError,
    causes,
    compare,
    diff,
    list_releases,
    list_text,
    show,
)
from tests.publishing.conftest import TOWN, Workshop


def test_diff_names_the_value_and_the_batch_behind_it(workshop: Workshop) -> None:
    old = workshop.publish("2025-01", "2025-02").path
    workshop.events["2025-01", TOWN] = 5
    workshop.batches["late"] = "2025-01"
    new = workshop.publish("2025-01").path

    changes = {change.mart: change for change in compare(old, new)}
    moved = changes["mart_kpi_value"].changed[("2025-01", "month", TOWN, "KPI-010")]
    assert {name: tuple(map(int, pair)) for name, pair in moved.items()} == {
        "numerator": (8, 10),
        "denominator": (4, 5),
        "sample_size": (4, 5),
    }
    assert list(changes["mart_kpi_value"].changed) == [("2025-01", "month", TOWN, "KPI-010")]
    assert [batch["batch_id"] for batch in causes(old, new).batches_added] == ["late"]

    text = diff(workshop.home, old.name, new.name)
    assert f"2025-01 month {TOWN} KPI-010: numerator 8.0000 → 10.0000" in text
    assert "ZY.csv" in text


def test_diff_names_policy_and_code(workshop: Workshop) -> None:
    old = workshop.publish("2025-01").path
    workshop.policy(61)
    new = workshop.publish("2025-01", code="other").path
    found = causes(old, new)
    assert found.code_changed
    assert found.policy == ["kpi_target"]
    assert "no published value changed" in diff(workshop.home, old.name, new.name)


def test_list_and_show(workshop: Workshop) -> None:
    assert "nothing has been published" in list_text(workshop.home)
    workshop.publish("2025-01")
    workshop.publish("2025-02")
    assert [(r.release_id, r.is_current, r.previous) for r in list_releases(workshop.home)] == [
        ("2025-01.1", False, None),
        ("2025-02.1", True, "2025-01.1"),
    ]
    assert list_text(workshop.home).splitlines()[1].startswith("* 2025-02.1")
    assert "marts/mart_kpi_value.parquet" in show(workshop.home)
    assert "2025-01.1" in show(workshop.home, "2025-01.1").splitlines()[0]


@pytest.mark.parametrize("name", ["2025-09.1", "../landing", "x"])
def test_unknown_release_says_which_there_are(workshop: Workshop, name: str) -> None:
    workshop.publish("2025-01")
    with pytest.raises(HistoryError, match=r"2025-01\.1"):
        show(workshop.home, name)
