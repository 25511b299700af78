"""Months are counted and listed, and times told as the clocks of Shanghai show them."""

from __future__ import annotations

from datetime import datetime

import pytest

from sources.base.months import month_number, month_text, months_between, shanghai_time


@pytest.mark.parametrize("text", ["2025-13", "2025-00", "2025-3", "202503", "2025-03-01", ""])
def test_anything_but_a_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        month_number(text)


def test_months_count_over_the_turn_of_the_year() -> None:
    assert months_between("2024-11", "2025-02") == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert months_between("2025-02", "2024-11") == []
    assert month_text(month_number("2024-12") + 1) == "2025-01"


def test_a_time_is_told_in_whole_seconds_of_shanghai() -> None:
    assert shanghai_time(0.9) == datetime(1970, 1, 1, 8)
    assert shanghai_time(1_740_758_399) == datetime(2025, 2, 28, 23, 59, 59)
