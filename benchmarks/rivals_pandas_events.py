"""The same evidence in pandas: what every visit, stay and settled case adds to which measure.

Here: events of the subjects, over facts. Not here: facts (rivals_pandas), sums and values (rivals_pandas_kpis).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from pandas import DataFrame as Frame

from benchmarks.rivals_pandas import Given, days_between

_VISIT = ["deliverer_id", "institution_id", "visit_id"]


def evidence(given: Given, made: Mapping[str, Frame]) -> dict[str, Frame]:
    """Events by subject: when, where, whose, and what each adds."""
    return {
        "kpi_evidence__visit": _visits(given, made),
        "kpi_evidence__stay": _stays(given, made),
        "kpi_evidence__settlement": _settlements(given, made["settled_case"]),
        "kpi_evidence__insured_case": _insured_cases(made["settled_case"]),
    }


def _of_codes(given: Given, rows: Frame, column: str, code_set: str) -> pd.Series:
    """Is the column one of the codes in force in the month of the row?"""
    codes = given["policy_code"]
    codes = codes[codes["code_set"] == code_set]
    is_one = pd.Series(False, index=rows.index)
    for month, of_month in codes.groupby("month"):
        is_one |= (rows["month"] == month).fillna(False) & rows[column].isin(of_month["code"])
    return is_one


def _marked(rows: Frame, marks: Frame) -> pd.Series:
    """Which rows have their key among the marks."""
    found = rows[list(marks)].merge(marks.drop_duplicates(), on=list(marks), how="left", indicator=True)
    return pd.Series((found["_merge"] == "both").to_numpy(), index=rows.index)


def _institution(given: Given, rows: Frame) -> Frame:
    known = given["dim_institution"]
    return rows.merge(
        known[["institution_id", "institution_tier", "is_primary_care", "is_county_hospital", "alliance_id"]],
        on="institution_id",
        how="left",
    )


def _visits(given: Given, made: Mapping[str, Frame]) -> Frame:
    rows = made["fct_outpatient_visit"]
    rows = _institution(
        given,
        rows[rows["is_valid"]][
            [*_VISIT, "reg_no", "month", "dept_code", "staff_id", "visit_type", "tcm_flag"]
        ],
    )
    kinds = {
        kind: _of_codes(given, rows, "visit_type", f"{kind}_visit_type")
        for kind in ("counted", "clinic", "outpatient")
    }
    of_some_kind = kinds["counted"] | kinds["clinic"] | kinds["outpatient"]
    rows, kinds = (
        rows[of_some_kind],
        {name: flag[of_some_kind].astype(float).where(flag) for name, flag in kinds.items()},
    )
    herbs, antibiotic, drip = _prescribed(given, rows, made)
    expert, appointed = _registered(given, rows, made["fct_registration"])
    tcm = ((rows["tcm_flag"] == "1").fillna(False) | herbs).astype(float)
    primary, hospital = (
        rows[c].fillna(False).astype(bool) for c in ("is_primary_care", "is_county_hospital")
    )
    counted, outpatient = kinds["counted"], kinds["outpatient"]
    in_clinic, primary_outpatient, hospital_outpatient = (
        kinds["clinic"].where(primary),
        outpatient.where(primary),
        outpatient.where(hospital),
    )
    return rows[["month", "institution_id", "dept_code", "staff_id"]].assign(
        visits=counted,
        primary_care_visits=counted * primary,
        tcm_visits=counted * tcm,
        township_visits=counted.where(rows["institution_tier"].isin(["township", "community"])),
        hospital_visits=counted.where(hospital),
        primary_clinic_visits=in_clinic,
        primary_tcm_clinic_visits=in_clinic * tcm,
        outpatient_visits=outpatient,
        antibiotic_visits=outpatient * antibiotic,
        primary_outpatient_visits=primary_outpatient,
        primary_drip_visits=primary_outpatient * drip,
        hospital_outpatient_visits=hospital_outpatient,
        hospital_ordinary_visits=hospital_outpatient * (1 - expert.astype(float)),
        hospital_appointed_visits=hospital_outpatient * appointed,
    )


def _prescribed(
    given: Given, visits: Frame, made: Mapping[str, Frame]
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Visits with herbs, with an antibiotic, with a drip."""
    given_out = made["fct_prescription"]
    given_out = given_out.loc[(given_out["status"] == "1").fillna(False), [*_VISIT, "rx_no", "rx_type"]]
    given_out = given_out.merge(visits[[*_VISIT, "month"]], on=_VISIT)
    items = made["fct_prescription_item"][
        ["deliverer_id", "institution_id", "rx_no", "antibiotic_level", "route"]
    ]
    items = given_out.merge(items, on=["deliverer_id", "institution_id", "rx_no"])
    return (
        _marked(
            visits, given_out.loc[_of_codes(given, given_out, "rx_type", "tcm_prescription_type"), _VISIT]
        ),
        _marked(
            visits, items.loc[_of_codes(given, items, "antibiotic_level", "antibiotic_drug_level"), _VISIT]
        ),
        _marked(visits, items.loc[_of_codes(given, items, "route", "drip_route"), _VISIT]),
    )


def _registered(given: Given, visits: Frame, registrations: Frame) -> tuple[pd.Series, pd.Series]:
    """Visits of an expert, and visits that were appointed."""
    key = ["deliverer_id", "institution_id", "reg_no"]
    rows = visits.loc[visits["reg_no"].notna(), [*_VISIT, "reg_no", "month"]]
    rows = rows.merge(registrations[[*key, "appoint_channel", "reg_type"]], on=key)
    appointed = _of_codes(given, rows, "appoint_channel", "appointment_channel")
    appointed |= _of_codes(given, rows, "reg_type", "appointment_registration_type")
    expert = _of_codes(given, rows, "reg_type", "expert_registration_type")
    return _marked(visits, rows.loc[expert, _VISIT]), _marked(visits, rows.loc[appointed, _VISIT])


def _stays(given: Given, made: Mapping[str, Frame]) -> Frame:
    stays = made["fct_inpatient_stay"]
    rows = stays[stays["is_valid"]].merge(given["policy_parameter"], on="month")
    rows = _institution(given, rows).merge(_days_until_back(given, made), on=_VISIT, how="left")
    pages = made["fct_inpatient_front_page"]
    planned = _marked(rows, pages.loc[(pages["readmit_plan_31"] == "2").fillna(False), _VISIT])
    typical = (rows["stay_type"] == "1") & (rows["los_days"] <= rows["long_stay_days"].astype(float)).fillna(
        False
    )
    alive = rows["discharge_way"].fillna("") != "5"
    back = {
        name: ((rows["days_until"] <= rows[limit].astype(float)).fillna(False) & ~planned)
        .astype(float)
        .where(alive)
        for name, limit in (("early", "early_readmission_window_days"), ("late", "readmission_window_days"))
    }
    one = pd.Series(1.0, index=rows.index)
    return rows[["month", "institution_id", "dept_code", "staff_id"]].assign(
        typical_bed_days=rows["los_days"].astype(float).where(typical),
        typical_stays=one.where(typical),
        discharges=one,
        county_hospital_discharges=one.where(rows["is_county_hospital"].fillna(False).astype(bool)),
        living_discharges=one.where(alive),
        early_readmissions=back["early"],
        readmissions=back["late"],
    )


def _days_until_back(given: Given, made: Mapping[str, Frame]) -> Frame:
    """Of every valid stay the days until the same person was in hospital again for the same category, anywhere."""
    stays, named = made["fct_inpatient_stay"], made["fct_inpatient_diagnosis"]
    principal = named.loc[(named["seq"] == 0).fillna(False), [*_VISIT, "category"]].dropna()
    stays = stays[stays["status"].isin(["1", "2"]) & ~stays["is_test"]].merge(principal, on=_VISIT)
    left = stays.loc[
        stays["is_valid"], [*_VISIT, "month", "person_key", "category", "discharge_time", "event_date"]
    ]
    came = stays[[*_VISIT, "person_key", "category", "admit_time", "admit_date"]]
    pairs = left.merge(came, on=["person_key", "category"], suffixes=("", "_again"))
    other = pd.concat([pairs[c] != pairs[f"{c}_again"] for c in _VISIT], axis=1).any(axis=1)
    pairs = pairs[other & (pairs["admit_time"] >= pairs["discharge_time"]).fillna(False)]
    outside = made["fct_out_of_county_settlement"][
        ["person_key", "category", "event_date", "med_type"]
    ].dropna()
    away = left.merge(outside, on=["person_key", "category"], suffixes=("", "_again"))
    away = away[
        (away["event_date"] < away["event_date_again"])
        & _of_codes(given, away, "med_type", "inpatient_settlement_type")
    ]
    later = pd.concat([
        pairs[_VISIT].assign(days_until=days_between(pairs["event_date"], pairs["admit_date"])),
        away[_VISIT].assign(days_until=days_between(away["event_date"], away["event_date_again"])),
    ])  # fmt: skip
    return later.groupby(_VISIT)["days_until"].min().reset_index()


def _settlements(given: Given, cases: Frame) -> Frame:
    rows = cases[cases["is_in_county"]].merge(
        _averages_before(given, cases), on=["month", "institution_id", "care_kind"], how="left"
    )
    made = rows[["month", "institution_id"]].copy()
    cost, before = rows["medfee_sumamt"].astype(float), rows["average_fen"].astype(float)
    before = before.where(before > 0)
    for kind in ("outpatient", "inpatient"):
        of_kind = rows["care_kind"] == kind
        made[f"{kind}_excess_cost_fen"] = (cost - before).where(of_kind)
        made[f"{kind}_expected_cost_fen"] = before.where(of_kind)
        made[f"{kind}_cases"] = pd.Series(1.0, index=rows.index).where(of_kind)
        made[f"{kind}_cost_fen"] = cost.where(of_kind)
    return made


def _averages_before(given: Given, cases: Frame) -> Frame:
    """Last year's average cost: of the warehouse where it reaches back that far, else of the opening figures."""
    by = ["month", "institution_id", "care_kind"]
    settled = cases[cases["is_in_county"]].groupby(by)["medfee_sumamt"].agg(["sum", "size"]).reset_index()
    months = given["dim_month"][["month", "last_day_year_before"]]
    own = settled[(settled["month"] >= months["month"].min()) & (settled["sum"] > 0)]
    own = own.assign(own_fen=(2 * own["sum"] + own["size"]) // (2 * own["size"]))[[*by, "own_fen"]]
    rows = settled[by].merge(months, on="month")
    rows["year_before"] = pd.to_datetime(rows["last_day_year_before"]).dt.strftime("%Y-%m")
    rows = rows.merge(own.rename(columns={"month": "year_before"}), on=["year_before", *by[1:]], how="left")
    rows = rows.merge(given["policy_opening_cost"], on=by, how="left")
    rows["average_fen"] = rows["own_fen"].astype(float).fillna(rows["average_fen"].astype(float))
    return rows[[*by, "average_fen"]]


def _insured_cases(cases: Frame) -> Frame:
    inpatient = pd.Series(1.0, index=cases.index).where(cases["care_kind"] == "inpatient")
    inside = cases["is_in_county"].astype(float)
    return cases[["month", "institution_id", "community_id"]].assign(
        cases=1.0,
        cases_in_county=inside,
        inpatient_cases=inpatient,
        inpatient_cases_in_county=inpatient * inside,
    )
