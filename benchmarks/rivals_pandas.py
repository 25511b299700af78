"""The same facts in pandas: newest versions, people, codes and the tables that events are counted in.

Here: reading the feeds (Arrow's reader and column types) and facts. Not here: what is counted in them (rivals_pandas_events). Columns
keep the names of their feed where a fact only passes them on. pandas stands in requirements/run.in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pandas import DataFrame as Frame
from pyarrow.dataset import HivePartitioning

from benchmarks.rivals_bed import Bed

KEYS = {
    "his_ip_stay": ["org_code", "visit_id"],
    "his_mr_diag": ["org_code", "visit_id", "seq"],
    "his_mr_front": ["org_code", "medical_record_key", "admit_times"],
    "his_op_register": ["org_code", "reg_no"],
    "his_op_visit": ["org_code", "visit_id"],
    "his_patient": ["org_code", "patient_key"],
    "his_rx": ["org_code", "rx_no"],
    "his_rx_item": ["org_code", "rx_no", "item_no"],
    "si_insured": ["insurance_key", "insured_month"],
    "si_out_of_county": ["setl_id"],
    "si_settlement": ["setl_id"],
}
_NEWEST = ["src_update_ts", "first_landed_at", "source_batch_id", "source_line"]
_FOLDERS = HivePartitioning(pa.schema([("institution_id", pa.string()), ("month", pa.string())]))
_TIME = pd.ArrowDtype(pa.timestamp("us"))
_NAMED = {"institution_id": "deliverer_id", "month": "delivery_month"}


@dataclass(frozen=True)
class Given:
    """The home, and by their names without schema the small tables that nobody makes here."""

    home: Path
    tables: Mapping[str, Frame]

    @classmethod
    def read(cls, bed: Bed) -> Given:
        """Everything the models read but the feeds."""
        tables = {
            name: rows.to_pandas(types_mapper=pd.ArrowDtype)
            for name, rows in ((relation.partition(".")[2], rows) for relation, rows in bed.tables())
            if name not in KEYS
        }
        return cls(bed.home, tables)

    def __getitem__(self, name: str) -> Frame:
        return self.tables[name]


def facts(given: Given) -> dict[str, Frame]:
    """Every fact by the name of its model."""
    made = {"dim_patient": _patients(given)}
    made["fct_outpatient_visit"] = _visits(given, made["dim_patient"])
    made["fct_registration"] = _dated(newest(given, "his_op_register"), "reg_time")
    made["fct_prescription"] = _dated(newest(given, "his_rx"), "rx_time")
    made["fct_prescription_item"] = _items(given, made["fct_prescription"])
    made["fct_inpatient_stay"] = _stays(given, made["dim_patient"])
    made["fct_inpatient_diagnosis"] = _diagnoses(given, made["fct_inpatient_stay"])
    made["fct_inpatient_front_page"] = _dated(newest(given, "his_mr_front"), "disch_date")
    made["fct_out_of_county_settlement"] = _out_of_county(given)
    made["fct_settlement"] = _settlements(given)
    insured = newest(given, "si_insured").rename(columns={"insured_month": "month"})
    made["fct_insured_month"] = _with_person(given, insured, "insurance_key", "insurance")
    of_cases = [
        made[name] for name in ("fct_settlement", "fct_out_of_county_settlement", "fct_insured_month")
    ]
    made["settled_case"] = _cases(*of_cases)
    return made


def newest(given: Given, feed: str) -> Frame:
    """Of every key of a deliverer the newest version, unless that says deleted."""
    rows = pd.read_parquet(given.home / "conformed" / feed, partitioning=_FOLDERS, dtype_backend="pyarrow")
    rows = rows.rename(columns=_NAMED)
    rows = rows[rows["delivery_month"] <= given["run_month"]["month"].max()]
    batches = given["stg_batch_outcome"].rename(
        columns={"batch_id": "source_batch_id", "status": "batch_status"}
    )
    batches = batches[batches["standing"] == "in_force"]
    rows = rows.merge(batches[["source_batch_id", "batch_status", "first_landed_at"]], on="source_batch_id")
    key = ["deliverer_id", *KEYS[feed]]
    rows = _with_time_of_deletion(rows, key)
    rows = first(rows[rows["batch_status"] == "conformed"], key, dict.fromkeys(_NEWEST, False))
    return rows[rows["op_flag"].fillna("I") != "D"].reset_index(drop=True)


def first(rows: Frame, key: list[str], ascending: dict[str, bool]) -> Frame:
    """The first row of every key in that order, nulls last; only keys that have several rows are sorted."""
    several = rows.duplicated(key, keep=False)
    in_order = rows[several].sort_values(
        list(ascending), ascending=list(ascending.values()), na_position="last"
    )
    return pd.concat([rows[~several], in_order.drop_duplicates(key)])


def found_by(rows: Frame, found: Frame, on: dict[str, str]) -> Frame:
    """A left join that keeps the columns of `rows`, by columns named differently; `found` has each key once."""
    named = found.rename(columns={theirs: ours for ours, theirs in on.items()})
    return rows.merge(named, on=list(on), how="left")


def _with_time_of_deletion(rows: Frame, key: list[str]) -> Frame:
    """A deletion without a time is as new as the newest time known of its key."""
    untimed = (rows["op_flag"] == "D") & rows["src_update_ts"].isna()
    if not untimed.any():
        return rows
    known = rows.merge(rows.loc[untimed, key].drop_duplicates(), on=key)
    acts_at = known.groupby(key, dropna=False)["src_update_ts"].max().rename("acts_at").reset_index()
    rows = rows.merge(acts_at, on=key, how="left")
    rows["src_update_ts"] = rows["src_update_ts"].where(
        rows["op_flag"].fillna("I") != "D", rows["src_update_ts"].fillna(rows["acts_at"])
    )
    return rows.drop(columns="acts_at")


def _dated(rows: Frame, moment: str) -> Frame:
    """Day and month of an event, and where it was."""
    moments = rows[moment].astype(_TIME)
    rows["event_date"], rows["month"] = moments.dt.normalize(), moments.dt.strftime("%Y-%m")
    return rows.rename(columns={"org_code": "institution_id"})


def _with_person(given: Given, rows: Frame, key: str, key_type: str) -> Frame:
    known = given["person_index"]
    known = known.loc[known["key_type"] == key_type, ["local_key", "person_key"]]
    rows = found_by(rows, known, {key: "local_key"})
    rows["person_key"] = rows["person_key"].fillna(rows[key])
    return rows


def _with_patient(rows: Frame, patients: Frame) -> Frame:
    rows = rows.merge(patients[["patient_key", "person_key", "is_test"]], on="patient_key", how="left")
    rows["person_key"] = rows["person_key"].fillna(rows["patient_key"])
    rows["is_test"] = rows["is_test"].fillna(False)
    return rows


def _patients(given: Given) -> Frame:
    rows = first(newest(given, "his_patient"), ["patient_key"], dict.fromkeys(_NEWEST, False))
    rows["is_test"] = rows["is_test"].fillna(False)
    return _with_person(given, rows, "patient_key", "patient")


def _visits(given: Given, patients: Frame) -> Frame:
    rows = _with_patient(_dated(newest(given, "his_op_visit"), "visit_time"), patients)
    rows = _translated(given, rows, "his_op_visit", "main_diag_code")
    rows["is_valid"] = (
        (rows["status"] == "1").fillna(False) & (rows["test_flag"].fillna("0") != "1") & ~rows["is_test"]
    )
    return rows


def _stays(given: Given, patients: Frame) -> Frame:
    rows = _with_patient(_dated(newest(given, "his_ip_stay"), "discharge_time"), patients)
    rows["admit_date"] = rows["admit_time"].dt.normalize()
    rows["dept_code"] = rows["discharge_dept"].fillna(rows["admit_dept"])
    rows = rows.rename(columns={"attending_staff": "staff_id"})
    rows["stay_type"] = rows["ip_med_type"].fillna("1")
    days = days_between(rows["admit_date"], rows["event_date"])
    rows["los_days"] = days.clip(lower=1).where(days >= 0)
    rows["is_valid"] = (rows["status"] == "2").fillna(False) & ~rows["is_test"]
    return rows


def _items(given: Given, prescriptions: Frame) -> Frame:
    rows = _addressed(newest(given, "his_rx_item"), prescriptions, "rx_no", ["event_date", "month"])
    insurance = given["code_insurance_map"].rename(columns={"target_code": "booked_as"})
    rows = rows.merge(
        insurance,
        left_on=["institution_id", "drug_code"],
        right_on=["institution_id", "source_code"],
        how="left",
    )
    county = _decided(given, rows, "drug", "drug_code")
    rows["normalised_item_code"] = (
        county["target_code"].fillna(rows["nhsa_drug_code"]).fillna(rows["booked_as"])
    )
    rows["code_method"] = "unmapped"
    for method, code in (
        ("insurance_return", rows["booked_as"]),
        ("delivered", rows["nhsa_drug_code"]),
        ("county_map", county["target_code"]),
    ):
        rows["code_method"] = rows["code_method"].mask(code.notna(), method)
    return rows


def _diagnoses(given: Given, stays: Frame) -> Frame:
    rows = _addressed(newest(given, "his_mr_diag"), stays, "visit_id", ["event_date", "month", "person_key"])
    return _translated(given, rows, "his_mr_diag", "diag_code", "code_ver")


def _out_of_county(given: Given) -> Frame:
    rows = _with_person(
        given, _dated(newest(given, "si_out_of_county"), "setl_time"), "insurance_key", "insurance"
    )
    return _translated(given, rows, "si_out_of_county", "main_diag_code")


def _settlements(given: Given) -> Frame:
    rows = _with_person(
        given, _dated(newest(given, "si_settlement"), "setl_time"), "insurance_key", "insurance"
    )
    rows["care_kind"] = _care_kind(rows)
    rows["settlement_count"] = 1
    rows["settlement_count"] = rows["settlement_count"].mask(
        (rows["refd_setl_flag"] == "1").fillna(False), -1
    )
    return rows.rename(columns={"fixmedins_code": "institution_id"})


def _cases(settled: Frame, outside: Frame, insured: Frame) -> Frame:
    """Settlements of a visit together, by the last that stands; what was refunded as often as settled is none."""
    case = ["deliverer_id", "mdtrt_id"]
    refunds = settled.loc[settled["settlement_count"] < 0, ["deliverer_id", "orig_setl_id"]].drop_duplicates()
    refunds["refunded"] = refunds["orig_setl_id"]
    rows = found_by(settled, refunds.dropna(), {"deliverer_id": "deliverer_id", "setl_id": "orig_setl_id"})
    rows["was_refunded"] = rows["refunded"].notna()
    sums = rows.groupby(case, dropna=False)[["settlement_count", "medfee_sumamt"]].transform("sum")
    rows["medfee_sumamt"], rows["standing"] = sums["medfee_sumamt"], sums["settlement_count"]
    order = {
        "settlement_count": False,
        "was_refunded": True,
        "refunded": True,
        "setl_time": False,
        "setl_id": False,
    }
    inside = first(rows, case, order)
    inside = inside[inside["standing"] > 0].assign(is_in_county=True)
    outside = outside[outside["medfee_sumamt"] >= 0]
    outside = outside.assign(
        is_in_county=False, institution_id=nothing(outside["setl_id"]), care_kind=_care_kind(outside)
    )
    columns = [
        "is_in_county",
        "institution_id",
        "care_kind",
        "month",
        "event_date",
        "insurance_key",
        "person_key",
        "medfee_sumamt",
    ]
    # The greatest name, by sorting: a grouped maximum of text takes pandas a Python call per group.
    community = first(
        insured[["insurance_key", "month", "alliance_id"]], ["insurance_key", "month"], {"alliance_id": False}
    )
    cases = pd.concat([inside[columns], outside[columns]]).merge(
        community, on=["insurance_key", "month"], how="left"
    )
    return cases.rename(columns={"alliance_id": "community_id"})


def nothing(like: pd.Series) -> pd.Series:
    """Nulls of the same type and length."""
    return pd.Series(pd.NA, index=like.index, dtype=like.dtype)


def days_between(earlier: pd.Series, later: pd.Series) -> pd.Series:
    return (pd.to_datetime(later) - pd.to_datetime(earlier)).dt.days


def _care_kind(rows: Frame) -> pd.Series:
    """Categories of care that begin with 2 are stays."""
    kind = pd.Series("outpatient", index=rows.index)
    return kind.mask(rows["med_type"].str.startswith("2").fillna(False), "inpatient")


def _addressed(rows: Frame, owners: Frame, number: str, columns: list[str]) -> Frame:
    """What a row belongs to: of the institution it names, or where it names none the only one of that number."""
    by = ["deliverer_id", number]
    named = owners[[*by, "institution_id", *columns]].assign(named_as=owners["institution_id"])
    only = named[~named.duplicated(by, keep=False)].assign(named_as="")
    rows["named_as"] = rows["org_code"].fillna("")
    return rows.merge(pd.concat([named, only]), on=[*by, "named_as"], how="left")


def _translated(given: Given, rows: Frame, feed: str, code: str, version: str | None = None) -> Frame:
    """What a diagnosis is read as, how that was found, and the category of the disease."""
    read_as = given["code_translation"]
    read_as = read_as[(read_as["feed"] == feed) & (read_as["terminology"] == "diagnosis")]
    rows["code_version"] = rows[version].fillna("") if version else ""
    named = read_as[
        ["deliverer_id", "code_version", "source_code", "target_code", "method", "map_status", "map_version"]
    ]
    rows = rows.drop(columns="map_status", errors="ignore")
    rows = found_by(
        rows, named, {"deliverer_id": "deliverer_id", "code_version": "code_version", code: "source_code"}
    )
    county = _decided(given, rows, "diagnosis", code)
    decided = county["target_code"].notna()
    rows["normalised_code"] = county["target_code"].fillna(rows["target_code"])
    rows["method"], rows["map_status"] = (
        rows["method"].mask(decided, "county_map"),
        rows["map_status"].mask(decided, "1"),
    )
    rows["map_version"] = county["map_version"].fillna(rows["map_version"])
    own = _category(rows[code])
    rows["category"] = own.where(
        own.isin(given["code_category"]["category"]), _category(rows["normalised_code"])
    )
    return rows


def _decided(given: Given, rows: Frame, terminology: str, code: str) -> Frame:
    """What the county decided for a code on the day of the event, row by row."""
    county = given["code_county_map"]
    county = county[county["terminology"] == terminology].drop(columns="terminology")
    asked = rows[["deliverer_id", code, "event_date"]].reset_index()
    hits = asked.merge(county, left_on=["deliverer_id", code], right_on=["deliverer_id", "source_code"])
    days = pd.to_datetime(hits["event_date"])
    hits = hits[
        (days >= pd.to_datetime(hits["effective_from"])) & (days <= pd.to_datetime(hits["effective_to"]))
    ]
    return hits.set_index("index")[["target_code", "map_version"]].reindex(rows.index)


def _category(code: pd.Series) -> pd.Series:
    first_three = code.str.strip().str.slice(0, 3).str.upper()
    return first_three.mask((first_three == "").fillna(False))
