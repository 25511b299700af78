"""The registry of KPIs as semantic models of MetricFlow, for BI tools that speak it: docs/generated/kpi_semantic.yml.

Metrics are ratios of sums over `mart_unit_value`: what is published, added up. Meant for a dbt project of its own over the
marts of a release, so this project's dbt never reads it. Not here: how a KPI is computed (dbt_project/models/kpi), statistics
that do not add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from orchestration.kpi_registry import Registered, Subject
from sources.base.terms import PARTS

FILE = Path(__file__).parents[1] / "docs" / "generated" / "kpi_semantic.yml"
_HEAD = """\
# 由指标登记生成,请勿手改 / generated from dbt_project/kpis, do not edit: make generated
# 怎样使用 / how to use it: docs/example-queries.md
"""
_UNIT, _MONTH = "unit", "accounting_month"
# The lowest level whose units add up to the county; what belongs to nobody is a unit too.
_LEVELS = ("institution", "community", "county")
# MetricFlow wants a list of days, even where nothing is finer than a month.
_DAYS = {
    "name": "calendar_day",
    "time_spine": {"standard_granularity_column": "day"},
    "columns": [{"name": "day", "granularity": "day"}],
}


def text(registry: Sequence[Registered], subjects: Mapping[str, Subject]) -> str:
    """The file. KPIs that are no ratio of sums stand in a comment with the reason."""
    adding = [one for one in registry if not why_not(one)]
    left_out = [
        f"#   {one.kpi_id} {one.kpi.name.zh}:{reason}" for one in registry if (reason := why_not(one))
    ]
    content = {
        "version": 2,
        "models": [_DAYS],
        "semantic_models": [_figures([m for one in adding for m in _measures(one, subjects)]), _units()],
        "metrics": [metric for one in adding for metric in _metrics(one)],
    }
    body = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
    return "\n".join([f"{_HEAD}# 不在其中 / left out:", *left_out]) + "\n" + body


def why_not(one: Registered) -> str:
    """Why sums of published figures do not give the value; empty when they do."""
    if one.kpi.not_computed:
        return "未计算 / not computed"
    if one.kpi.statistic != "ratio":
        return "不能由相加得到 / does not add up"
    if "mean" in (one.kpi.over.numerator, one.kpi.over.denominator):
        return "取月均,跨月不能相加 / a mean of months does not add up"
    return ""


def _figures(measures: list[dict[str, Any]]) -> dict[str, Any]:
    month = {
        "name": _MONTH,
        "type": "time",
        "expr": "cast(month || '-01' as date)",
        "type_params": {"time_granularity": "month"},
    }
    return {
        "name": "unit_value",
        "description": "当月的指标值 / figures of single months",
        "model": "ref('mart_unit_value')",
        "defaults": {"agg_time_dimension": _MONTH},
        "primary_entity": "figure",
        "entities": [{"name": _UNIT, "type": "foreign", "expr": "unit_level || '/' || unit_id"}],
        "dimensions": [month, {"name": "status", "type": "categorical"}],
        "measures": measures,
    }


def _units() -> dict[str, Any]:
    names = ("unit_level", "unit_id", "unit_name", "unit_tier", "parent_unit_id")
    return {
        "name": "units",
        "description": "县、医共体、机构 / the county, its communities, institutions",
        "model": "ref('dim_unit')",
        "entities": [{"name": _UNIT, "type": "primary", "expr": "unit_level || '/' || unit_id"}],
        "dimensions": [{"name": name, "type": "categorical"} for name in names],
    }


def _name(one: Registered) -> str:
    return one.kpi_id.lower().replace("-", "_")


def _measures(one: Registered, subjects: Mapping[str, Subject]) -> Iterator[dict[str, Any]]:
    known = one.unit_levels(subjects)
    level = next(level for level in _LEVELS if level in known)
    for part in PARTS:
        rows = f"kpi_id = '{one.kpi_id}' and kpi_window = 'month' and unit_level = '{level}'"
        measure: dict[str, Any] = {
            "name": f"{_name(one)}_{part}",
            "agg": "sum",
            "expr": f"case when {rows} then {part} end",
        }
        if getattr(one.kpi.over, part) == "last":
            measure["non_additive_dimension"] = {"name": _MONTH, "window_choice": "max"}
        yield measure


def _metrics(one: Registered) -> Iterator[dict[str, Any]]:
    """The parts, their ratio, and the value: the ratio in the unit of the KPI."""
    kpi, name = one.kpi, _name(one)
    for part, counts in (("numerator", kpi.counts.numerator), ("denominator", kpi.counts.denominator)):
        label = f"{one.kpi_id} {PARTS[part].zh}:{counts}"
        measure = {"measure": f"{name}_{part}"}
        yield {"name": f"{name}_{part}", "label": label, "type": "simple", "type_params": measure}
    parts = {"numerator": f"{name}_numerator", "denominator": f"{name}_denominator"}
    yield {"name": f"{name}_ratio", "label": f"{one.kpi_id} 比值", "type": "ratio", "type_params": parts}
    value = {"expr": f"{name}_ratio * {kpi.scale} / {kpi.divisor}", "metrics": [{"name": f"{name}_ratio"}]}
    yield {
        "name": name,
        "label": f"{one.kpi_id} {kpi.name.zh}({kpi.unit})",
        "description": f"{kpi.definition.zh} / {kpi.definition.en}",
        "type": "derived",
        "type_params": value,
    }
