"""Dates that cannot be: told with their bounds, and the bounds are the county's."""

from __future__ import annotations

import pytest

from sources.base.home import Home
from sources.county.county import County, CountyError
from sources.ingest import ingest_feed
from tests.sources.making import MONTH, TOWNSHIP, conformed, deliver, quarantined, read_all

HEADER = "JGDM,ZYLSH,HZBH,RYRQ,RYXS,RYKS,CYSJ,ZT"
STAYS = (
    ("2025-03-01", ""), ("2025-03-01", "2025-04-02 10:00:00"), ("2025-03-01", "2026-03-31 10:00:00"), ("2025-03-01", "2026-05-02 10:00:00"),
    ("2025-05-01", ""), ("2014-03-01", ""),
)  # fmt: skip


def saying(county: County, settings: str) -> County:
    path = county.folder / "county.yml"
    path.write_text(path.read_text(encoding="utf-8") + f"settings: {{dates: {settings}}}\n", encoding="utf-8")
    return County.load(county.folder)


def take(county: County, home: Home) -> list[str]:
    lines = [
        f"{TOWNSHIP},Z{n},P1,{admitted},8,01,{left},1" for n, (admitted, left) in enumerate(STAYS, start=1)
    ]
    deliver(county, f"{TOWNSHIP}/{MONTH}/ZY_202503.csv", "\n".join([HEADER, *lines]) + "\n")
    ingest_feed(county, home, "his_ip_stay", [MONTH])
    return [row["visit_id"] for row in conformed(home, "his_ip_stay")]


def test_what_lies_outside_is_quarantined_and_told_with_its_bounds(county: County, home: Home) -> None:
    assert take(county, home) == ["Z1", "Z2", "Z3"]
    out = "DATE_OUT_OF_RANGE"
    assert quarantined(home) == [(5, out, "discharge_time"), (6, out, "admit_time"), (7, out, "admit_time")]
    said = {row["column_name"]: row["message_zh"] for row in read_all(home.quarantine).to_pylist()}
    assert "允许 2015-03-01 至 2025-04-30" in said["admit_time"]
    assert "允许 1880-01-01 至 2026-03-31" in said["discharge_time"]
    counted = {row["column_name"]: row["message_en"] for row in read_all(home.rule_outcome).to_pylist()}
    assert "allowed: 2015-03-01 to 2025-04-30" in counted["admit_time"]


def test_bounds_are_the_county_s(county: County, home: Home) -> None:
    take(county, home)
    wider = saying(county, "{months_ahead: 14, event_months: {his_ip_stay: {before: 240, after: 2}}}")
    assert take(wider, home) == ["Z1", "Z2", "Z3", "Z4", "Z5", "Z6"]


def test_a_window_for_no_feed_is_a_problem(county: County) -> None:
    with pytest.raises(CountyError, match=r"his_ip_sty.*his_ip_stay"):
        saying(county, "{event_months: {his_ip_sty: {before: 1, after: 1}}}")
