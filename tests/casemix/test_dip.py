"""`yigongti casemix dip`: worked examples, and every place where the rules of regions differ, by a second arithmetic."""

from __future__ import annotations

import csv
import random
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from orchestration.casemix import CasesError
from orchestration.casemix.dip import COLUMNS, settle_cases

RULES = (
    "region,dip_type,insurance,lower_bound,lower_inclusive,upper_bound,upper_inclusive,ratio_cap,beyond_cap,"
    "institution_factor_on,auxiliary_factor_on\n"
    "A,*,*,0.5,0,2,0,,,all,after_test\n"
    "B,*,*,0.5,1,2,0,5,as_normal,base,after_test\n"
    "C,*,*,0.4,0,3,1,4,at_cap,all,before_test\n"
    "C,3,*,0.4,0,3,1,,,none,after_test\n"
    "C,3,390,0.6,1,1.5,1,,,none,before_test\n"
)
# Methods E: mean 9,000 yuan, score 850, point value 8.5, factor 0.92.
WORKED = {950_000: "664700", 2_700_000: "1329400", 360_000: "265880", 1_800_000: "664700", 450_000: "664700"}


def _settled(folder: Path, cases: list[tuple], rules: str = RULES) -> list[dict[str, str]]:
    with (folder / "cases.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *cases])
    (folder / "rules.csv").write_text(rules, "utf-8")
    settle_cases(folder / "cases.csv", folder / "rules.csv", folder / "out.csv")
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by_hand(case: tuple) -> tuple[str, int]:
    """Deviation and fen in fractions: the rules above, said once more as a person would."""
    _, region, kind, insurance, *numbers = case
    score, auxiliary, institution, mean, cost, point = (Fraction(str(each)) for each in numbers)
    t = cost / mean
    if region == "A":
        deviation = "low" if t < Fraction(1, 2) else "high" if t > 2 else "normal"
        points = score * auxiliary * institution * {"low": t, "high": t - 1, "normal": Fraction(1)}[deviation]
    elif region == "B":
        deviation = "low" if t <= Fraction(1, 2) else "high" if t > 2 else "normal"
        factor = {"low": t, "high": t - 2 + institution, "normal": institution}[deviation]
        points = score * auxiliary * (institution if t > 5 else factor)
    elif kind == "3":
        strict = insurance == "390"
        t = t / auxiliary if strict else t
        low = t <= Fraction(3, 5) if strict else t < Fraction(2, 5)
        bound = Fraction(3, 2) if strict else Fraction(3)
        deviation = "low" if low else "high" if t >= bound else "normal"
        points = score * auxiliary * {"low": t, "high": t - bound + 1, "normal": Fraction(1)}[deviation]
    else:
        t = t / auxiliary
        deviation = "low" if t < Fraction(2, 5) else "high" if t >= 3 else "normal"
        points = score * auxiliary * institution
        points *= {"low": t, "high": min(t, Fraction(4)) - 2, "normal": Fraction(1)}[deviation]
    fen = points * point * 100
    exact = Decimal(fen.numerator) / Decimal(fen.denominator)
    return deviation, int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_the_worked_examples(tmp_path: Path) -> None:
    cases = [(cost, "A", "1", "310", 850, 1, 0.92, 900_000, cost, 8.5) for cost in WORKED]
    assert {int(row["case_id"]): row["settlement_fen"] for row in _settled(tmp_path, cases)} == WORKED


def test_the_order_of_regions_bounds_and_factors(tmp_path: Path) -> None:
    rng = random.Random(5)
    ratios = ["0.1", "0.4", "0.5", "0.6", "1", "1.5", "2", "3", "4", "5", "7.25"]
    cases = []
    for number in range(4_000):
        mean = rng.randrange(100_000, 3_000_000, 1_000)
        factors = (rng.choice(["1", "1.1", "0.85"]), rng.choice(["0.92", "1", "1.05"]))
        who = (rng.choice("ABC"), rng.choice("123"), rng.choice(["310", "390"]))
        scaled = Decimal(factors[0]) if who[0] == "C" else 1  # what the mean is multiplied by before the test
        near = Decimal(rng.choice(ratios)) * mean * scaled + rng.choice([-1, 0, 0, 1])
        score = f"{rng.randrange(1_000, 200_000) / 100:.2f}"
        cases.append((number, *who, score, *factors, mean, int(near), rng.choice(["8.5", "9.37", "11"])))
    rows = _settled(tmp_path, cases)
    assert [row["case_id"] for row in rows] == [str(case[0]) for case in cases]
    wrong = [
        (case, row)
        for case, row in zip(cases, rows, strict=True)
        if _by_hand(case) != (row["deviation"], int(row["settlement_fen"]))
    ]
    assert wrong == []
    assert {row["deviation"] for row in rows} == {"low", "normal", "high"}


def test_what_nothing_is_said_about_is_not_settled(tmp_path: Path) -> None:
    cases = [
        ("x", "Z", "1", "310", 850, 1, 1, 900_000, 900_000, 8.5),
        ("y", "A", "1", "310", 850, 1, 1, 0, 5, 8.5),
    ]
    cases.append(("z", "", "", "", 850, 1, 1, 900_000, 900_000, 8.5))
    nowhere, no_mean, unsaid = _settled(
        tmp_path, cases, RULES + "*,*,*,0.5,0,2,0,,,all,after_test\n".replace("*,*,*", "*,3,*")
    )
    assert (nowhere["deviation"], nowhere["settlement_fen"], unsaid["deviation"]) == (
        "no_rule",
        "",
        "no_rule",
    )
    _, _, of_any = _settled(tmp_path, cases, RULES + "*,*,*,0.5,0,2,0,,,all,after_test\n")
    assert (of_any["deviation"], of_any["settlement_fen"]) == ("normal", "722500")
    assert (no_mean["deviation"], no_mean["cost_ratio"], no_mean["settlement_fen"]) == (
        "normal",
        "",
        "722500",
    )


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (RULES.replace("A,*,*,0.5", "A,*,*,half"), r"rules\.csv:2 .*lower_bound"),
        (RULES.replace("B,*,*", "A,*,*"), r"rules\.csv:3 .*A, \*, \*"),
        (RULES.replace(",all,after_test\nB", ",both,after_test\nB"), r"rules\.csv:2 .*institution_factor_on"),
        (RULES.replace("upper_bound", "upper"), "upper_bound"),
        (RULES.replace("0.4,0,3,1,4", "0.4,0,3,1,2"), r"rules\.csv:4 .*ratio_cap"),
        (RULES.replace("A,*,*,0.5,0,2", "A,*,*,2,0,0.5"), r"rules\.csv:2 .*lower_bound"),
        (RULES.replace("0,2,0,,,all", "0,2,0,,at_cap,all"), r"rules\.csv:2 .*beyond_cap"),
        (RULES.replace("all,after_test\nB", "all,after_test,none\nB"), r"rules\.csv:2 .*11"),
    ],
)
def test_rules_that_cannot_be_say_where(tmp_path: Path, rules: str, said: str) -> None:
    with pytest.raises(CasesError, match=said):
        _settled(tmp_path, [("x", "A", "1", "310", 850, 1, 1, 1, 1, 1)], rules)


@pytest.mark.parametrize("cost", ["many", "nan", "-5", "1e30", ""])
def test_a_cost_that_is_no_number_says_where(tmp_path: Path, cost: str) -> None:
    with pytest.raises(CasesError, match=r"第 2 行 total_cost_fen"):
        _settled(tmp_path, [("x", "A", "1", "310", 850, 1, 1, 900_000, cost, 8.5)])


def test_a_result_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match="nowhere"):
        settle_cases(tmp_path / "cases.csv", tmp_path / "rules.csv", tmp_path / "nowhere" / "out.csv")


def test_rules_in_another_encoding_say_so(tmp_path: Path) -> None:
    (tmp_path / "rules.csv").write_bytes("region,备注\nA,甲\n".encode("gbk"))
    with pytest.raises(CasesError, match="UTF-8"):
        settle_cases(tmp_path / "cases.csv", tmp_path / "rules.csv", tmp_path / "out.csv")
