"""`yigongti feed export`: the rows that count, in few and large files for other engines. Drawing only."""

from pathlib import Path

import click
from rich.table import Table

from orchestration.commands.home import open_home
from orchestration.console import make_console


def export(home_dir: Path, directory: Path, feed: str | None) -> None:
    """Bring the folder up to date and say what is in it."""
    from sources.compacted import compact
    from sources.contracts.load import load_contracts

    home, console = open_home(home_dir), make_console()
    if feed is not None and feed not in load_contracts():
        raise click.UsageError(f"--feed {feed}: 没有这个数据源 / no such feed")
    if directory.resolve().is_relative_to(home.root.resolve()):
        raise click.UsageError(
            f"{directory} 在数据目录之内,请另选 / lies inside the home: choose another folder"
        )
    table = Table()
    for heading in ("数据源 feed", "文件 files", "本次写 written", "行 rows", "MB"):
        table.add_column(heading, justify="left" if heading.startswith("数") else "right")
    with home.lock():
        for each in compact(home, directory, [feed] if feed else ()):
            cells = (f"{each.files:,}", f"{each.written:,}", f"{each.rows:,}", f"{each.bytes / 1e6:,.1f}")
            table.add_row(each.feed, *cells)
    console.print(table)
    console.print(f"{directory}", soft_wrap=True, highlight=False)
