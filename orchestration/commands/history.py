"""`yigongti feed history`: every version of a row and when each became known. Drawing only."""

import os
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from orchestration.commands.county import load_county
from orchestration.commands.feed import require
from orchestration.console import make_console
from sources.base.home import Home


def history(
    county_dir: Path, home_dir: Path, feed: str, key: tuple[str, ...], institution: str | None
) -> int:
    """Show the versions, oldest first. 0 if there is any, else 1."""
    from sources.contracts.load import load_contracts
    from sources.mending.versions import key_values, versions

    county, home, console = load_county(county_dir), Home(home_dir), make_console()
    require(feed, load_contracts(), "FEED", "没有这个数据源 / no such feed")
    require(institution, county.deliverers, "--institution", "没有这个报送方 / no such deliverer")
    given = dict(part.partition("=")[::2] for part in key)
    secret = county.pseudonym_key(os.environ)
    try:
        wanted = key_values(load_contracts()[feed], given, secret)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    found = versions(home, feed, wanted, institution)
    if not found:
        console.print("没有这一行;若在隔离区,用 feed quarantine 查看 / no such row; is it quarantined?")
        return 1
    rows = len({(each.institution_id, *each.key.values()) for each in found})
    title = f"{feed}: {rows} 行 rows, {len(found)} 个版本 versions;获知时间 = 文件的修改时间 known since = the file's own time"
    table = Table(title=title, title_justify="left")
    for heading in (
        "键 key",
        "获知 known since",
        "业务时间 event",
        "更新 updated",
        "标志 op",
        "文件:行 file:line",
        "变化 changed",
        "",
    ):
        table.add_column(heading, overflow="fold")
    shown: tuple[str, ...] = ()
    for each in found:
        row = (each.institution_id, *each.key.values())
        if shown and row != shown:
            table.add_section()
        key_text = "" if row == shown else "\n".join(f"{name}={value}" for name, value in each.key.items())
        shown = row
        changed = "\n".join(
            f"{name}: {before} → {now}" for name, (before, now) in sorted(each.changed.items())
        )
        verdict = (
            "[green]有效 counts[/green]"
            if each.counts
            else "[red]已删除 deleted[/red]"
            if each.newest
            else ""
        )
        times = (each.known_since, each.event_time, each.src_update_ts)
        place = escape(f"{each.source_file}:{each.source_line}")
        table.add_row(
            escape(key_text),
            *(str(time or "–") for time in times),
            each.op_flag or "–",
            place,
            escape(changed) or "–",
            verdict,
        )
    console.print(table)
    return 0
