"""Words are compared by what a person sees in them."""

from __future__ import annotations

import pytest

from sources.base.likeness import folded, looks_like_data, meant_by, nearest, normalise_header


def test_headers_are_compared_by_their_folded_form() -> None:
    assert normalise_header("\ufeff JZLSH\u200b ") == "JZLSH" == normalise_header("JZLSH")
    assert normalise_header("jzlsh") != normalise_header("JZLSH")


def test_the_nearest_word_comes_first_and_a_dash_when_there_is_none() -> None:
    assert (
        nearest("visit_date", ["visit_time", "visit_dt", "amount", "visit_date"], 2) == "visit_date、visit_dt"
    )
    assert nearest("visit_date", []) == "-"


def test_brackets_case_and_separators_make_no_other_word() -> None:
    assert folded("Visit_Date(就诊日期)") == folded("visit date") == "visitdate"


@pytest.mark.parametrize("cell", ["12.5", "2025-03-01", "H34062100001", "I10.x02", "5%"])
def test_data_is_no_header(cell: str) -> None:
    assert looks_like_data(cell)
    assert not looks_like_data("就诊日期")


def test_an_id_is_meant_before_a_name_and_a_name_may_be_of_several() -> None:
    names = {"A": ["甲", "B"], "B": ["乙", None], "C": ["乙"]}
    assert meant_by("B", names) == ["B"]
    assert meant_by("甲", names) == ["A"]
    assert meant_by("乙", names) == ["B", "C"]
    assert meant_by("丙", names) == []
