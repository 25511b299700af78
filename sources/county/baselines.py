"""Relative targets (delta, ratio) whose institution has no baseline: what is not scored until somebody writes one.

Here: finding them before a run does. Not here: scoring (dbt) or the shape of the tables (policy).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sources.base.yamlfile import Problem
from sources.county.policy import policy_rows

RELATIVE = ("delta", "ratio")
_COLUMNS = "institution_id,kpi_id,baseline_value,effective_from,effective_to,assumption,origin"


def baseline_notes(folder: Path, tiers: Mapping[str, str]) -> list[Problem]:
    """One note for all institutions ({id: tier}) that lack baselines for the same indicators."""
    targets = policy_rows(folder, "kpi_target")
    weights = [row for _, row in policy_rows(folder, "kpi_weight")]
    own = {(row["institution_id"], row["kpi_id"]) for _, row in policy_rows(folder, "institution_baseline")}
    without: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for institution, tier in sorted(tiers.items()):
        for kpi in sorted({row["kpi_id"] for row in weights if row["institution_tier"] == tier}):
            line, target = _target_of(targets, kpi, institution, tier)
            relative = target.get("target_mode") in RELATIVE and target["baseline"] is None
            if relative and (institution, kpi) not in own:
                without[institution].append((kpi, line))
    alike: dict[tuple[tuple[str, int], ...], list[str]] = defaultdict(list)
    for institution, kpis in without.items():
        alike[tuple(kpis)].append(institution)
    return [_note(kpis, institutions) for kpis, institutions in sorted(alike.items())]


def _target_of(
    targets: list[tuple[int, dict[str, Any]]], kpi: str, institution: str, tier: str
) -> tuple[int, dict[str, Any]]:
    """The target that counts, as the warehouse chooses it: the institution's own, its tier's, the county's; the newest."""
    fitting = [
        (row["institution_id"] is None, row["institution_tier"] is None, -row["effective_from"].toordinal(), line, row)
        for line, row in targets
        if row["kpi_id"] == kpi
        and row["institution_id"] in (None, institution)
        and row["institution_tier"] in (None, tier)
    ]  # fmt: skip
    *_, line, row = min(fitting, key=lambda each: each[:4], default=(0, {}))
    return line, row


def _note(kpis: tuple[tuple[str, int], ...], institutions: list[str]) -> Problem:
    who, kpi = "、".join(institutions), "、".join(name for name, _ in kpis)
    example = f"{institutions[0]},{kpis[0][0]},8.5,2025-01-01,,1,上年实际"
    zh = (
        f"{kpi} 按本机构基线计分,{who} 还没有基线:补上之前该指标不计分(不影响发布)。"
        f"请在 policy/institution_baseline.csv 写基线,列为 {_COLUMNS},例如 {example}"
    )
    en = (
        f"{kpi}: scored against the institution's own baseline, which {who} lacks; not scored until then (the release "
        f"is not blocked). Write it into policy/institution_baseline.csv with the columns {_COLUMNS}, e.g. {example}"
    )
    return Problem("policy/kpi_target.csv", kpis[0][1], zh, en)
