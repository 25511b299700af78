"""`yigongti run`: choose the months, run them, show what came of it."""

import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from orchestration import delivered_months as inbox
from orchestration import progress, runner
from orchestration.commands.county import load_county
from orchestration.commands.home import home_to_fill, require_county, require_key
from orchestration.commands.standing import show_standing
from orchestration.console import (
    UNMATCHED_TOTALS,
    Display,
    make_console,
    notice,
    painted,
    scoreboard,
    stage_seconds,
)
from orchestration.interrupts import ended_by_signals
from orchestration.publishing.manifest import ENVELOPE, published_months, require_base
from orchestration.publishing.proof.keys import signer_of
from orchestration.settings import SPARK
from orchestration.spark import require_spark
from sources.base.home import Home
from sources.base.months import months_between, shanghai_time
from sources.county.county import County

Asked = tuple[str, str] | None


def execute(
    county_dir: Path, home_dir: Path, asked: Asked, *, target: str, full: bool, verify: bool, began: float
) -> int:
    """Run and print. Exit code: 0 published or nothing to do, 1 a gate failed."""
    console = make_console()
    if target == SPARK:
        require_spark()
    county, home = load_county(county_dir), home_to_fill(home_dir)
    require_county(county, home)
    require_key(home, county.pseudonym_key(os.environ))  # else every step would fail for the same reason
    require_base(home)
    signer_of(home.root)  # a key that cannot be used is told before the work, not after it
    published = published_months(home)
    months = chosen_months(county, asked, published)
    greet(console, county, home, months)
    code = 0
    for span in inbox.spans(months):
        done = run_span(console, county, home, span, target=target, full=full, verify=verify, began=began)
        code = max(code, done)
    if not months:
        runner.refuse_lost(home)
        console.print(f"没有新的月份要算 / nothing new: {', '.join(published) or '–'} 已发布 published")
    show_notices(console, county, home, months)
    return code


def chosen_months(county: County, asked: Asked, published: Sequence[str]) -> list[str]:
    """The months to run. Raises click.UsageError for months that the county does not have."""
    now = shanghai_time(time.time())
    over = county.months_over(now)
    if asked is None:
        waiting = [month for month in inbox.months_delivered(county) if month not in published]
        if waiting and not set(waiting) & set(over):
            raise click.UsageError(_not_over(waiting[0], now))
        return [month for month in waiting if month in over]
    first, last = asked
    if last < first:
        raise click.UsageError(f"--to {last} 早于 --from {first} / --to lies before --from")
    if first < county.first_month or (county.last_month and last > county.last_month):
        raise click.UsageError(
            f"本县的月份是 {county.first_month} 至 {county.last_month or '…'} / "
            f"this county's months are {county.first_month} to {county.last_month or '…'}"
        )
    if last not in over:
        raise click.UsageError(_not_over(last, now))
    return months_between(first, last)


def _not_over(month: str, now: datetime) -> str:
    return (
        f"按本机时钟({now:%Y-%m-%d %H:%M}){month} 还没有结束,请等月末或校准时钟 / by the clock of this machine "
        f"{month} is not over: wait for its end, or set the clock"
    )


def greet(console: Console, county: County, home: Home, months: Sequence[str]) -> None:
    """Which county, which home, which months; and that a demonstration key is no key."""
    if months:
        console.print(
            f"{county.name}  {months[0]} – {months[-1]}  →  {home.root}", soft_wrap=True, highlight=False
        )
    if county.uses_demonstration_key(os.environ):
        console.print("模拟县:使用公开的演示密钥 / simulated county: public demonstration key", style="dim")


def run_span(
    console: Console,
    county: County,
    home: Home,
    months: Sequence[str],
    *,
    target: str,
    full: bool,
    verify: bool,
    began: float,
) -> int:
    """Run months without gaps and show the result. Exit code."""
    if not (full or verify) and runner.unchanged(county, home, months, target):
        console.print(
            f"没有变化 / nothing changed: {home.current.resolve()}", soft_wrap=True, highlight=False
        )
        return 0
    display = Display(console)
    with ended_by_signals(), progress.listen(display.tell), quiet(home.root / "logs"):
        try:
            outcome = runner.run(county, home, months, target=target, full=full, verify=verify, began=began)
        finally:
            display.close()
    console.print(stage_seconds(outcome.seconds), style="dim", soft_wrap=True, highlight=False)
    if outcome.gates_failed:
        show_failure(console, county, home)
        return 1
    show_release(console, home, outcome, months[-1])
    return 0


@contextmanager
def quiet(logs: Path) -> Iterator[None]:
    """Warnings and log lines of the tools go to a file: the terminal is for people, also when the file cannot be written."""
    logging.raiseExceptions = False
    logs.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(logs / "tools.log", encoding="utf-8")
    root = logging.getLogger()
    root.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        handler.close()


def show_release(console: Console, home: Home, outcome: runner.Outcome, month: str) -> None:
    """The scoreboard of the last month and where the release lies."""
    assert outcome.release_id is not None, "a run whose gates passed has released"
    release = home.releases / outcome.release_id
    console.print(scoreboard(release / "marts", month))
    word = "已发布 published" if outcome.created else "与已发布的相同 same as published"
    console.print(
        painted(f"{word}: ", (outcome.release_id, "bold"), f"  {release}"), soft_wrap=True, highlight=False
    )
    signed = (release / ENVELOPE).is_file()
    said = "已签名 signed: yigongti verify --key" if signed else "未签名 not signed: docs/verify-a-release.md"
    console.print(said, style=None if signed else "dim", highlight=False)
    notice(
        console,
        "迟到数据会改变已关账月份的指标值,重算该月即发布修订版 late data would change values of closed months:",
        [
            f"{closed}: {count} 个值 values (yigongti run --month {closed})"
            for closed, count in outcome.overtaken.items()
        ],
    )


def show_failure(console: Console, county: County, home: Home) -> None:
    """What the gates found, the report page, and that nothing was published."""
    from expectations.console import print_failures
    from expectations.gate import load_results
    from orchestration.gate_report import write_gate_report
    from orchestration.publishing.release import current_id

    results = load_results(home)
    page = write_gate_report(county, home, results)
    print_failures(results, console)
    console.print(f"报告 report: {page}", soft_wrap=True, highlight=False)
    still = current_id(home)
    kept = f"仍在发布 still published: {still}" if still else "尚无发布 nothing is published yet"
    console.print(
        painted(("质控未通过,没有发布 / gates failed, nothing published", "red"), f"; {kept}"),
        highlight=False,
    )


def show_notices(console: Console, county: County, home: Home, months: Sequence[str]) -> None:
    """What lies in the inbox unused, what waits, what is missing."""
    from sources.ingest import unclaimed_files, unmatched_totals, waiting_deliveries

    notice(
        console,
        "没有映射认领的文件 files that no mapping claims:",
        [str(each) for each in unclaimed_files(county, months)],
    )
    notice(console, UNMATCHED_TOTALS, unmatched_totals(county, months))
    show_standing(console, county, home, months)
    gaps = [
        f"{month} {who} {county.name_of(who)}: {feed}" for month, who, feed in inbox.missing(county, months)
    ]
    notice(console, "缺报 missing deliveries:", gaps)
    closed = set(published_months(home))
    waiting = [each for each in waiting_deliveries(county, home, months) if each.month in closed]
    notice(
        console,
        "有报送在等已关账的月份 deliveries wait for closed months:",
        sorted({each.file for each in waiting}),
    )
    notice(
        console,
        "重算该月即发布修订版 to publish a revision of the month:",
        [
            f"yigongti run --county {county.folder} --home {home.root} --month {month}"
            for month in sorted({each.month for each in waiting})
        ],
    )
