"""`yigongti feed line`: what became of one delivered line. Drawing only."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from orchestration.commands.home import open_home
from orchestration.commands.standing import told
from orchestration.console import make_console

if TYPE_CHECKING:
    from sources.base.home import Home
    from sources.mending.lines import LineFate

_WORDS = {
    "accepted": "接受 accepted",
    "quarantined": "隔离 quarantined",
    "refused": "整个文件拒收 the whole file is refused",
    "no row": "不成一行数据(表头、空行、与别的行完全重复,或没有这一行)/ no row: a heading, a blank, a duplicate, or no such line",
}


def line(home_dir: Path, file: str, number: int) -> int:
    """Show the line in every batch the file was taken in as. 0 if there is any, else 1."""
    from sources.mending.lines import fates

    home, console = open_home(home_dir), make_console()
    found = fates(home, file, number)
    if not found:
        raise click.UsageError(
            f"没有接入过 {file};文件名见 yigongti feed batches / was never taken in: yigongti feed batches lists the files"
        )
    for each in found:
        _show(console, home, each, number)
    return 0


def _show(console: Console, home: "Home", fate: "LineFate", number: int) -> None:
    from orchestration.publishing.walkback import counted_where
    from sources.intake.standing import read_standing

    say = [f"{fate.source_file}:{number}  {fate.place}".rstrip()]
    say.append(
        f"  {fate.feed} {fate.institution_id} {fate.month} 批次 batch {fate.batch_id}: {_WORDS[fate.fate]}"
    )
    say += [
        f"    {fault.rule_id} {fault.column_name} {fault.shown}: {fault.message_zh} / {fault.message_en}"
        for fault in fate.faults
    ]
    standing = told(read_standing(home, fate.feed).get(fate.batch_id))
    if standing:
        say.append(f"    批次 batch: {standing}")
    if fate.fate == "accepted":
        counted = counted_where(home, fate.batch_id, number)
        say += [f"    计入 counted: {each}" for each in counted]
        if not counted:
            say.append("    已发布的指标都没有计入这一行 / no published figure counts this line")
    for text in say:
        console.print(text, soft_wrap=True, highlight=False)
