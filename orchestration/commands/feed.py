"""`yigongti feed …`: try a delivery, conform landed batches again."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from orchestration.account_words import yuan
from orchestration.commands.county import load_county
from orchestration.commands.feed_view import show_file, unclaimed_line
from orchestration.commands.home import home_of
from orchestration.console import UNMATCHED_TOTALS, make_console, notice, painted
from sources.county.county import County

if TYPE_CHECKING:
    from sources.onboarding.trial import DeliveryReport


def check(directory: Path, institution: str, month: str | None) -> int:
    """Read a delivery and show what ingest would make of it. 0 if nothing is wrong, else 1."""
    from sources.onboarding.trial import check_delivery

    county, console = load_county(directory), make_console()
    require(institution, county.deliverers, "INSTITUTION", "没有这个报送方 / no such deliverer")
    report = check_delivery(county, institution, month or latest_month(county, institution))
    for file in report.files:
        show_file(console, file)
    missing = [f"{when} {feed}" for when, feed in sorted(report.missing)]
    notice(console, "缺报 missing:", missing)
    notice(
        console,
        "没有映射认领的文件 files that no mapping claims:",
        [unclaimed_line(u) for u in report.unclaimed],
    )
    notice(console, UNMATCHED_TOTALS, report.totals_of_nothing)
    _say_what_to_mend(console, report)
    return 0 if report.is_clean else 1


def _say_what_to_mend(console: Console, report: "DeliveryReport") -> None:
    """The end of the page, where a reader looks first: what to mend, the most important first."""
    from sources.onboarding.to_mend import to_mend

    found = to_mend(report)
    said = (
        f"{len(found)} 处要看,最要紧的在前 / to mend, most important first"
        if found
        else "没有问题 / no problems"
    )
    if len(found) > _MOST_TO_MEND:
        said += f"(此处列 {_MOST_TO_MEND} 处,其余见上文 / {_MOST_TO_MEND} here, the others above)"
    who = f"{report.institution_name}: {len(report.files)} 个文件 files,"
    console.print(painted(who, (said, "bold" if found else "")), soft_wrap=True, highlight=False)
    for number, each in enumerate(found[:_MOST_TO_MEND], start=1):
        console.print(painted(f"{number:>3}. {each}"), soft_wrap=True, highlight=False)


# As many as fit a screen.
_MOST_TO_MEND = 20


def latest_month(county: County, institution: str) -> str | None:
    """The newest month for which this deliverer has anything in the inbox."""
    from sources.intake.inbox import find_deliveries

    return max((each.month for each in find_deliveries(county, institutions=[institution])), default=None)


def replay(
    county_dir: Path, home_dir: Path, feed: str | None, institution: str | None, month: str | None
) -> int:
    """Conform landed batches again and show what became of them. 0 done, 1 if a batch is refused now."""
    from sources.contracts.load import load_contracts
    from sources.ingest import replay as conform_again
    from sources.intake.outcome import read_batch_outcome
    from sources.mending.emptied import emptied_code_counts
    from sources.mending.quarantine import Narrowing

    county, console = load_county(county_dir), make_console()
    home = home_of(county, home_dir)
    require(feed, load_contracts(), "--feed", "没有这个数据源 / no such feed")
    require(institution, county.deliverers, "--institution", "没有这个报送方 / no such deliverer")
    with home.lock():
        batches = home.batch_outcome.glob("[0-9a-f]" * 16 + ".parquet")
        before = {path.stem: read_batch_outcome(home, path.stem) for path in batches}
        narrowing = Narrowing(feed, institution, month)
        emptied = sum(emptied_code_counts(home, narrowing).values())
        outcomes = conform_again(county, home, feed=feed, institution=institution, month=month)
    if not outcomes:
        console.print("没有相符的批次 / no landed batch matches")
        return 0
    console.print(_batches_table(outcomes, before))
    _say_what_moved(console, outcomes, before)
    _say_what_came_back(console, emptied, sum(emptied_code_counts(home, narrowing).values()))
    refused = [each.refusal for each in outcomes if each.refusal is not None]
    for refusal in refused:
        console.print(str(refusal), style="red", soft_wrap=True)
    return 1 if refused else 0


def _batches_table(outcomes: list, before: dict) -> Table:
    """A line per batch; where a replay moved rows, from how many to how many."""
    table = Table(title=f"{len(outcomes)} 个批次 batches", title_justify="left")
    for heading in ("feed", "institution", "month"):
        table.add_column(heading, no_wrap=True)
    for heading in ("接收 delivered", "接受 accepted", "隔离 quarantined", "重复 duplicate"):
        table.add_column(heading, justify="right")
    for each in outcomes:
        known = before.get(each.batch_id)
        was = known[0] if known else None
        counts = (
            f"{each.delivered_rows:,}",
            _moved(was.accepted_rows if was else None, each.accepted_rows),
            _moved(was.quarantined_rows if was else None, each.quarantined_rows),
            f"{each.duplicate_rows:,}",
        )
        table.add_row(each.feed, each.institution_id, each.month, *counts)
    return table


def _moved(before: int | None, now: int) -> str:
    return f"{now:,}" if before is None or before == now else f"{before:,} → {now:,}"


def _say_what_moved(console: Console, outcomes: list, before: dict) -> None:
    """How many rows and how much money left the quarantine (or went into it)."""
    known = [(before[each.batch_id][0], each) for each in outcomes if before.get(each.batch_id)]
    rows = sum(was.quarantined_rows - now.quarantined_rows for was, now in known)
    fen = sum((was.quarantined_fen or 0) - (now.quarantined_fen or 0) for was, now in known)
    left = sum(now.quarantined_rows for _, now in known)
    moved = "离开隔离 left the quarantine" if rows >= 0 else "进入隔离 went into the quarantine"
    console.print(
        f"{moved}: {abs(rows):,} 行 rows, {yuan(abs(fen))} 元 yuan;仍在隔离 still there: {left:,} 行 rows",
        highlight=False,
    )
    if rows:
        console.print(
            "已发布的月份不变:要计入请重算该月 / published months stay: yigongti run --month YYYY-MM",
            highlight=False,
        )


def _say_what_came_back(console: Console, before: int, now: int) -> None:
    """How many emptied codes a dictionary knows now."""
    if before or now:
        moved = "编码找回 codes that came back" if now <= before else "又有编码置空 more codes emptied"
        console.print(
            f"{moved}: {abs(before - now):,} 个值 values;仍置空 still emptied: {now:,}", highlight=False
        )


def require(value: str | None, known: Collection[str], option: str, sentence: str) -> None:
    """A usage error that names the nearest known values, unless `value` is one of them (or not given)."""
    if value is not None and value not in known:
        from sources.base.likeness import nearest

        raise click.UsageError(f"{option} {value}: {sentence}; {nearest(value, known)}")
