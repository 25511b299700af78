"""What `yigongti run` shows: progress while it works, the scoreboard and what else somebody should know
afterwards.

Belongs here: drawing. Does not belong here: deciding or computing anything. Failed gates are drawn by
expectations.console.
"""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from orchestration.progress import Report
from sources.base.terms import SCORE_STATUSES, TIERS

STAGE_NAMES = {
    "start-up": "启动工具 start-up",
    "extract+conform": "接入与定型 extract + conform",
    "identity": "身份 identity",
    "dbt": "建库 dbt",
    "gates": "质控 gates",
    "release": "发布 release",
}
LISTED = 8
WORTH_A_LINE = 0.05
# Control characters but tab and line feed, and those that turn the direction of reading.
_COMMANDS = dict.fromkeys(
    [
        c
        for c in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
        if c not in (9, 10)
    ],
    "\ufffd",
)
# Where no terminal says how wide it is (a log, a pipe), tables must still fit.
PLAIN_WIDTH = 120

UNMATCHED_TOTALS = "控制文件里没有对应报送的行 lines of control files that no delivery answers to:"


def make_console() -> Console:
    """Standard output, wide enough for our tables. What comes from outside is text: no square bracket is a command."""
    return _Plain(width=None if sys.stdout.isatty() else PLAIN_WIDTH, markup=False, emoji=False)


def console_beside() -> Console:
    """Standard error, for what is said beside the result."""
    return _Plain(stderr=True, markup=False, emoji=False)


def painted(*parts: str | tuple[str, str]) -> Text:
    """A line of texts, some of them with a style: `painted(("拒收 refused", "red"), " …")`."""
    return Text.assemble(
        *(_seen(part) if isinstance(part, str) else (_seen(part[0]), part[1]) for part in parts)
    )


def _seen(text: str) -> str:
    """Text in which nothing commands the terminal or turns the direction of reading."""
    return text.translate(_COMMANDS)


class _Plain(Console):
    """Shows texts as they are, whoever wrote them."""

    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str(_seen(text), **how)


class Display:
    """One line per stage as it ends; on a terminal also a spinner that says what is being done."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.perf_counter) -> None:
        self._console, self._clock = console, clock
        self._stage = ""
        self._began = 0.0
        self._notes: list[str] = []
        self._rows = self._kept = 0
        self._status: Status | None = None

    def tell(self, report: Report) -> None:
        """Listener for orchestration.progress; may be called from dbt's threads."""
        if report.stage != self._stage:
            self.close()
            self._stage, self._began = report.stage, self._clock()
            if self._console.is_terminal:
                self._status = self._console.status("")
                self._status.start()
        if report.note and report.note not in self._notes:
            self._notes.append(report.note)
        self._rows += report.rows
        self._kept += report.kept
        if self._status is not None:
            far = f" {report.done}/{report.total}" if report.total else ""
            self._status.update(f"{STAGE_NAMES[report.stage]}{far} {report.note}")

    def close(self) -> None:
        """End the stage that is running and print its line."""
        if self._status is not None:
            self._status.stop()
            self._status = None
        seconds = self._clock() - self._began if self._stage else 0.0
        if seconds >= WORTH_A_LINE:  # a tool that had been started before takes no time again
            self._console.print(f"  {seconds:7.1f} s  {STAGE_NAMES[self._stage]:<32}{self._what()}")
        self._stage, self._notes, self._rows, self._kept = "", [], 0, 0

    def _what(self) -> str:
        named = ", ".join(self._notes) if len(self._notes) <= 4 else f"{len(self._notes)}"
        rows = f"  {self._rows:,} 行 rows" if self._rows else ""
        kept = f"  {self._kept} 未变,保留 unchanged, kept" if self._kept else ""
        return named + rows + kept


def scoreboard(marts: Path, month: str) -> Table:
    """mart_institution_score of one month, best first within each peer group."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = pq.read_table(marts / "mart_institution_score.parquet")
    rows = rows.filter(pc.equal(rows["month"], month)).to_pylist()
    table = Table(title=f"记分牌 scoreboard {month}", title_justify="left")
    for heading in ("机构 institution", "层级 tier"):
        table.add_column(heading, no_wrap=True)
    for heading in ("得分 score", "覆盖率 coverage", "位次 rank", "绩效系数〔假设〕 pay"):
        table.add_column(heading, justify="right")
    for row in sorted(rows, key=_order):
        table.add_row(
            row["institution_name"],
            str(TIERS.get(row["institution_tier"], row["institution_tier"])),
            _number(row["score"], 2) if row["score"] is not None else SCORE_STATUSES[row["status"]].zh,
            _number(row["coverage_pct"], 1, "%"),
            f"{row['rank_in_peer_group']}/{row['peers']}" if row["rank_in_peer_group"] else "–",
            _number(row["pay_coefficient"], 3) + (" 〔否决 veto〕" if row.get("vetoed_by") else ""),
        )
    return table


def _order(row: Mapping[str, Any]) -> tuple[int, float, str]:
    tiers = list(TIERS)
    tier = row["institution_tier"]
    return (tiers.index(tier) if tier in tiers else len(tiers), -(row["score"] or 0), row["institution_id"])


def _number(value: float | Decimal | None, digits: int, unit: str = "") -> str:
    return "–" if value is None else f"{float(value):.{digits}f}{unit}"


def stage_seconds(seconds: Mapping[str, float]) -> str:
    """One line: where the time went."""
    parts = [
        f"{STAGE_NAMES.get(name, name)} {value:.1f}" for name, value in seconds.items() if name != "total"
    ]
    return f"用时 {seconds['total']:.1f} s: " + " · ".join(parts)


def some(items: Sequence[str], shown: int = LISTED) -> Iterable[str]:
    """The first few, and how many more."""
    yield from items[:shown]
    if len(items) > shown:
        yield f"… 另有 {len(items) - shown} 项 / and {len(items) - shown} more"


def notice(console: Console, heading: str, lines: Sequence[str]) -> None:
    """A heading and some lines, if there are any."""
    if lines:
        console.print(heading, style="yellow")
        for line in some(lines):
            console.print(f"    {line}", soft_wrap=True)
