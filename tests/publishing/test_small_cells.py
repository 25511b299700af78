"""Small figures stay hidden from somebody who subtracts: tried by linear algebra, which knows nothing of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.publishing.small_cells import COUNTY, Card, Counts, Key, Suppression, added

MONTHS, LEAST = ("2025-01", "2025-02", "2025-03"), 5
# MONTHLY starts anew every month, GROWING counts since the quarter began.
MONTHLY, GROWING = "KPI-001", "KPI-013"


def counts(number: int) -> Counts:
    return Counts.of(Decimal(number), Decimal(2 * number), number, is_share=True)


def decided(own: Mapping[Key, int], members: Mapping[Card, list[Key]] | None = None) -> Suppression:
    """What is hidden of these figures of institutions; the county's sums are shown beside them."""
    cells = {key: counts(number) for key, number in own.items()}
    for month, kpi in {(key.month, key.kpi_id) for key in own}:
        same = [counts for key, counts in cells.items() if (key.month, key.kpi_id) == (month, kpi)]
        cells[Key(month, COUNTY, kpi)] = added(same)
    minimum = {(month, kpi): LEAST for month in MONTHS for kpi in (MONTHLY, GROWING)}
    periods = {key: "2025Q1" for key in cells if key.kpi_id == GROWING}
    found = Suppression(cells, members or {}, minimum, periods)
    found.hide()
    return found


def of_one_month(*numbers: int, kpi: str = MONTHLY) -> dict[Key, int]:
    return {Key("2025-01", f"H{place}", kpi): number for place, number in enumerate(numbers)}


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        pytest.param((9, 8, 7), "", id="nothing is small: nothing is hidden"),
        pytest.param((0, 8, 7), "", id="a zero is nobody"),
        pytest.param((3, 8, 7), "H0 H2", id="the smallest of the others covers it"),
        pytest.param((1, 1, 9, 8), "H0 H1 H3", id="two that are small together are covered too"),
        pytest.param((3, 0, 0), " H0", id="where nobody can cover it, the sum goes"),
        pytest.param((1, 2, 1), " H0 H1 H2", id="a sum that is small itself goes"),
    ],
)
def test_what_is_hidden(numbers: tuple[int, ...], hidden: str) -> None:
    assert {key.institution_id for key in decided(of_one_month(*numbers)).cells} == set(
        hidden.split(" ") if hidden else []
    )


def test_whoever_is_left_over_of_a_share_is_a_small_cell_too() -> None:
    """58 of 60: the two others are known as well as two would be."""
    assert Counts.of(Decimal(58), Decimal(60), 60, is_share=True).is_small(LEAST)
    assert not Counts.of(Decimal(58), Decimal(60), 60, is_share=False).is_small(LEAST)


def test_a_score_is_not_worked_out_from_the_total() -> None:
    """A total of scores with known weights gives back the one that it lacks: another of the same month is given up."""
    own = {Key("2025-01", who, kpi): 9 for who in "ABC" for kpi in (MONTHLY, "KPI-002", "KPI-003")}
    own[Key("2025-01", "A", MONTHLY)] = 2
    card = Card("2025-01", "A")
    members = {card: [Key("2025-01", "A", kpi) for kpi in ("KPI-003", MONTHLY, "KPI-002")]}
    cells = {**{k: counts(n) for k, n in own.items()}}
    found = Suppression(cells, members, dict.fromkeys({(k.month, k.kpi_id) for k in own}, LEAST), {})
    found.hide()
    assert found.cells == {Key("2025-01", "A", MONTHLY), Key("2025-01", "A", "KPI-003")}
    assert found.cards == set()


def test_a_total_goes_where_only_closed_months_could_cover_a_score() -> None:
    """What an earlier excerpt showed is not hidden afterwards."""
    own = {Key("2025-01", who, MONTHLY): 9 for who in "AB"} | {
        Key("2025-02", who, MONTHLY): 2 for who in "AB"
    }
    card = Card("2025-02", "A")
    found = decided(own, {card: [Key("2025-01", "A", MONTHLY), Key("2025-02", "A", MONTHLY)]})
    assert Key("2025-01", "A", MONTHLY) not in found.cells
    assert found.cards == {card}


def test_a_figure_that_grew_by_a_few_is_hidden() -> None:
    own = {Key(month, who, GROWING): n for month, n in zip(MONTHS, (20, 22, 40), strict=True) for who in "AB"}
    months = {key.month for key in decided(own).cells if key.institution_id == "A"}
    assert months == {"2025-02"}, "40 less 20 is not small"


_FIGURES = st.lists(
    st.lists(st.sampled_from([0, 1, 2, 4, 6, 30]), min_size=3, max_size=3), min_size=1, max_size=5
)


@given(_FIGURES, st.sampled_from([MONTHLY, GROWING]))
def test_no_small_figure_follows_from_what_is_shown(events: list[list[int]], kpi: str) -> None:
    """events: of each institution by month. Whatever is small is no linear combination of the shown figures."""
    found = decided(_own(events, kpi))
    shown = np.array([_made_of(key, events, kpi) for key in found.counts if key not in found.cells])
    for place, row in enumerate(events):
        for number, month in enumerate(MONTHS):
            key = Key(month, f"H{place}", kpi)
            of_month = np.zeros(len(events) * 3)
            of_month[place * 3 + number] = 1
            if 0 < row[number] < LEAST:
                assert not _follows(of_month, shown), (key, found.cells)
            if found.counts[key].is_small(LEAST):
                assert not _follows(_made_of(key, events, kpi), shown), (key, found.cells)


@given(_FIGURES, st.sampled_from([MONTHLY, GROWING]))
def test_a_later_month_changes_nothing_of_an_earlier(events: list[list[int]], kpi: str) -> None:
    own = _own(events, kpi)
    early = decided({key: number for key, number in own.items() if key.month < MONTHS[-1]})
    assert {key for key in decided(own).cells if key.month < MONTHS[-1]} == early.cells


def _own(events: list[list[int]], kpi: str) -> dict[Key, int]:
    """The figures: of the month, or of the quarter to date."""
    return {
        Key(month, f"H{place}", kpi): sum(row[: number + 1]) if kpi == GROWING else row[number]
        for place, row in enumerate(events)
        for number, month in enumerate(MONTHS)
    }


def _made_of(key: Key, events: list[list[int]], kpi: str) -> np.ndarray:
    """Which monthly figures of which institutions a cell adds up, as a vector."""
    places = range(len(events)) if key.institution_id == COUNTY else [int(key.institution_id[1:])]
    last = MONTHS.index(key.month)
    vector = np.zeros((len(events), 3))
    for place in places:
        vector[place, 0 if kpi == GROWING else last : last + 1] = 1
    return vector.ravel()


def _follows(vector: np.ndarray, shown: np.ndarray) -> bool:
    if not len(shown):
        return False
    return np.linalg.matrix_rank(np.vstack([shown, vector])) == np.linalg.matrix_rank(shown)
