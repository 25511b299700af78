"""The report page people read: every check, failing first, with what to do. One file, offline, printable,
Chinese.

The stock pages of Great Expectations load scripts from public networks; this one loads nothing. Belongs here:
grouping rows for reading. Does not: judging, and the look (templates/report.html.j2).
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2

from expectations.result import OUTCOMES, GateResult
from expectations.summary import summarise

GATE_NAMES = {"feed": "报送", "core": "核心层", "kpi": "指标", "scoring": "计分"}
OUTCOME_NAMES = {
    "fail": "未通过",
    "error": "无法判断",
    "warn": "提示",
    "waived": "已豁免",
    "not_applicable": "不适用",
    "pass": "通过",
}
CATEGORY_NAMES = {"conformance": "一致性", "completeness": "完整性", "plausibility": "合理性"}


def write_report(
    results: Sequence[GateResult],
    path: Path,
    county: str = "",
    release_id: str | None = None,
    names: Mapping[str, str] | None = None,
) -> Path:
    """Write the page. names: institution_id → name; release_id None = nothing was published."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(
        gate_names=GATE_NAMES, outcome_names=OUTCOME_NAMES, category_names=CATEGORY_NAMES
    )
    page = environment.get_template("report.html.j2").render(
        county=county,
        release_id=release_id,
        months=sorted({month for result in results for month in result.months}),
        gates=[(result.gate, result.counts(), result.failed) for result in results],
        failed=any(result.failed for result in results),
        checks=summarise(results),
        outcomes=OUTCOMES,
        names=names or {},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, "utf-8")
    return path


def _template(name: str) -> str:
    return importlib.resources.files("expectations.templates").joinpath(name).read_text("utf-8")
