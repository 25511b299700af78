"""The report page people read: every check, failing first, with what to do. One file, offline, printable,
Chinese.

The stock pages of Great Expectations load scripts from public networks; this one loads nothing. Belongs here:
grouping rows for reading. Does not: judging, and the look (templates/report.html.j2).
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import jinja2

from expectations.result import GateResult
from expectations.summary import CheckSummary, summarise
from expectations.verdict import share
from sources.base.terms import COUNTED, GATES, KAHN_CATEGORIES, OUTCOMES, SEVERITIES, in_chinese
from sources.contracts.load import load_contracts

_WORDS = {
    "gate_names": in_chinese(GATES),
    "outcome_names": in_chinese(OUTCOMES),
    "category_names": in_chinese(KAHN_CATEGORIES),
    "severity_names": in_chinese(SEVERITIES),
    "unit_names": in_chinese(COUNTED),
    "share": share,
    # What stands over the examples.
    "heads": {
        "feed": "数据源",
        "institution_id": "机构",
        "month": "月份",
        "batch_id": "批次",
        "source_batch_id": "批次",
        "file": "文件",
        "source_file": "文件",
        "source_line": "行号",
        "rule_id": "规则",
        "column_name": "列",
        "masked_value": "值(已脱敏)",
        "message_zh": "说明",
        "message_en": "说明(英文)",
        "code": "拒收原因",
        "check_suffix": "列",
        "kpi_id": "指标",
        "kpi_window": "窗口",
        "window": "窗口",
        "dimension": "维度",
        "status": "状态",
        "problem": "问题",
        "delivered_rows": "收到行数",
        "accepted_rows": "接受行数",
        "usual_rows": "前三月平均行数",
        "unreconciled_rows": "相差行数",
        "unreconciled_fen": "相差金额(分)",
        "unstored_rows": "相差行数",
        "unstored_fen": "相差金额(分)",
        "unexplained_rows": "相差行数",
        "unexplained_fen": "相差金额(分)",
        "overwriting_rows": "顶替了其他事件的行数",
        "unmapped_columns": "对不上的列数",
    },
}


def write_report(
    results: Sequence[GateResult],
    path: Path,
    county: str = "",
    release_id: str | None = None,
    name_of: Callable[[str], str] = str,
) -> Path:
    """Write the page. name_of: institution_id → name, the id itself where there is none; release_id None = nothing was
    published.
    """
    checks = summarise(results)
    page = _template().render(
        county=county,
        release_id=release_id,
        months=sorted({month for result in results for month in result.months}),
        as_of=results[-1].as_of,
        gates=[(result.gate, result.counts(), result.failed) for result in results],
        failed=any(result.failed for result in results),
        checks=checks,
        members=_members(checks, name_of),
        outcomes=list(OUTCOMES),
        feed_names={feed: contract.name for feed, contract in load_contracts().items()},
        name_of=name_of,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, "utf-8")
    return path


def _members(
    checks: Sequence[CheckSummary], name_of: Callable[[str], str]
) -> list[tuple[str, str, int, int]]:
    """(id, name, failures, warnings) of every institution that has something to mend, most failures first."""
    found: dict[str, list[int]] = {}
    for check in checks:
        for place in check.places:
            if place["institution_id"] and place["outcome"] in ("fail", "warn"):
                found.setdefault(place["institution_id"], [0, 0])[place["outcome"] == "warn"] += 1
    ordered = sorted(found.items(), key=lambda each: (-each[1][0], -each[1][1], each[0]))
    return [(member, name_of(member), failures, warnings) for member, (failures, warnings) in ordered]


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(_WORDS)
    return environment.get_template("report.html.j2")


def _text(name: str) -> str:
    return importlib.resources.files("expectations.templates").joinpath(name).read_text("utf-8")
