"""`yigongti feed history`: every version of a row and when each became known. Drawing only."""

import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text

from orchestration.commands.county import load_county
from orchestration.commands.feed import require
from orchestration.commands.home import home_of, require_key
from orchestration.console import make_console, painted

if TYPE_CHECKING:
    from sources.mending.versions import Version


OUT_OF_FORCE = {"overtaken": "已被取代 overtaken", "withdrawn": "已撤回 withdrawn"}
HEADINGS = (
    "键 key",
    "获知 known since",
    "业务时间 event",
    "更新 updated",
    "标志 op",
    "文件:行 file:line",
    "变化 changed",
    "",
)


def history(
    county_dir: Path, home_dir: Path, feed: str, key: tuple[str, ...], institution: str | None
) -> int:
    """Show the versions, oldest first. 0 if there is any, else 1."""
    from sources.contracts.load import load_contracts
    from sources.mending.versions import key_values, versions

    county, console = load_county(county_dir), make_console()
    home = home_of(county, home_dir)
    require(feed, load_contracts(), "FEED", "没有这个数据源 / no such feed")
    require(institution, county.deliverers, "--institution", "没有这个报送方 / no such deliverer")
    given = dict(part.partition("=")[::2] for part in key)
    secret = county.pseudonym_key(os.environ)
    require_key(home, secret)
    try:
        wanted = key_values(load_contracts()[feed], given, secret)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    found = versions(home, feed, wanted, institution)
    if not found:
        console.print("没有这一行;若在隔离区,用 feed quarantine 查看 / no such row; is it quarantined?")
        return 1
    console.print(_table(feed, found))
    return 0


def _table(feed: str, found: "Sequence[Version]") -> Table:
    """All versions, a section per row of the source; the key is written once in each."""
    count = len({_row_of(each) for each in found})
    title = f"{feed}: {count} 行 rows, {len(found)} 个版本 versions;获知时间 = 文件的修改时间 known since = the file's own time"
    table = Table(title=title, title_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, overflow="fold")
    for _, versions in groupby(found, key=_row_of):
        for number, each in enumerate(versions):
            table.add_row("" if number else _key_text(each), *_cells(each))
        table.add_section()
    return table


def _row_of(version: "Version") -> tuple[str, ...]:
    return (version.institution_id, *version.key.values())


def _key_text(version: "Version") -> str:
    return "\n".join(f"{name}={value}" for name, value in version.key.items())


def _cells(version: "Version") -> tuple[str | Text, ...]:
    """Times, operation, place, what changed, and whether this version counts."""
    changed = "\n".join(
        f"{name}: {before} → {now}" for name, (before, now) in sorted(version.changed.items())
    )
    times = (version.known_since, version.event_time, version.src_update_ts)
    return (
        *(str(time or "–") for time in times),
        version.op_flag or "–",
        f"{version.source_file}:{version.source_line}",
        changed or "–",
        _standing(version),
    )


def _standing(version: "Version") -> str | Text:
    if version.counts:
        return painted(("有效 counts", "green"))
    if version.standing in OUT_OF_FORCE:
        return painted((OUT_OF_FORCE[version.standing], "yellow"))
    return painted(("已删除 deleted", "red")) if version.newest else ""
