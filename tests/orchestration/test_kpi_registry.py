"""The registry of KPIs: its files are what was generated from them, and a wrong definition says where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from orchestration.kpi_generated import expected_files, left_over
from orchestration.kpi_registry import Subject, load_registry, require_measures
from sources.base.terms import UNIT_LEVELS
from sources.county import policy_words

DEFINITION = """\
dimension: 运行效率
owner: 医共体办公室
next_review: 2027-06-30
kpis:
  KPI-900:
    name: {zh: 甲, en: a}
    unit: 次
    better: higher
    numerator: {stay.discharges: -1}
    denominator: {stay.discharges: 1}
    tiers: [county]
    scored: {window: month, matures_after_days: 7, at_least: 30}
    feeds: [his_ip_stay]
    origin: 试验
    why: 试验
    definition: {zh: 甲, en: a}
    counts: {numerator: 甲, denominator: 乙}
"""


def test_seeds_and_handbook_are_what_the_definitions_say() -> None:
    """After a change of dbt_project/kpis or of a measure: `make generated`."""
    files = expected_files()
    for path, text in files.items():
        assert path.read_text("utf-8") == text, path.name
    assert left_over(files) == []


def test_a_measure_that_there_is_not_is_named_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "operation.yml").write_text(DEFINITION, encoding="utf-8")
    subjects = {"stay": Subject((), {}, {"discharge": "出院 | discharges"})}
    with pytest.raises(
        ValueError, match=r"KPI-900 numerator: 没有计量 stay\.discharges,相近的有 stay\.discharge "
    ):
        require_measures(load_registry(tmp_path), subjects)


def test_what_is_generated_needs_nothing_generated_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a new column of a seed could not be written without the seed that has it already."""
    kept = (policy_words.indicators, policy_words.code_sets)
    monkeypatch.setattr(policy_words, "_REGISTRY", tmp_path / "not_there.csv")
    for each in kept:
        each.cache_clear()
    try:
        assert expected_files()
    finally:
        # Nobody else shall be told what was read without the seed.
        for each in kept:
            each.cache_clear()


def test_parts_keep_their_coefficients(tmp_path: Path) -> None:
    (tmp_path / "operation.yml").write_text(DEFINITION, encoding="utf-8")
    (one,) = load_registry(tmp_path)
    assert [(p.part, p.subject, p.measure, p.coefficient) for p in one.parts()] == [
        ("numerator", "stay", "discharges", -1),
        ("denominator", "stay", "discharges", 1),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("better: higher", "better: more", "better"),
        ("stay.discharges: 1}", "discharges: 1}", "denominator"),
        ("denominator: {stay.discharges: 1}", "denominator: {}", "at least one measure"),
        ("unit: 次", "unit: 次\n    plausible: [5, 1]", "lowest, highest"),
        (
            "denominator: {stay.discharges: 1}",
            "denominator: {stay.cost_fen: 1}\n    is_share: true",
            "refunds",
        ),
        ("unit: 次", "unit: 次\n    weekly: true\n    statistic: median", "week's own events"),
        ("unit: 次", "unit: 次\n    weekly: true\n    over_months: last", "week's own events"),
        ("unit: 次", "unit: 次\n    pooled_months: long_stay_days", "of a state"),
        ("unit: 次", "unit: 次\n    unti: 次", "unti"),
        ("tiers: [county]", "tiers: [province]", "tiers"),
        ("{stay.discharges: -1}", "{stay.discharges: {coefficient: -1, months_before: 12}}", "numerator"),
    ],
)
def test_a_wrong_definition_says_where(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in DEFINITION
    (tmp_path / "operation.yml").write_text(DEFINITION.replace(old, new), encoding="utf-8")
    with pytest.raises(ValidationError, match=said):
        load_registry(tmp_path)


def test_a_number_is_registered_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yml").write_text(DEFINITION, encoding="utf-8")
    with pytest.raises(ValueError, match=r"b\.yml: KPI-900 is registered twice"):
        load_registry(tmp_path)


def test_a_measure_may_be_that_of_the_year_before(tmp_path: Path) -> None:
    text = DEFINITION.replace("{stay.discharges: -1}", "{stay.discharges: 1, stay.discharges@12: -1}")
    (tmp_path / "operation.yml").write_text(text, encoding="utf-8")
    (one,) = load_registry(tmp_path)
    assert [(part.part, part.coefficient, part.offset_months) for part in one.parts()] == [
        ("numerator", 1, 0),
        ("numerator", -1, 12),
        ("denominator", 1, 0),
    ]


def test_levels_are_those_that_the_events_name(tmp_path: Path) -> None:
    (tmp_path / "operation.yml").write_text(DEFINITION, encoding="utf-8")
    (one,) = load_registry(tmp_path)
    knows, not_ = Subject(("department", "physician"), {}), Subject((), {})
    assert one.unit_levels({"stay": knows}) == list(UNIT_LEVELS)
    assert one.unit_levels({"stay": not_}) == ["county", "community", "institution"]
    claimed = DEFINITION.replace(
        "    tiers: [county]\n", "    tiers: [county]\n    levels: [institution, physician]\n"
    )
    (tmp_path / "operation.yml").write_text(claimed, encoding="utf-8")
    (one,) = load_registry(tmp_path)
    assert one.unit_levels({"stay": knows}) == ["institution", "physician"]
    with pytest.raises(ValueError, match="KPI-900: no figures at physician"):
        one.unit_levels({"stay": not_})


def test_a_kpi_without_data_says_why(tmp_path: Path) -> None:
    parts = "    numerator: {stay.discharges: -1}\n    denominator: {stay.discharges: 1}\n"
    (tmp_path / "operation.yml").write_text(
        DEFINITION.replace(parts, "    not_computed: 没有来源\n"), encoding="utf-8"
    )
    (one,) = load_registry(tmp_path)
    assert list(one.parts()) == [] and one.kpi.not_computed == "没有来源"
    (tmp_path / "operation.yml").write_text(
        DEFINITION.replace("    origin", "    not_computed: 没有\n    origin"), encoding="utf-8"
    )
    with pytest.raises(ValidationError, match="not both"):
        load_registry(tmp_path)
