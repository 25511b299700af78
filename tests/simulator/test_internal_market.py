"""The simulated internal market goes by the demo county's price list, and its truth adds up."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.layout import DEMO
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.internal_market import Due, _packages
from sources.simulator.place import price_list
from tests.simulator.conftest import County

POLICY = DEMO / "policy"
_AMOUNTS = ("provided_fen", "consumed_fen", "net_fen", "disputed_fen", "unconfirmed_fen")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_price_list_is_that_of_the_policy() -> None:
    said = {
        (row["service_code"], row["version"], row["effective_from"], int(row["price_fen"] or 0))
        for row in _rows(POLICY / "market_price.csv")
    }
    assert said == {(p.service, p.version, str(p.first_day), p.fen) for p in price_list.PRICES}
    within = {
        row["service_code"]: int(row["report_within_minutes"])
        for row in _rows(POLICY / "market_price.csv")
        if row["report_within_minutes"]
    }
    assert within == price_list.REPORT_WITHIN
    (rule,) = _rows(POLICY / "market_rule.csv")
    assert int(rule["silence_days"]) == price_list.SILENCE_DAYS
    assert int(rule["late_deduction_pct"]) == price_list.LATE_COSTS_PCT
    prices = {row["service_code"]: row for row in _rows(POLICY / "market_price.csv")}
    assert int(prices["OUT-CLINIC"]["hours_per_unit"]) == price_list.HALF_DAY_HOURS
    assert int(prices["UP-PREP"]["gate_days"]) == price_list.RECOGNISED_WITHIN_DAYS


def test_shares_are_those_of_the_policy() -> None:
    said: dict[str, dict[str, int]] = {}
    for row in _rows(POLICY / "market_split.csv"):
        said.setdefault(row["service_code"], {})[row["party"]] = int(Decimal(row["share"]) * 100)
    del said["FD-FEE"]
    assert said == price_list.SPLITS
    shared = {p.service: p.of_fee for p in price_list.PRICES if p.of_fee}
    assert shared == {name: 100 - next(iter(parts.values())) for name, parts in price_list.SPLITS.items()}


def test_the_truth_of_a_service_by_hand() -> None:
    day = np.datetime64("2025-02-28")
    assert Due("SURG-7030", 1, 0, 1, day, fee=600_000).fen == 420_000
    assert Due("DOWN-REHAB", 1, 0, 1, day, quantity=45).fen == 270_000
    assert Due("TELE-IMG", 1, 0, 1, day, minutes=90).fen == 2_500
    assert Due("TELE-IMG", 1, 0, 1, day + 1, minutes=91).fen == 1_760
    assert Due("LAB-HUB", 1, 0, 1, day, fee=3_301, minutes=241).fen == 1_585


def _seen(*rows: tuple[int, str, bool]) -> Arrays:
    """Follow-ups: person, day, whether it came with its reading."""
    person, day, alive = zip(*rows, strict=True)
    return Arrays(person=np.array(person), day=np.array(day, "datetime64[D]"), alive=np.array(alive))


def test_a_package_needs_a_reading() -> None:
    """Never measured: nothing is due. Measured the second time: due then, which nobody has booked."""
    told = {
        "pressure": _seen((0, "2025-01-05", True), (1, "2025-01-06", False), (2, "2025-01-07", False)),
        "sugar": _seen((0, "2025-01-09", True), (2, "2025-01-20", True), (0, "2025-04-02", True)),
    }
    arrived: Any = SimpleNamespace(
        told=told.get,
        people=SimpleNamespace(home=np.array([4, 4, 5])),
        layout=SimpleNamespace(hospital_of=lambda: np.zeros(6, np.int64)),
        month_of=lambda days: days.astype("datetime64[M]").astype(np.int64) - 660,
    )
    due = {(each.provider, str(each.day), each.key) for each in _packages(cast(Arrived, arrived))}
    assert due == {(4, "2025-01-05", 0), (4, "2025-04-02", 3), (5, "2025-01-20", -1)}


def test_the_truth_of_the_market_is_zero_in_all(clean: County) -> None:
    rows = clean.truth("market_net.csv")
    sums: dict[str, int] = {}
    for row in rows:
        provided, consumed, net, _, _ = (int(row[name]) for name in _AMOUNTS)
        assert provided - consumed == net
        sums[row["month"]] = sums.get(row["month"], 0) + net
    assert {*sums.values()} == {0}
    assert any(int(row["disputed_fen"]) for row in rows)
