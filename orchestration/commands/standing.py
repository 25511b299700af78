"""`yigongti feed withdraw`, and what a run says of batches that others took the place of. Drawing only."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from orchestration.commands.county import load_county
from orchestration.commands.home import home_of
from orchestration.console import make_console, notice
from sources.base.home import Home
from sources.county.county import County

if TYPE_CHECKING:
    from sources.intake.manifest import Manifest
    from sources.intake.standing import Standing


def withdraw(
    county_dir: Path, home_dir: Path, batch_id: str, *, reason: str, by: str, on: str, undo: bool
) -> None:
    """Write the decision down and say what follows. Raises click.UsageError for a batch that is none."""
    from sources.ingest import withdraw as take_back
    from sources.intake.ledger import find_batch
    from sources.intake.outcome import read_outcomes
    from sources.intake.standing import read_standing
    from sources.intake.withdrawals import Decision

    county, console = load_county(county_dir), make_console()
    home = home_of(county, home_dir)
    found = find_batch(home, batch_id)
    if found is None:
        raise click.UsageError(
            f"没有批次 {batch_id};编号见 yigongti feed batches / no batch {batch_id}: yigongti feed batches lists their ids"
        )
    with home.lock():
        row = take_back(county, home, Decision(batch_id, not undo, reason, by, on))
    feed, batch = found
    now = told(row) or "有效 in force"
    console.print(
        f"{feed} {batch.month} {batch.file} {batch_id}: {now}",
        soft_wrap=True,
        highlight=False,
    )
    others = [
        each for each in read_outcomes(home)
        if (each.feed, each.institution_id, each.month) == (feed, batch.institution_id, batch.month)
        and each.batch_id != batch_id
    ]  # fmt: skip
    standing = read_standing(home, feed)
    notice(
        console,
        "同月其余批次 other batches of the month:",
        [
            f"{e.source_file} {e.batch_id}: {told(standing.get(e.batch_id)) or '有效 in force'}"
            for e in others
        ],
    )
    console.print(
        f"已发布的月份不变:要计入请重算该月 / published months stay: yigongti run --month {batch.month}",
        soft_wrap=True, highlight=False,
    )  # fmt: skip


def told(row: "Standing | None") -> str:
    """What is to be said of a batch, in a few words; nothing of one that is simply in force."""
    if row is None:
        return ""
    if row.standing == "withdrawn":
        return f"已撤回 withdrawn {row.decided_on} {row.decided_by}: {row.reason}{_ended(row)}"
    if row.standing == "overtaken":
        return f"已被 {row.overtaken_by} 取代 overtaken{_ended(row)}"
    said = []
    if row.absent_keys:
        said.append(
            f"{row.common_keys} 个主键在后一份 {row.compared_with} 里也有,{row.absent_keys} 个只在这一份、仍计入"
            f" {row.common_keys} keys are in the later file too, {row.absent_keys} only here and still counted。"
            f"后一份是整月更正的:{_withdrawing(row.batch_id)},或在映射的 {row.feed} 下写 replaces: month;是补充的:不用处理"
            f" / if the later is the whole month corrected: run that, or say replaces: month of {row.feed} in the mapping"
        )
    if row.unused_keys:
        said.append(
            f"有 {row.unused_keys} 个主键因文件时间较早未采用 keys are not used: an earlier file is newer。"
            "要采用这一份,请撤回先到的那份(编号见 yigongti feed batches)或以它的文件名重新报送"
            " / to use this one withdraw the earlier (ids: yigongti feed batches) or deliver this under its name"
        )
    if row.moved_keys:
        said.append(
            f"有 {row.moved_keys} 行除机构外与后来的行完全相同、两行都计入 {row.moved_keys} rows stand later under another institution,"
            f" else the same: both count。是更正了机构的,停用旧行 if the institution was corrected: yigongti feed retire {row.batch_id} --reason … --by …"
            "(不加后两项只列出 lists them without);或请机构以同一文件名重新报送、不含旧行;确是两家各一笔的不用处理"
            " / or the file anew under its name without the old rows; nothing where both are right"
        )
    return ";".join(said)


def _withdrawing(batch_id: str) -> str:
    """The command, with what it asks for."""
    return f"yigongti feed withdraw {batch_id} --reason … --by …"


def _ended(row: "Standing") -> str:
    if not row.ended_keys:
        return ""
    return f",其 {row.ended_keys} 个主键已终止 {row.ended_keys} keys of it ended"


def _why(batch: "Manifest") -> str:
    said = batch.retires or {}
    return f"{said.get('on')} {said.get('by')}: {said.get('reason')}"


def show_standing(console: Console, county: County, home: Home, months: Sequence[str]) -> None:
    """What a run of these months has to say of files that were corrected, withdrawn, left out rows, or are gone."""
    from sources.ingest import deleted_at_the_source, gone_files, retired
    from sources.intake.extracted import GONE
    from sources.intake.retirement import RETIRED
    from sources.intake.standing import read_standing

    rows = [row for row in read_standing(home).values() if row.month in months]
    for heading, standing in (
        ("后到的文件取代了前一份 files that took the place of earlier ones:", "overtaken"),
        ("已撤回、不计入的批次 withdrawn batches, not counted:", "withdrawn"),
        ("有要核对的文件,行仍计入 files to be looked at, their rows still count:", "in_force"),
    ):
        notice(console, heading, [_line(row) for row in rows if row.standing == standing and told(row)])
    notice(
        console,
        "源库已删除、不再计入的行 rows deleted at the source, no longer counted:",
        [
            f"{each.feed} {each.month} {each.file.removesuffix(GONE)}: {each.delivered_rows} 行 rows {each.batch_id}"
            for each in deleted_at_the_source(county, home, months)
        ],
    )
    notice(
        console,
        "机构已更正、由人停用的行 lines whose institution was corrected, retired by people:",
        [
            f"{each.feed} {each.month} {each.file.removesuffix(RETIRED)}: {each.delivered_rows} 行 rows {each.batch_id} {_why(each)}"
            for each in retired(home, months)
        ],
    )
    gone = [
        f"{each.month} {each.institution_id} {each.file}({_withdrawing(each.batch_id)})"
        for each in gone_files(county, home, months)
    ]
    notice(
        console,
        "入库过、收件目录里已没有的文件,仍计入;要撤回用括号里的命令 landed, no longer in the inbox, still counted:",
        gone,
    )


def _line(row: "Standing") -> str:
    return f"{row.feed} {row.month} {row.source_file} {row.batch_id}: {told(row)}"
