"""A KPI in words: formulas as they are computed, measures with what they count, and a county's rows of policy."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from orchestration import kpi_handbook
from orchestration.cli import main
from orchestration.commands import kpi as commands
from orchestration.kpi_registry import Registered, Subject, load_registry
from orchestration.kpi_words import UnknownKpiError, facts, find_kpi, formula, terms

READ = {
    name: cache(getattr(commands, name)) for name in ("load_registry", "load_subjects", "readable_tables")
}
SUBJECTS = {
    "stay": Subject(("department",), {}, {"days": "床日 | bed days", "people": "出院者 | the discharged"}),
    "visit": Subject((), {}, {"visits": "诊疗人次 | visits"}),
}
DEFINITION = """\
dimension: 运行效率
owner: 医共体办公室
next_review: 2027-06-30
kpis:
  KPI-900:
    code: X-1
    name: {zh: 甲率, en: rate of a}
    unit: "%"
    better: higher
    tiers: [county]
    scored: {window: half_year, matures_after_days: 7, at_least: 30}
    feeds: [his_ip_stay]
    origin: 试验
    why: 试验
    definition: {zh: 甲, en: a}
    counts: {numerator: 甲, denominator: 乙}
"""


def kpi_of(folder: Path, *lines: str) -> Registered:
    """A definition with more lines."""
    (folder / "operation.yml").write_text(DEFINITION + "".join(f"    {line}\n" for line in lines), "utf-8")
    (one,) = load_registry(folder)
    return one


def call(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["kpi", *words])
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("lines", "written"),
    [
        (
            ["numerator: {stay.days: 1}", "denominator: {stay.people: 1}", "scale: 100"],
            "stay.days ÷ stay.people × 100",
        ),
        (
            ["numerator: {visit.visits: 1, visit.visits@12: -1}", "denominator: {visit.visits@12: 2}"],
            "(visit.visits - visit.visits[12]) ÷ 2 × visit.visits[12]",
        ),
        (
            ["statistic: p90", "divisor: 60", "numerator: {stay.days: 1}", "denominator: {stay.people: 1}"],
            "第90百分位数(stay.days) ÷ 60",
        ),
        (
            ["statistic: distinct", "numerator: {stay.people: 1}", "denominator: {visit.visits: 1}"],
            "不同的 stay.people ÷ 不同的 visit.visits",
        ),
    ],
)
def test_the_formula_is_what_is_computed(tmp_path: Path, lines: list[str], written: str) -> None:
    assert formula(kpi_of(tmp_path, *lines)) == written


def test_measures_say_what_they_count(tmp_path: Path) -> None:
    one = kpi_of(tmp_path, "numerator: {stay.days: 1, visit.visits@12: -1}", "denominator: {stay.people: 1}")
    assert [(term.part.zh, term.written, term.description) for term in terms(one, SUBJECTS)] == [
        ("分子", "stay.days", "床日 / bed days"),
        ("分子", "- visit.visits[12]", "诊疗人次 / visits(12 个月前 / months earlier)"),
        ("分母", "stay.people", "出院者 / the discharged"),
    ]


def test_levels_windows_and_months_are_said_in_words(tmp_path: Path) -> None:
    over = "over_months: {numerator: sum, denominator: mean}"
    one = kpi_of(tmp_path, "numerator: {stay.days: 1}", "denominator: {stay.people: 1}", over)
    found = {fact.label.zh: fact.text for fact in facts(one, SUBJECTS)}
    assert found["层级"] == "全县、县域医共体、机构、科室"
    assert found["计分窗口"] == "半年至今"
    assert found["窗口内各月"] == "分子各月相加,分母取月均"
    assert found["确认"] == "尚无人确认"


def test_what_a_card_may_do_with_it_is_said(tmp_path: Path) -> None:
    plain = kpi_of(tmp_path, "not_computed: 没有来源")
    assert "在考核卡中" not in {fact.label.zh for fact in facts(plain, SUBJECTS)}
    cards = "in_cards: {primary_outcome: true, together_with: [KPI-901]}"
    found = {
        fact.label.zh: fact.text
        for fact in facts(kpi_of(tmp_path, "not_computed: 没有来源", cards), SUBJECTS)
    }
    assert found["在考核卡中"] == "基层质量与下沉类(首要结果);须与 KPI-901 同卡"


def test_a_kpi_without_data_says_so_instead_of_a_formula(tmp_path: Path) -> None:
    one = kpi_of(tmp_path, "not_computed: 没有来源")
    page = kpi_handbook.pages([one], SUBJECTS)[kpi_handbook.page_of(one)]
    assert formula(one) == ""
    assert "没有来源" in page and "## 公式" not in page and "yigongti explain" not in page


def test_a_kpi_is_found_by_number_code_or_name(tmp_path: Path) -> None:
    one = kpi_of(tmp_path, "not_computed: 没有来源")
    assert [find_kpi([one], said) for said in ("KPI-900", "X-1", "甲率", "rate of a")] == [one] * 4
    with pytest.raises(UnknownKpiError, match="KPI-900"):
        find_kpi([one], "KPI-90")
    twice = one._replace(kpi_id="KPI-901")
    with pytest.raises(UnknownKpiError, match="KPI-900、KPI-901"):
        find_kpi([one, twice], "甲率")


def test_what_nobody_knows_is_wrong_usage_and_the_nearest_is_named() -> None:
    for words, near in ((["show", "平均住院"], "平均住院日"), (["list", "--dimension", "运行"], "运行效率")):
        code, output = call(*words)
        assert (code, near in output) == (2, True), output


def test_a_list_is_narrowed_by_dimension() -> None:
    code, output = call("list", "--dimension", "运行效率")
    assert (code, "KPI-010" in output, "KPI-001" in output) == (0, True, False)


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Registry, evidence and policy are read for the first KPI only: what is tested is what is said of each."""
    for name, read in READ.items():
        monkeypatch.setattr(commands, name, read)


@pytest.mark.parametrize("one", load_registry(), ids=lambda one: one.kpi_id)
def test_every_registered_kpi_can_be_shown(one: Registered, read_once: None) -> None:
    code, output = call("show", one.kpi_id)
    assert code == 0
    said: list[Any] = [one.kpi.definition.zh, one.kpi.origin, one.kpi.why, *one.kpi.policy, *one.kpi.feeds]
    assert [text for text in said if text not in output] == []


def test_policy_is_that_of_the_county_and_a_file_that_cannot_be_read_is_named(own_county: Path) -> None:
    parameters = own_county / "policy" / "kpi_parameter.csv"
    text = parameters.read_text("utf-8")
    parameters.write_text(text.replace("long_stay_days,60,", "long_stay_days,45,"), "utf-8")
    _, output = call("show", "KPI-010", "--county", str(own_county))
    assert "value=45" in output and "value=60" not in output
    parameters.write_text(text.replace("long_stay_days,60,", "long_stay_days,sixty,"), "utf-8")
    _, output = call("show", "KPI-010", "--county", str(own_county))
    assert "kpi_parameter.csv 有误" in output and "value=" not in output
