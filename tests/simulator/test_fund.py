"""The fund of a simulated county: one identity of budget lines, risk of mean 1, positions recounted from the delivered files."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from tests.simulator.conftest import LAYOUT, County

BUREAU, MONTHS = "SI340621", ("2025-02", "2025-03")


def _fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


def _lines(county: County) -> list[dict[str, str]]:
    return [row for month in MONTHS for row in county.told(BUREAU, "si_fund_budget", month)]


def test_what_is_not_taken_off_is_planned_to_the_fen(clean: County) -> None:
    """Items 02 to 05 are taken off what is raised (01), 06 to 09 plan the rest; adjustments too."""
    sums: dict[tuple, int] = defaultdict(int)
    for row in _lines(clean):
        item = int(row["item_code"])
        sign = 1 if item == 1 else -1
        sums[row["alliance_id"], row["insutype"], row["version"]] += sign * _fen(row["amount"])
    assert len(sums) == 6
    assert set(sums.values()) == {0}


def test_budgets_differ_by_alliance_and_insurance_around_the_mean(clean: County) -> None:
    raised: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in _lines(clean):
        if row["item_code"] == "01" and row["version"] == "1":
            raised[row["insutype"]][row["alliance_id"]] = _fen(row["amount"]), int(row["insured_count"])
    for scheme, per_head in (("310", 200_000), ("390", 149_000)):
        fen, heads = (sum(each[part] for each in raised[scheme].values()) for part in (0, 1))
        assert fen / heads == pytest.approx(per_head, rel=0.001)
        rates = {fen / heads for fen, heads in raised[scheme].values()}
        assert len(rates) == len(LAYOUT.alliance_ids) == 2
    first = {scheme: raised[scheme]["YGT01"][0] / raised[scheme]["YGT01"][1] for scheme in raised}
    assert first["310"] / 200_000 > 1 > first["390"] / 149_000


def test_risk_coefficients_have_the_mean_1(clean: County) -> None:
    for month in MONTHS:
        scores = [float(row["risk_score"]) for row in clean.told(BUREAU, "si_insured", month)]
        assert sum(scores) / len(scores) == pytest.approx(1, abs=0.0001)
        assert 0.4 < min(scores) < 0.8 < 1.3 < max(scores) < 3


def test_positions_are_those_of_the_delivered_files(clean: County) -> None:
    """Truth counts persons of the diary; here the files, by the lists of the insured."""
    home = {}
    for month in reversed(MONTHS):
        for row in clean.told(BUREAU, "si_insured", month):
            home.setdefault(row["psn_no"], (row["alliance_id"], row["insutype"]))
    told: dict[tuple, int] = defaultdict(int)
    for number, month in enumerate(MONTHS):
        for until in MONTHS[number:]:
            for row in clean.told(BUREAU, "si_settlement", month):
                whose = home.get(row["psn_no"], ("", ""))  # who died before the first list is on none
                told[until, *whose, "in_county_fen"] += _fen(row["hifp_pay"])
            for row in clean.told(BUREAU, "si_out_of_county", month):
                if row["setl_time"][:7].replace("/", "-") >= MONTHS[0]:
                    told[until, *home[row["psn_no"]], "out_of_county_fen"] += _fen(row["fund_pay_sumamt"])
    for row in clean.truth("fund_execution.csv"):
        for figure in ("in_county_fen", "out_of_county_fen"):
            key = (row["month"], row["community_id"], row["insurance_type_code"], figure)
            assert told[key] == int(row[figure]), key
        assert int(row["happened_out_of_county_fen"]) >= int(row["out_of_county_fen"])
