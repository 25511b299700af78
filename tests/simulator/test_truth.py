"""The truth: invariants, window arithmetic, small cases by hand, and figures recounted from the delivered files."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product

import numpy as np

from orchestration.kpi_registry import load_registry
from sources.simulator.known.truth.neighbours import followed, preceded
from sources.simulator.known.week_table import WATCHED
from tests.simulator.conftest import LAYOUT

REGISTERED = {one.kpi_id: one.kpi for one in load_registry()}
SHARED_DENOMINATOR = {"KPI-096"}  # groups per scheme: every department has the same one
TCM, ENGLISH = "H34062100002", "H34062100102"


def key(row: dict[str, str]) -> tuple[str, str, str]:
    return row["month"], row["institution_id"], row["kpi_id"]


def test_every_row_has_a_denominator_and_shares_stay_shares(spoilt):
    rows = spoilt.truth("kpi_value.csv")
    assert {f"KPI-{n:03d}" for n in range(1, 16)} <= {row["kpi_id"] for row in rows} <= set(REGISTERED)
    for row in rows:
        assert Decimal(row["denominator"]) > 0
        assert int(row["sample_size"]) > 0
        if REGISTERED[row["kpi_id"]].is_share:
            assert 0 <= Decimal(row["numerator"]) <= Decimal(row["denominator"])


def test_windows_add_up_months(spoilt):
    rows = spoilt.truth("kpi_value.csv")
    months = defaultdict(Decimal)
    for row in rows:
        if row["window"] == "month":
            months[key(row)] += Decimal(row["numerator"])
    for row in rows:
        one = REGISTERED[row["kpi_id"]]
        if one.over.numerator != "sum" or one.statistic == "distinct":
            continue
        covered = (
            ["2025-02", "2025-03"]
            if row["month"] == "2025-03" and row["window"] != "month"
            else [row["month"]]
        )
        assert Decimal(row["numerator"]) == sum(
            months[m, row["institution_id"], row["kpi_id"]] for m in covered
        )


def test_states_are_those_of_the_month_in_every_window(spoilt):
    figures = defaultdict(set)
    for row in spoilt.truth("kpi_value.csv"):
        if REGISTERED[row["kpi_id"]].over_months == "last":
            figures[key(row)].add((row["numerator"], row["denominator"], row["value"]))
    assert all(len(values) == 1 for values in figures.values())


def test_satisfaction_recounted_from_the_file(clean):
    file = clean.rows(f"{ENGLISH}/2025-03/survey_202503.csv")
    answers = [r for r in file if r["who"] in "123" and r["hosp_id"] == "SH12"]
    (row,) = [
        r
        for r in clean.truth("kpi_value.csv")
        if key(r) == ("2025-03", ENGLISH, "KPI-013") and r["window"] == "month"
    ]
    inside = [r for r in answers if r["ans_tm"].startswith("2025/03")]
    assert Decimal(row["numerator"]) == sum(Decimal(r["total_sc"]) for r in inside)
    assert int(row["denominator"]) == len(inside)


def test_expert_slots_recounted_from_the_file(clean):
    slots = [
        r for r in clean.told(TCM, "his_slot", "2025-03") if r["slot_type"] == "2" and r["status"] != "4"
    ]

    def early(slot: dict[str, str]) -> bool:
        if slot["channel"] != "02" or not slot["released_at"]:
            return False
        times = [datetime.strptime(slot[n], "%a %b %d %H:%M:%S CST %Y") for n in ("released_at", "slot_time")]
        return times[0] <= times[1] - timedelta(hours=24)

    (row,) = [
        r
        for r in clean.truth("kpi_value.csv")
        if key(r) == ("2025-03", TCM, "KPI-002") and r["window"] == "month"
    ]
    assert (int(row["numerator"]), int(row["denominator"])) == (sum(map(early, slots)), len(slots))
    parts = [
        r
        for r in clean.truth("kpi_unit_value.csv")
        if (r["month"], r["window"], r["kpi_id"]) == ("2025-03", "month", "KPI-002")
    ]
    for level, column in (("department", "dept_code"), ("physician", "staff_id")):
        counted = defaultdict(list)
        for slot in slots:
            counted[f"{TCM}/{slot[column]}"].append(early(slot))
        known = {r["unit_id"]: r for r in parts if r["unit_level"] == level and r["unit_id"].startswith(TCM)}
        assert {unit: (int(r["numerator"]), int(r["denominator"])) for unit, r in known.items()} == {
            unit: (sum(own), len(own)) for unit, own in counted.items()
        }


def test_stay_days_recounted_from_the_files(clean):
    days = []
    for stay in clean.rows(f"{ENGLISH}/2025-03/ip_stay_202503.csv"):
        if stay["state"] == "2" and stay["ip_kind"] == "1" and stay["dis_tm"].startswith("2025/03"):
            gone, came = (datetime.strptime(stay[n][:10], "%Y/%m/%d") for n in ("dis_tm", "adm_tm"))
            days.append(max(1, (gone - came).days))
    kept = [d for d in days if d <= 60]
    (row,) = [
        r
        for r in clean.truth("kpi_value.csv")
        if key(r) == ("2025-03", ENGLISH, "KPI-010") and r["window"] == "month"
    ]
    assert (int(row["numerator"]), int(row["denominator"])) == (sum(kept), len(kept))


def test_weeks_recounted_from_the_files(clean):
    places = ("H34062100102", "H34062100105", "H34062100201")  # all of one vendor
    days = defaultdict(list)
    for place, month in product(places, ("202502", "202503")):
        for stay in clean.rows(f"{place}/{month[:4]}-{month[4:]}/ip_stay_{month}.csv"):
            if stay["state"] == "2" and stay["ip_kind"] == "1":
                gone, came = (datetime.strptime(stay[n][:10], "%Y/%m/%d") for n in ("dis_tm", "adm_tm"))
                if (gone - came).days <= 60:
                    monday = str(gone.date() - timedelta(days=gone.weekday()))
                    days[place, monday].append(max(1, (gone - came).days))
    told = {
        (r["unit_id"], r["week"]): (int(r["numerator"]), int(r["denominator"]))
        for r in clean.truth("kpi_week_value.csv")
        if r["kpi_id"] == "KPI-010" and r["unit_id"] in places
    }
    # The week of the last day, a Monday, ends in April.
    assert told == {key: (sum(own), len(own)) for key, own in days.items() if key[1] < "2025-03-31"}
    assert len(told) > 4


def test_the_weeks_are_those_of_the_definitions(spoilt):
    rows = spoilt.truth("kpi_week_value.csv")
    assert {row["kpi_id"] for row in rows} <= WATCHED
    assert {name for name, one in REGISTERED.items() if one.weekly} == WATCHED
    for row in rows:
        monday = datetime.fromisoformat(row["week"])
        assert monday.weekday() == 0
        assert str(monday + timedelta(days=6))[:7] == row["month"]


def test_departments_and_physicians_add_up_to_their_institutions(spoilt):
    """Every event is some department's and somebody's, or nobody's: so also what no row names."""
    below, own = defaultdict(Decimal), {}
    for row in spoilt.truth("kpi_unit_value.csv"):
        unit, *part = row["unit_id"].split("/")
        where = row["month"], row["window"], row["kpi_id"], unit
        one = REGISTERED[row["kpi_id"]]
        if part and one.over.denominator == "sum" and row["kpi_id"] not in SHARED_DENOMINATOR:
            below[row["unit_level"], *where] += Decimal(row["denominator"])
        elif row["unit_level"] == "institution":
            own[where] = Decimal(row["denominator"])
    hospitals = {code for code, county in zip(LAYOUT.code_list(), LAYOUT.is_county, strict=True) if county}
    seen = {(level, *where) for level, *where in below if where[-1] in hospitals}
    assert len(seen) > 100
    for level, *where in seen:
        assert below[level, *where] == own[tuple(where)], (level, where)


def test_lost_rows_are_left_out_of_the_truth(spoilt):
    log = [
        e
        for e in spoilt.truth("defect.csv")
        if e["feed"] == "his_satisfaction" and e["disposition"] == "quarantined"
    ]
    assert log
    entry = next(e for e in log if "survey" in e["file"])
    month, deliverer, layout = entry["month"], entry["institution_id"], LAYOUT
    codes = layout.code_list()
    own = {code for code, by in zip(codes, layout.deliverer, strict=True) if codes[by] == deliverer}
    truth = sum(
        int(r["denominator"])
        for r in spoilt.truth("kpi_value.csv")
        if r["kpi_id"] == "KPI-013"
        and r["window"] == "month"
        and r["month"] == month
        and r["institution_id"] in own
    )
    listed = spoilt.rows(f"{deliverer}/{month}/control.csv")
    delivered = sum(int(row["rows"]) for row in listed if "survey" in row["file"])
    assert 0 < truth < delivered


def test_an_earlier_event_within_the_window_precedes():
    keys = np.array([1, 1, 1, 2, 1])
    times = np.array(
        ["2025-01-01T08:00", "2025-01-31T07:00", "2025-03-02T23:00", "2025-01-02T08:00", "2025-01-31T09:00"],
        "datetime64[s]",
    )
    numbers = np.arange(5)
    assert preceded(keys, times, (numbers,), 30).tolist() == [False, True, True, False, True]
    assert preceded(keys, times, (numbers,), 29).tolist() == [False, False, False, False, True]


def test_ties_of_a_day_are_broken_by_rank_time_and_number():
    keys = np.zeros(3, np.int64)
    times = np.array(["2025-01-01T09:00", "2025-01-01T08:00", "2025-01-01T09:00"], "datetime64[s]")
    assert preceded(keys, times, (np.array([2, 3, 1]),), 0).tolist() == [True, False, True]
    assert preceded(keys, times, (np.array([2, 3, 1]),), 0, before_time=np.array([0, 1, 0])).tolist() == [
        True,
        True,
        False,
    ]


def test_returns_lie_after_the_arrival_and_within_thirty_days():
    key = np.array([7, 7, 7])
    day = np.array([100, 100, 200])
    other_key, other_day = np.array([7, 8, 7]), np.array([130, 101, 200])
    assert followed(key, day, other_key, other_day, 30).tolist() == [True, True, False]
    assert followed(key, day, other_key, other_day, 29).tolist() == [False, False, False]


def test_people_list_covers_every_register_entry(clean):
    people = clean.truth("person.csv")
    registered = {
        r["pid"]
        for r in clean.rows(f"{ENGLISH}/2025-02/patient_202502.csv")
        + clean.rows(f"{ENGLISH}/2025-03/patient_202503.csv")
    }
    told = {r["local_id"] for r in people if r["institution_id"] == ENGLISH and r["feed"] == "his_patient"}
    assert told == registered
    residents = {r["person_id"]: r for r in clean.truth("resident.csv")}
    assert len(residents) == 2_000
    assert {r["person_id"] for r in people} <= set(residents)
