"""What stays are due by DRG, held against a second arithmetic in whole numbers and fractions: thousands of cases on and beside every
bound, a ceiling by person and year, and entries that add up to what funds owe.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import duckdb
import pyarrow as pa
import pytest

from orchestration.casemix import build_models, scratch_home
from sources.base.engine import connect
from sources.base.files import write_parquet
from sources.base.home import Home

_CASES = 6_000
_RATIOS = ["0.1", "0.4", "1", "2.5", "3", "3.5", "5"]
_CEILING = {"310": 4_000_000, "390": 2_500_000}
_NUMBER, _TEXT = pa.float64(), pa.string()


@dataclass(frozen=True)
class Rule:
    """One rule row as an insurer would say it."""

    method: str
    insurance: str
    unit: str  # fen for a weight of 1, or yuan for a point
    points_per_weight: int | None
    lower: tuple[str, int]
    upper: tuple[str, int]
    cap: str | None
    beyond: str | None
    factor_on: str


RULES = (
    Rule("drg_rate", "310", "800000", None, ("0.4", 0), ("3", 1), None, None, "all"),
    Rule("drg_rate", "390", "733333", None, ("0.4", 1), ("2.5", 0), "3.5", "at_cap", "base"),
    Rule("drg_points", "310", "9", 100, ("0.4", 0), ("3", 1), "5", "as_normal", "base"),
    Rule("drg_points", "390", "8.7213", 100, ("0.4", 0), ("3", 0), "3.5", None, "none"),
)


@dataclass(frozen=True)
class Case:
    number: int
    rule: Rule
    person: int
    day: date
    weight: Fraction
    mean: int
    cost: int
    factor: Fraction
    personal: int
    adjustment: int | None

    @property
    def id(self) -> str:
        return f"S {self.number:05d}"


def _drawn() -> list[Case]:
    rng = random.Random(11)
    cases = []
    for number in range(_CASES):
        mean = rng.randrange(100_000, 3_000_000, 1_000)
        cost = int(Fraction(rng.choice(_RATIOS)) * mean) + rng.choice([-1, 0, 0, 1])
        cases.append(
            Case(
                number, rng.choice(RULES), rng.randrange(1_500), date(2025, 1, 1) + timedelta(rng.randrange(500)),
                Fraction(rng.randrange(500, 60_000), 10_000), mean, cost, Fraction(rng.choice(["1", "0.95", "1.05", "0.9"])),
                rng.randrange(0, max(cost, 1)), rng.choice([None] * 19 + [rng.randrange(500_000)]),
            )
        )  # fmt: skip
    return cases


def _standard(case: Case) -> tuple[str, int]:
    """Deviation and payment standard by the rule, as a person would reckon it."""
    rule, t = case.rule, Fraction(case.cost, case.mean)
    (lower, at_lower), (upper, at_upper) = ((Fraction(bound), at) for bound, at in (rule.lower, rule.upper))
    base = case.factor if rule.factor_on == "base" else Fraction(1)
    if t < lower or (at_lower and t == lower):
        deviation, times = "low", t
    elif t > upper or (at_upper and t == upper):
        deviation, times = "high", t - upper + base
        if rule.cap and t > Fraction(rule.cap):
            times = base if rule.beyond == "as_normal" else Fraction(rule.cap) - upper + base
    else:
        deviation, times = "normal", base
    if rule.factor_on == "all":
        times *= case.factor
    worth = Fraction(rule.unit) * (100 * rule.points_per_weight if rule.points_per_weight else 1)
    return deviation, _half_up(case.weight * times * worth)


def _half_up(fen: Fraction) -> int:
    return (2 * fen.numerator + fen.denominator) // (2 * fen.denominator)


def _owed(cases: list[Case]) -> dict[str, int]:
    """By the funds: one person's stays of a year after one another, until the ceiling is reached."""
    left: dict[tuple[int, str, int], int] = defaultdict(int)
    owed = {}
    for case in sorted(cases, key=lambda each: (each.day, each.id)):
        year = (case.person, case.rule.insurance, case.day.year)
        due = max(_standard(case)[1] + (case.adjustment or 0) - case.personal, 0)
        owed[case.id] = min(due, _CEILING[case.rule.insurance] - left[year])
        left[year] += owed[case.id]
    return owed


def _put(home: Home, cases: list[Case]) -> None:
    """The cases in the place of the tables that the warehouse makes of feeds and policy."""
    drg = [
        {
            "case_id": c.id, "month": f"{c.day:%Y-%m}", "method": c.rule.method, "total_fen": c.cost, "drg": "BR23",
            "rule_region": "*", "rule_insurance": c.rule.insurance, "rule_from": date(2024, 1, 1),
            "lower_inclusive": c.rule.lower[1], "upper_inclusive": c.rule.upper[1], "beyond_cap": c.rule.beyond,
            "institution_factor_on": c.rule.factor_on, "is_grouped": True, "weight": float(c.weight),
            "mean_cost_fen": float(c.mean), "institution_factor": float(c.factor),
            "base_rate_fen": None if c.rule.points_per_weight else float(c.rule.unit),
            "point_value": float(c.rule.unit) if c.rule.points_per_weight else None, "budget_fen": None,
            "budget_volume": None, "points_per_weight": c.rule.points_per_weight, "lower_bound": float(c.rule.lower[0]),
            "upper_bound": float(c.rule.upper[0]), "ratio_cap": float(c.rule.cap) if c.rule.cap else None,
            "ungrouped_pct": None,
        }
        for c in cases
    ]  # fmt: skip
    settled = [
        {
            "case_id": c.id, "deliverer_id": "S", "settlement_id": c.id[2:], "insurance_visit_id": c.id, "institution_id": "A",
            "month": f"{c.day:%Y-%m}", "event_date": c.day, "region": "340621", "insurance": c.rule.insurance,
            "insured_division_code": "340621", "insurance_key": str(c.person), "care_kind": "inpatient", "total_fen": c.cost,
            "personal_fen": c.personal, "fund_fen": c.cost - c.personal, "source_batch_id": "b", "source_file": "f",
            "source_line": c.number,
        }
        for c in cases
    ]  # fmt: skip
    tables = {
        "settlement_drg_case": pa.Table.from_pylist(drg, schema=_typed(drg, _DOUBLES)),
        "settlement_case": pa.Table.from_pylist(settled),
        "settlement_payment_method": pa.Table.from_pylist(
            [{"case_id": c.id, "method": c.rule.method, "rule_id": "m"} for c in cases]
        ),
        "settlement_special_case": pa.Table.from_pylist(
            [
                {"case_id": c.id, "result": "agreed", "adjustment_fen": c.adjustment}
                for c in cases
                if c.adjustment is not None
            ]
        ),
        "settlement_dip": pa.schema(
            [(name, _TEXT) for name in ("case_id", "group_code", "deviation")]
            + [
                (name, _NUMBER)
                for name in (
                    "score",
                    "mean_cost_fen",
                    "institution_factor",
                    "cost_ratio",
                    "deviation_factor",
                    "settlement_score",
                )
            ]
            + [("standard_fen", pa.int64())]
        ).empty_table(),
        "deduction_attribution": pa.schema(
            [
                (name, _TEXT)
                for name in (
                    "deliverer_id",
                    "deduction_id",
                    "month",
                    "institution_id",
                    "insurance",
                    "rule_code",
                )
            ]
            + [("final_fen", pa.int64())]
        ).empty_table(),
    }
    ceiling = [
        {"insurance": kind, "annual_fen": fen, "effective_from": date(2024, 1, 1), "effective_to": None}
        for kind, fen in _CEILING.items()
    ]
    write_parquet(
        home.policy / "fund_ceiling.parquet", pa.Table.from_pylist(ceiling, schema=_typed(ceiling, ()))
    )
    with connect(home.build_database) as connection:
        connection.execute("create schema casemix")
        for name, table in tables.items():
            connection.register("_given", table)
            connection.execute(f"create table casemix.{name} as select * from _given")
            connection.unregister("_given")


_DOUBLES = ("base_rate_fen", "point_value", "budget_fen", "budget_volume", "ratio_cap", "ungrouped_pct")


def _typed(rows: list[dict], doubles: tuple[str, ...]) -> pa.Schema:
    """What Arrow infers, but for columns that may be empty altogether."""
    types = {
        **dict.fromkeys(doubles, _NUMBER),
        "points_per_weight": _NUMBER,
        "beyond_cap": _TEXT,
        "effective_to": pa.date32(),
    }
    found = pa.Table.from_pylist(rows).schema
    return pa.schema([field.with_type(types.get(field.name, field.type)) for field in found])


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return _drawn()


@pytest.fixture(scope="module")
def settled(cases: list[Case]) -> Iterator[duckdb.DuckDBPyConnection]:
    with scratch_home() as home:
        _put(home, cases)
        build_models(home, ("settlement_drg", "casemix_settlement", "settlement_entry"))
        with connect(home.build_database, read_only=True) as connection:
            yield connection


def test_standards_on_and_beside_every_bound(cases: list[Case], settled: duckdb.DuckDBPyConnection) -> None:
    found = settled.execute("select case_id, deviation, standard_fen from casemix.settlement_drg").fetchall()
    assert {case_id: (deviation, fen) for case_id, deviation, fen in found} == {
        case.id: _standard(case) for case in cases
    }
    assert {deviation for _, deviation, _ in found} == {"low", "normal", "high"}


def test_funds_owe_no_more_than_the_ceiling_of_a_year(
    cases: list[Case], settled: duckdb.DuckDBPyConnection
) -> None:
    found = settled.execute(
        "select case_id, fund_due_fen, is_at_ceiling from casemix.casemix_settlement"
    ).fetchall()
    assert {case_id: fen for case_id, fen, _ in found} == _owed(cases)
    assert sum(at_ceiling for *_, at_ceiling in found) > 100


def test_entries_are_what_funds_owe(cases: list[Case], settled: duckdb.DuckDBPyConnection) -> None:
    by_insurance = dict(
        settled.execute(
            "select counter_account_id, sum(amount_fen) from casemix.settlement_entry group by 1"
        ).fetchall()
    )
    owed = _owed(cases)
    assert by_insurance == {
        f"case_fund:{kind}": sum(owed[case.id] for case in cases if case.rule.insurance == kind)
        for kind in _CEILING
    }


def test_nothing_of_a_case_is_said_of_a_person(settled: duckdb.DuckDBPyConnection) -> None:
    columns = {name for name, *_ in settled.execute("describe casemix.casemix_settlement").fetchall()}
    assert (
        columns & {"person_key", "insurance_key", "patient_key", "staff_id", "staff_key", "doctor_code"}
        == set()
    )
