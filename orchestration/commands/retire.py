"""`yigongti feed retire`: lines that stand later under another institution, and that they count no longer. Drawing only."""

from collections.abc import Sequence
from pathlib import Path

import click

from orchestration.commands.county import load_county
from orchestration.commands.home import home_of
from orchestration.console import make_console, notice
from sources.county.county import County
from sources.intake.comparison import MovedLine
from sources.intake.retirement import Retirement


def retire(
    county_dir: Path,
    home_dir: Path,
    batch_id: str,
    lines: Sequence[int],
    *,
    reason: str | None,
    by: str | None,
    on: str,
) -> None:
    """List the lines, or retire them once it is said why and by whom. Raises click.UsageError for lines that are none."""
    from sources.ingest import moved_lines
    from sources.ingest import retire as take_out

    county, console = load_county(county_dir), make_console()
    home = home_of(county, home_dir)
    if (reason is None) != (by is None):
        raise click.UsageError("--reason 与 --by 要一起给出 / --reason and --by go together")
    with home.lock():
        try:
            found = moved_lines(home, batch_id)
        except LookupError:
            raise click.UsageError(
                f"没有入库批次 {batch_id};编号见 yigongti feed batches / no such batch has landed: yigongti feed batches lists ids"
            ) from None
        if reason is None or by is None:
            heading = "除机构外与后来的行相同 lines that stand later under another institution:"
            notice(
                console, heading, _said(county, _chosen(found, lines)) if found or lines else ["没有 none"]
            )
            return
        chosen = _chosen(found, lines)
        said = Retirement(batch_id, reason, by, on)
        outcome = take_out(county, home, [each.line for each in chosen], said)
    notice(console, f"不再计入 retired, by {outcome.batch_id}:", _said(county, chosen))
    console.print(
        f"恢复 to put them back: yigongti feed withdraw {outcome.batch_id} --reason … --by …\n"
        f"已发布的月份不变:要计入请重算该月 / published months stay: yigongti run --month {outcome.month}",
        soft_wrap=True,
        highlight=False,
    )


def _chosen(found: Sequence[MovedLine], lines: Sequence[int]) -> list[MovedLine]:
    """All that were found, or those asked for."""
    unknown = sorted(set(lines) - {each.line for each in found})
    if unknown or not found:
        which = "、".join(map(str, unknown)) or "–"
        raise click.UsageError(
            f"这一批没有这样的行({which}):只有除机构外与后来的行相同的行可以这样停用 / no such line in the batch: "
            "only lines that stand later under another institution and are else the same can be retired"
        )
    return [each for each in found if not lines or each.line in lines]


def _said(county: County, lines: Sequence[MovedLine]) -> list[str]:
    return [
        f"第 {each.line} 行 line: {county.name_of(each.institution_id)} → {county.name_of(each.later)}"
        for each in lines
    ]
