"""`yigongti code …`: the codes that no table knows, as a workbook to be filled in."""

from pathlib import Path

import click
from rich.table import Table

from orchestration.account_words import yuan
from orchestration.commands.county import load_county
from orchestration.commands.feed import require
from orchestration.commands.home import home_of
from orchestration.console import make_console
from orchestration.publishing.manifest import require_intact
from sources.base.engine import ask
from sources.base.home import Home
from sources.county.county import County

_SHOWN = 20


def unmapped(county_dir: Path, home_dir: Path, institution: str | None, output: Path | None) -> int:
    """Show the unmapped codes of the current release; with `output`, write the workbook. Always 0."""
    from sources.county.code_maps import TERMINOLOGIES
    from sources.terminology.code_workbook import write_workbook

    county, console = load_county(county_dir), make_console()
    home = home_of(county, home_dir)
    require(institution, county.deliverers, "--institution", "没有这个报送方 / no such deliverer")
    codes = find_unmapped(county, home, institution)
    if not codes:
        console.print("没有未对照的编码 / every code is mapped")
        return 0
    table = Table(title=f"{len(codes)} 个未对照编码 unmapped codes", title_justify="left")
    for heading in ("术语 terminology", "机构 institution", "编码 code", "名称 name"):
        table.add_column(heading)
    for heading in ("行数 rows", "金额(元) yuan"):
        table.add_column(heading, justify="right")
    for each in codes[:_SHOWN]:
        names = (
            TERMINOLOGIES[each.terminology],
            each.deliverer_name,
            each.source_code,
            each.source_name or "",
        )
        table.add_row(*names, f"{each.rows:,}", yuan(each.amount_fen))
    console.print(table)
    if output is None:
        console.print(
            "加 --output 文件.xlsx 生成待填工作簿 / add --output FILE.xlsx for a workbook to fill in"
        )
    else:
        write_workbook(output, codes)
        console.print(f"工作簿 workbook: {output}", soft_wrap=True, highlight=False)
        console.print(f"填好后放进 / once filled, put it into: {county.folder / 'codes'}", soft_wrap=True)
    return 0


def find_unmapped(county: County, home: Home, institution: str | None) -> list:
    """Unmapped codes of the current release by deliverer, the most money first, with suggestions.

    Raises click.UsageError when nothing has been published.
    """
    from sources.terminology.code_workbook import UnmappedCode
    from sources.terminology.suggestions import Unknown, suggest

    release = home.current.resolve()
    mart = release / "marts" / "mart_code_unmapped.parquet"
    if not mart.is_file():
        raise click.UsageError(
            "尚无发布的版本,先运行 yigongti run / nothing is published: run yigongti run first"
        )
    require_intact(release)
    rows = ask(
        """select terminology, deliverer_id, source_code, min(source_name), sum(rows)::bigint,
                  sum(amount_fen)::bigint, min(month)
           from read_parquet(?) where source_code <> '*' and (?::varchar is null or deliverer_id = ?)
           group by all order by 6 desc, 5 desc, 1, 2, 3""",
        [str(mart), institution, institution],
    )
    texts = suggest(home, [Unknown(terminology, code, name) for terminology, _, code, name, *_ in rows])
    return [
        UnmappedCode(terminology, who, county.name_of(who), code, name, count, fen, month, tuple(found))
        for (terminology, who, code, name, count, fen, month), found in zip(rows, texts, strict=True)
    ]
