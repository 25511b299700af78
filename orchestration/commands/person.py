"""`yigongti person …`: pairs of records that people should decide on, as a workbook to be filled in."""

import os
from pathlib import Path

import click
from rich.table import Table

from orchestration.commands.county import load_county
from orchestration.commands.home import home_of, require_key
from orchestration.console import make_console

_SHOWN = 20


def review(county_dir: Path, home_dir: Path, output: Path | None) -> int:
    """Show the pairs that wait for a decision, masked; with `output`, write the workbook. Always 0."""
    from sources.identity.review import review_pairs
    from sources.identity.review_workbook import write_workbook

    county, console = load_county(county_dir), make_console()
    home = home_of(county, home_dir)
    if not home.person_index.is_file():
        raise click.UsageError(
            "还没有人员主索引,先运行 yigongti run / there is no person index: run yigongti run first"
        )
    require_key(home, county.pseudonym_key(os.environ))
    pairs = review_pairs(county, home)
    if not pairs:
        console.print("没有待判的配对 / no pair waits for a decision")
        return 0
    table = Table(title=f"{len(pairs)} 个待判配对 pairs to review", title_justify="left")
    for heading in ("配对号 pair", "可能性 probability", "甲 A", "乙 B", "比对 agreement"):
        table.add_column(heading)
    for pair in pairs[:_SHOWN]:
        sides = [" ".join(filter(None, (s["kind"], s["name"], s["birth"]))) for s in (pair.left, pair.right)]
        table.add_row(pair.pair_id, f"{pair.probability:.1%}", *sides, pair.agreement)
    console.print(table)
    if output is None:
        console.print(
            "加 --output 文件.xlsx 生成待判工作簿 / add --output FILE.xlsx for a workbook to fill in"
        )
    else:
        write_workbook(output, pairs)
        console.print(f"工作簿 workbook: {output}", soft_wrap=True, highlight=False)
        console.print(f"填好后放进 / once filled, put it into: {county.folder / 'identity'}", soft_wrap=True)
    return 0
