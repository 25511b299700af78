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

from expectations.result import GateResult
from expectations.summary import summarise
from sources.base.terms import GATES, KAHN_CATEGORIES, OUTCOMES, SEVERITIES, in_chinese

_WORDS = {
    "gate_names": in_chinese(GATES),
    "outcome_names": in_chinese(OUTCOMES),
    "category_names": in_chinese(KAHN_CATEGORIES),
    "severity_names": in_chinese(SEVERITIES),
}


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
    environment.globals.update(_WORDS)
    page = environment.get_template("report.html.j2").render(
        county=county,
        release_id=release_id,
        months=sorted({month for result in results for month in result.months}),
        gates=[(result.gate, result.counts(), result.failed) for result in results],
        failed=any(result.failed for result in results),
        checks=summarise(results),
        outcomes=list(OUTCOMES),
        names=names or {},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, "utf-8")
    return path


def _template(name: str) -> str:
    return importlib.resources.files("expectations.templates").joinpath(name).read_text("utf-8")
