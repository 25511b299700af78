"""A whole year from files: the annual score and what is settled at its end, worked out once more from what is published.

The sums of methods.md B and of decision 0038, in exact fractions: mean of twelve months, the year's card, what institutions
think of each other, deductions, and the curve from points to pay. How each month came to its points is not asked here.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import World, must, simulated

pytestmark = pytest.mark.proof

HOSPITAL, TOWNSHIP = "H34062100001", "H34062100101"
RATINGS = {HOSPITAL: (95, 90, 88), TOWNSHIP: (70, 85), "H34062100102": (60, 100, 80, 90)}
# From the months the township's head is vetoed in: no more than this much of the base.
CAP, VETOED = Fraction(1, 2), ("2025-05", "2025-06")
DEDUCTED = {HOSPITAL: Fraction(3, 2)}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small county of twelve months in which somebody rated, deducted and vetoed; all of it published."""
    world = World(tmp_path_factory.mktemp("year") / "county", tmp_path_factory.mktemp("year_home"))
    simulated(world.county, residents="3000", months="12", end="2025-12", seed="5", defects="none")
    decide(world.county / "policy")
    must("run", "--county", world.county, "--home", world.home)
    return world


def decide(policy: Path) -> None:
    """What people of the county decide beside the card, as files of the policy; and, the county being small, that a card stands
    on a fifth of its weights.
    """
    parameters = policy / "kpi_parameter.csv"
    text = parameters.read_text("utf-8")
    assert "\nminimum_coverage_pct,80," in text
    parameters.write_text(text.replace("\nminimum_coverage_pct,80,", "\nminimum_coverage_pct,20,"), "utf-8")
    raters = [f"H3406210010{number}" for number in range(3, 7)]
    write(
        policy / "mutual_assessment.csv",
        "rater_id,institution_id,year,points,ballots",
        [
            f"{rater},{rated},2025,{points},9"
            for rated, given in RATINGS.items()
            for rater, points in zip(raters, given, strict=False)
        ],
    )
    write(
        policy / "score_deduction.csv",
        "institution_id,year,kind,points,document",
        [
            f"{who},2025,other_decision,{float(points)},县医管委〔2025〕9 号"
            for who, points in DEDUCTED.items()
        ],
    )
    write(
        policy / "score_veto.csv",
        "institution_id,kind,month_from,month_to,pay_cap,decided_by,decided_on,document,appeal_state,appeal_decided_on",
        [
            f"{TOWNSHIP},falsified_data,{VETOED[0]},{VETOED[1]},{float(CAP)},县医管委,2025-05-06,县医管委〔2025〕3 号,none,"
        ],
    )


def write(file: Path, header: str, lines: list[str]) -> None:
    rows = [
        f"{header},effective_from,effective_to,assumption,origin",
        *(f"{line},2025-01-01,,0,测试" for line in lines),
    ]
    file.write_text("\n".join([*rows, ""]), encoding="utf-8")


def pay(score: Fraction) -> Fraction:
    """k(S) of methods.md B."""
    if score < 60:
        return Fraction(0)
    if score < 90:
        return Fraction(6, 10) + Fraction(4, 10) * (score - 60) / 30
    return min(1 + Fraction(2, 10) * (score - 90) / 20, Fraction(12, 10))


def test_the_year_is_scored_and_settled(year: World) -> None:
    marts = year.release / "marts"
    published = {
        row[0]: row[1:]
        for row in duckdb.sql(
            f"""select institution_id, months_present, score, pay_coefficient, coefficients_to_settle, status
                from '{marts}/mart_annual_score.parquet' where month = '2025-12'"""
        ).fetchall()
    }
    assert {published[who][-1] for who in RATINGS} == {"valid"}
    assert all(row[-1] != "valid" and row[1] is None for who, row in published.items() if who not in RATINGS)
    for who, given in RATINGS.items():
        months, score, coefficient, to_settle, _ = published[who]
        expected = annual_score(marts, who, given)
        assert months == 12
        assert abs(Fraction(score) - expected) <= Fraction(1, 10_000)
        assert abs(Fraction(coefficient) - pay(Fraction(score))) <= Fraction(1, 1_000_000)
        assert abs(Fraction(to_settle) - settled(marts, who, Fraction(coefficient))) <= Fraction(1, 100_000)


def annual_score(marts: Path, who: str, given: tuple[int, ...]) -> Fraction:
    monthly = [each for (each,) in rows(marts, "mart_institution_score", who, "score", "score is not null")]
    card = rows(
        marts, "mart_annual_indicator_score", who, "weight, score", "month = '2025-12' and score is not null"
    )
    weight = sum(Fraction(each) for each, _ in card)
    indicators = sum(Fraction(each) * Fraction(points) for each, points in card) / weight
    mean = sum(map(Fraction, monthly)) / 12
    rated = Fraction(sum(given), len(given))
    return mean / 2 + indicators * 4 / 10 + rated / 10 - DEDUCTED.get(who, Fraction(0)) - by_rule(marts, who)


def by_rule(marts: Path, who: str) -> Fraction:
    """The demo's rule: of county hospitals a tenth of a point for every point that down-referrals (KPI-008) fall short of 60 %."""
    found = duckdb.sql(
        f"""select value from '{marts}/mart_unit_value.parquet' where month = '2025-12' and kpi_window = 'ytd'
            and kpi_id = 'KPI-008' and unit_id = '{who}' and status = 'valid'"""
    ).fetchall()
    short = max((60 - Fraction(value) for (value,) in found), default=Fraction(0))
    return min(max(short, Fraction(0)) / 10, Fraction(3)) if who == HOSPITAL else Fraction(0)


def settled(marts: Path, who: str, coefficient: Fraction) -> Fraction:
    """Months of base pay that are due and not yet paid: a vetoed month is due its cap and no more."""
    monthly = dict(rows(marts, "mart_institution_score", who, "month, pay_coefficient", "true"))
    vetoed = VETOED if who == TOWNSHIP else ()
    assert all(Fraction(monthly[month]) <= CAP for month in vetoed)
    due = sum(min(coefficient, CAP) if month in vetoed else coefficient for month in monthly)
    return due - sum(map(Fraction, monthly.values()))


def rows(marts: Path, mart: str, who: str, columns: str, where: str) -> list[tuple]:
    return duckdb.sql(
        f"select {columns} from '{marts}/{mart}.parquet' where institution_id = '{who}' and {where} order by all"
    ).fetchall()
