"""The registry of KPIs: its files are what was generated from them, and a wrong definition says where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from orchestration.kpi_generated import expected_files
from orchestration.kpi_registry import load_registry

DEFINITION = """\
dimension: 运行效率
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
    definition: {zh: 甲, en: a}
    counts: {numerator: 甲, denominator: 乙}
"""


def test_seeds_are_what_the_definitions_say() -> None:
    """After a change of dbt_project/kpis: `make generated`."""
    for path, text in expected_files().items():
        assert path.read_text("utf-8") == text, path.name


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
