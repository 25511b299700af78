"""Rows of quality factors that may not stand: money for quality, indicators without a score, two factors for one person.

Not here: points (physician), the factor itself (dbt_project/models/fund/physician/staff_quality.sql).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sources.county.money.guards import guard_against_indicator
from sources.county.money.shares import days_of_change, grouped
from sources.county.policy_checks import Finding, Line, Tables, check_figures
from sources.county.policy_in_force import in_force
from sources.county.policy_words import indicators

_BOUNDS = (
    ("quality_factor_rule", "weight", Decimal("0.000001"), 100),
    ("quality_factor_rule", "factor_min", 0, 1),
    ("quality_factor_rule", "factor_max", 1, 2),
)


def check_quality_factor(tables: Tables) -> Iterator[Finding]:
    """Indicators that are no money and say something at their level, with those they may not stand without; one factor on a day."""
    lines = tables.get("quality_factor_rule", [])
    yield from check_figures(tables, _BOUNDS)
    for line, row in lines:
        if why := guard_against_indicator(row["kpi_id"]):
            zh = f"{row['kpi_id']} 不得进入质量系数:{why.zh};质量系数只能由质量指标决定,请删去此行"
            en = f"{row['kpi_id']} may not enter a quality factor: {why.en}; remove the row"
            yield Finding((), "quality_factor_rule", line, zh, en)
        known, level = indicators().get(row["kpi_id"]), row["unit_level"]
        if known and (level not in known.levels or known.not_computed or known.direction == "monitor"):
            zh = f"{row['kpi_id']} 在 {level} 一级没有可计分的值(没有这一级、未计算或只监测),不会计入:请删去此行"
            en = f"{row['kpi_id']} has no score for a {level} (not at that level, not computed, or only watched): remove the row"
            yield Finding((), "quality_factor_rule", line, zh, en)
    for (level,), own in grouped(lines, lambda row: (row["unit_level"],)).items():
        for day in days_of_change(own):
            held = [each for each in own if in_force(each[1], day)]
            if len({(row["factor_min"], row["factor_max"]) for _, row in held}) > 1:
                zh = f"{level} 自 {day} 起各行的 factor_min、factor_max 要相同:一个人只有一个系数"
                en = (
                    f"from {day} on rows of {level} have the same factor_min and factor_max: it is one factor"
                )
                yield Finding((), "quality_factor_rule", held[0][0], zh, en)
                break
        yield from _alone(level, own)


def _alone(level: str, own: list[Line]) -> Iterator[Finding]:
    """Rates of referral count only beside the indicators that say whether referrals were right (corrections, REQ-128)."""
    for line, row in own:
        known = indicators().get(row["kpi_id"])
        for other in known.together_with if known else ():
            beside = [each for each in own if each[1]["kpi_id"] == other]
            if not all(
                any(in_force(each, day) for _, each in beside)
                for day in days_of_change([(line, row)])
                if in_force(row, day)
            ):
                zh = f"{level}:{row['kpi_id']} 要与 {other} 一起计入(同期),否则会为转诊而转诊"
                en = f"{level}: {row['kpi_id']} counts only together with {other} in force on the same days"
                yield Finding((), "quality_factor_rule", line, zh, en)
