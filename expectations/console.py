"""What the terminal shows of a gate: one line per gate, and every failing check with what to do and where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from expectations.result import GateResult
from expectations.summary import CheckSummary, summarise
from sources.base.terms import COUNTED, GATES, OUTCOMES

_STYLES = {"fail": "bold red", "error": "bold red", "warn": "yellow", "waived": "magenta", "pass": "green"}
_MOST_SHOWN = 12
_PLACES_SHOWN = 6


def render(results: Sequence[GateResult], report: Path | None = None) -> RenderableType:
    """Summary of the gates; below it the failing checks, worst first, and where the page lies."""
    failing = [check for check in summarise(results) if _stops(check)]
    parts: list[RenderableType] = [_counts(results), *(_failure(check) for check in failing[:_MOST_SHOWN])]
    if len(failing) > _MOST_SHOWN:
        parts.append(Text(f"…… 另有 {len(failing) - _MOST_SHOWN} 项未通过,见报告页 / more in the report"))
    if report is not None:
        parts.append(Text(f"质控报告 / gate report: {report}"))
    return Group(*parts)


def print_failures(results: Sequence[GateResult], console: Console, report: Path | None = None) -> None:
    """Print `render` to a console."""
    console.print(render(results, report))


def _stops(check: CheckSummary) -> bool:
    return check.severity == "critical" and check.outcome in ("fail", "error")


def _counts(results: Sequence[GateResult]) -> Table:
    table = Table(title="质控门 / gates", title_justify="left")
    table.add_column("")
    for outcome, words in OUTCOMES.items():
        table.add_column(words.zh, justify="right", style=_STYLES.get(outcome, ""))
    for result in results:
        counts = result.counts()
        cells = [f"{counts[outcome]:,}" if counts[outcome] else "·" for outcome in OUTCOMES]
        table.add_row(str(GATES[result.gate]), *cells)
    return table


def _failure(check: CheckSummary) -> Panel:
    unit = COUNTED[check.counts]
    lines_of_places = [
        Text(
            f"{place['institution_id'] or '全县 county'} {place['month']}: {place['violated']:,} / {place['total']:,} {unit} "
            f"({check.share(place)})" + (f" · {place['batch_id']}" if place["batch_id"] else ""),
            style="dim",
        )
        for place in check.places[:_PLACES_SHOWN]
    ]
    more = len(check.places) + check.places_hidden - _PLACES_SHOWN
    if more > 0:
        lines_of_places.append(Text(f"…… 另有 {more} 处 more places", style="dim"))
    allowed = f"{check.threshold_pct:g}%" + (f" 或 or {check.tolerated:,}" if check.tolerated else "")
    lines = [
        Text(check.message_zh, style="bold"),
        Text(check.message_en),
        Text(f"允许 allowed: {allowed}", style="dim"),
        *lines_of_places,
        *(Text("  · " + _line(row)) for row in check.examples),
    ]
    return Panel(Group(*lines), title=check.check_id, title_align="left", border_style="red")


def _line(row: dict) -> str:
    return " · ".join(f"{value}" for value in row.values() if value is not None)
