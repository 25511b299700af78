"""The same measures and values in pandas, and everything it makes in order.

Here: sums by unit, KPIs over windows. Not here: facts (rivals_pandas), what is summed (rivals_pandas_events). Left out, which ours
has: rows of units without events, intervals and statuses of values.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from pandas import DataFrame as Frame

from benchmarks.rivals_bed import ANSWER, STAGES, SUBJECTS
from benchmarks.rivals_pandas import Given, facts, nothing
from benchmarks.rivals_pandas_events import evidence

_EVENT = ["month", "institution_id", "community_id", "dept_code", "staff_id"]
_LEVELS = {"institution": None, "department": "dept_code", "physician": "staff_id"}
_BELOW = ("department", "physician")
_ABOVE = ("county", "community")


def run(given: Given, folder: Path) -> tuple[dict[str, Frame], dict[str, float]]:
    """Every table by the name of its model, and seconds by stage; they stay as Parquet, as those of others stay in databases."""
    made: dict[str, Frame] = {}
    seconds = {}
    for stage, making in zip(STAGES, (_facts, evidence, _figures), strict=True):
        start = time.perf_counter()
        new = making(given, made)
        for name, rows in new.items():
            rows.to_parquet(folder / f"{name}.parquet", index=False)
        made |= new
        seconds[stage] = time.perf_counter() - start
    return made, seconds


def _facts(given: Given, _: Mapping[str, Frame]) -> dict[str, Frame]:
    return facts(given)


def _figures(given: Given, made: Mapping[str, Frame]) -> dict[str, Frame]:
    measured = measures(given, {subject: made[f"kpi_evidence__{subject}"] for subject in SUBJECTS})
    return {"kpi_measure": measured, "kpi_value": values(given, measured)}


def measures(given: Given, events: Mapping[str, Frame]) -> Frame:
    """Sums of every measure by month and institution, department and member of staff."""
    made = [
        _summed(given, rows, level, below).assign(subject=subject)
        for subject, rows in events.items()
        for level, below in _LEVELS.items()
        if below is None or below in rows
    ]
    return pd.concat(made, ignore_index=True)


def values(given: Given, measured: Frame) -> Frame:
    """KPIs of every unit that has events, over every window."""
    parts = _components(given, measured)
    over = given["kpi_window"].rename(columns={"month": "closing_month", "member_month": "month"})
    rows = parts.merge(over, on="month")
    rows = rows[(rows["missing"] == 0) | rows["unit_level"].isin(_ABOVE)]
    by = ["kpi_id", "closing_month", "kpi_window", "unit_level", "unit_id", "institution_id"]
    amounts = rows.groupby(by, dropna=False)[["numerator", "denominator", "sample_size"]].sum(min_count=1)
    kpis = given["dim_kpi"][["kpi_id", "scale", "divisor"]]
    rows = amounts.reset_index().rename(columns={"closing_month": "month"}).merge(kpis, on="kpi_id")
    below_line = rows["denominator"] * rows["divisor"]
    rows["value"] = (rows["numerator"] * rows["scale"] / below_line.where(below_line != 0)).round(6)
    rows["sample_size"] = rows["sample_size"].fillna(0)
    return rows[ANSWER]


def _summed(given: Given, events: Frame, level: str, below: str | None) -> Frame:
    """One row per measure, month and unit; an institution nobody knows is '-', as is the community of nobody."""
    known = given["dim_institution"][["institution_id", "alliance_id"]]
    rows = events.merge(known.assign(is_known=True), on="institution_id", how="left")
    own = rows["community_id"] if "community_id" in rows else nothing(rows["alliance_id"])
    rows["community_id"] = own.fillna(rows["alliance_id"]).fillna("-")
    rows["institution_id"] = rows["institution_id"].where(rows["is_known"].notna(), "-")
    names = [c for c in events if c not in _EVENT]
    by = ["month", "institution_id", "community_id", *([below] if below else [])]
    groups = pd.concat([rows[by], rows[names]], axis=1).groupby(by, dropna=False)
    sums, happened = groups[names].sum(min_count=1), rows[names].fillna(0).ne(0)
    counts = pd.concat([rows[by], happened], axis=1).groupby(by, dropna=False)[names].sum()
    made = pd.concat(
        [sums[n].rename("amount").to_frame().assign(sample_size=counts[n], measure=n) for n in names]
    ).reset_index()
    made["unit_id"] = (
        made["institution_id"] + "/" + made[below].fillna("-") if below else made["institution_id"]
    )
    made["unit_level"] = level
    return made[made["amount"].notna()]


def _components(given: Given, measured: Frame) -> Frame:
    """Numerator and denominator of every KPI by month and unit; who lacks a delivery counts in nothing above it."""
    parts = given["kpi_part"]
    assert not parts["offset_months"].any(), "these KPIs compare no months"
    rows = parts[["kpi_id", "part", "subject", "measure", "coefficient"]].merge(
        measured, on=["subject", "measure"]
    )
    amount, above = rows["amount"] * rows["coefficient"], rows["part"] == "numerator"
    rows["numerator"], rows["denominator"] = amount.where(above), amount.where(~above)
    rows["sample_size"] = rows["sample_size"].where(~above)
    rows = rows.merge(given["kpi_home"], on=["kpi_id", "institution_id"], how="left")
    rows["home_id"] = rows["home_id"].fillna("-")
    missing = (
        given["kpi_missing_delivery"]
        .groupby(["kpi_id", "month", "institution_id"])
        .size()
        .rename("missing")
        .reset_index()
    )
    rows = rows.merge(
        missing.rename(columns={"institution_id": "home_id"}), on=["kpi_id", "month", "home_id"], how="left"
    )
    rows["missing"] = rows["missing"].fillna(0)
    return _added(pd.concat(_at_units(given, rows)))


def _at_units(given: Given, rows: Frame) -> list[Frame]:
    """The rows at institutions where they count, at communities, at the county, and at departments and staff."""
    kpis, units = given["dim_kpi"].set_index("kpi_id"), given["dim_unit"]
    levels = rows["kpi_id"].map(kpis["unit_levels"]).str.split(",")
    has_level = {
        level: pd.Series([level in of for of in levels], index=rows.index) for level in (*_ABOVE, *_BELOW)
    }
    of_institution = rows["unit_level"] == "institution"
    complete = of_institution & (rows["missing"] == 0)
    communities = units.loc[units["unit_level"] == "community", "unit_id"]
    county = units.loc[units["unit_level"] == "county", "unit_id"].iloc[0]
    below = [
        rows[(rows["unit_level"] == level) & has_level[level]].assign(institution_id=rows["home_id"])
        for level in _BELOW
    ]
    at_home = rows[of_institution].assign(unit_id=rows["home_id"], institution_id=rows["home_id"])
    in_community = rows[
        complete
        & rows["community_id"].isin(communities)
        & (has_level["community"] | (rows["community_id"] == "-"))
    ]
    in_community = in_community.assign(
        unit_level="community",
        unit_id=in_community["community_id"],
        institution_id=nothing(in_community["home_id"]),
        missing=0,
    )
    in_county = rows[complete & has_level["county"]]
    in_county = in_county.assign(
        unit_level="county", unit_id=county, institution_id=nothing(in_county["home_id"]), missing=0
    )
    return [at_home, in_community, in_county, *below]


def _added(rows: Frame) -> Frame:
    by = ["kpi_id", "month", "unit_level", "unit_id", "institution_id", "missing"]
    made = (
        rows.groupby(by, dropna=False)[["numerator", "denominator", "sample_size"]]
        .sum(min_count=1)
        .reset_index()
    )
    made["numerator"] = made["numerator"].fillna(0)
    return made
