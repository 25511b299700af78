"""`yigongti feed batches`: what was taken in of every file, before any release: for the member. Drawing only."""

from pathlib import Path

from rich.table import Table

from orchestration.account_words import yuan
from orchestration.commands.county import load_county
from orchestration.commands.feed import require
from orchestration.commands.home import home_of
from orchestration.commands.standing import told
from orchestration.console import make_console, painted


def batches(county_dir: Path, home_dir: Path, institution: str | None, month: str | None) -> int:
    """Show the reconciliation of every batch: delivered = accepted + quarantined + duplicate, rows and money. Always 0."""
    from sources.intake.outcome import REFUSED_STATUS, read_outcomes, read_refusals
    from sources.intake.standing import read_standing

    county, console = load_county(county_dir), make_console()
    home = home_of(county, home_dir)
    require(institution, county.deliverers, "--institution", "没有这个报送方 / no such deliverer")
    found = [
        each
        for each in read_outcomes(home)
        if institution in (None, each.institution_id) and month in (None, each.month)
    ]
    if not found:
        console.print("没有接入的批次 / nothing has been taken in")
        return 0
    table = Table(
        title=f"{len(found)} 个批次 batches;每批首行为行数,次行为元 rows, then yuan", title_justify="left"
    )
    table.add_column("数据源、文件、批次 feed, file, batch", overflow="fold")
    for heading in ("接收 delivered =", "接受 accepted +", "隔离 quarantined +", "重复 duplicate"):
        table.add_column(heading, justify="right")
    refusals, standing = read_refusals(home), read_standing(home)
    for each in found:
        place = f"{each.feed} {each.month} {each.institution_id}\n{each.source_file}\n{each.batch_id}"
        name = painted(place, (f"  {told(standing.get(each.batch_id))}", "yellow"))
        if each.status == REFUSED_STATUS:
            table.add_row(name, painted(("拒收 refused", "red")), "", "", "")
            continue
        kinds = ("delivered", "accepted", "quarantined", "duplicate")
        table.add_row(name, *(_rows_and_yuan(each, kind) for kind in kinds))
    console.print(table)
    for each in found:
        if each.batch_id in refusals:
            console.print(
                f"  {each.source_file}: {refusals[each.batch_id]}",
                soft_wrap=True,
                highlight=False,
            )
    return 0


def _rows_and_yuan(outcome: object, kind: str) -> str:
    rows, fen = getattr(outcome, f"{kind}_rows"), getattr(outcome, f"{kind}_fen")
    return f"{rows:,}" if fen is None else f"{rows:,}\n{yuan(fen)}"
