"""`yigongti feed quarantine`: what stands in quarantine, by cause, and what to write to mend it. Drawing only."""

import os
from pathlib import Path

from rich.console import Console
from rich.table import Table

from orchestration.account_words import yuan
from orchestration.commands.county import load_county
from orchestration.commands.feed import require
from orchestration.commands.home import home_of, require_key
from orchestration.console import make_console, painted

SHOWN = 40


def quarantine(
    county_dir: Path,
    home_dir: Path,
    feed: str | None,
    institution: str | None,
    month: str | None,
    output: Path | None,
) -> int:
    """Show the groups; with `output` write all of them, and every line, into a workbook. Always 0."""
    from sources.contracts.load import load_contracts
    from sources.mending.emptied import emptied_codes
    from sources.mending.quarantine import (
        Narrowing,
        dictionary_lines,
        emptied_groups,
        quarantine_groups,
        quarantined_lines,
        quarantined_total,
    )
    from sources.mending.quarantine_workbook import write_quarantine

    county, console = load_county(county_dir), make_console()
    home = home_of(county, home_dir)
    require(feed, load_contracts(), "--feed", "没有这个数据源 / no such feed")
    require(institution, county.deliverers, "--institution", "没有这个报送方 / no such deliverer")
    secret = county.pseudonym_key(os.environ)
    require_key(home, secret)
    narrowing = Narrowing(feed, institution, month)
    groups = quarantine_groups(home, narrowing)
    _show_quarantined(console, groups, *quarantined_total(home, narrowing))
    _show_emptied(console, emptied_groups(home, narrowing))
    emptied = emptied_codes(county, home, narrowing, secret)
    _show_emptied_codes(console, emptied)
    snippets = dictionary_lines(county, [*groups, *emptied])
    _show_snippets(console, snippets)
    if output is not None:
        write_quarantine(output, groups, quarantined_lines(home, narrowing), snippets, emptied)
        console.print(f"工作簿 workbook: {output}", soft_wrap=True, highlight=False)
    if groups or emptied:
        console.print("改好映射后 then: yigongti county check …,yigongti feed replay", highlight=False)
    return 0


def _show_quarantined(console: Console, groups: list, rows: int, fen: int) -> None:
    if groups:
        _show_groups(console, groups, f"隔离 quarantined: {rows:,} 行 rows, {yuan(fen)} 元 yuan")
    else:
        console.print("没有隔离的行 / nothing is quarantined")


def _show_emptied_codes(console: Console, emptied: list) -> None:
    if emptied:
        title = f"置空的编码 emptied codes: {sum(group.rows for group in emptied):,} 个值 values(行已入库 rows are in)"
        _show_groups(console, emptied, title)


def _show_groups(console: Console, groups: list, title: str) -> None:
    table = Table(title=title, title_justify="left")
    for heading in ("数据源与报送方 feed, institution", "规则与列 rule, column", "值或形状 shown"):
        table.add_column(heading, overflow="fold")
    for heading in ("行 rows", "元 yuan"):
        table.add_column(heading, justify="right")
    table.add_column("最先 first", overflow="fold")
    for group in groups[:SHOWN]:
        table.add_row(
            f"{group.feed}\n{group.institution_id} {group.months}",
            painted((group.rule_id, "red"), f"\n{group.column_name}"),
            group.shown,
            f"{group.rows:,}",
            yuan(group.fen) if group.fen is not None else "–",
            f"{group.first_file}:{group.first_line}",
        )
    console.print(table)
    if len(groups) > SHOWN:
        console.print(f"… 另有 {len(groups) - SHOWN} 组,用 --output 看全部 / more groups: use --output")
    for said in sorted({(group.rule_id, group.message_zh, group.message_en) for group in groups[:SHOWN]}):
        console.print(f"  {said[0]}: {said[1]} / {said[2]}", soft_wrap=True, highlight=False)


def _show_emptied(console: Console, groups: list) -> None:
    if not groups:
        return
    table = Table(title="行已入库,值置空或仅标记 rows are in, values emptied or marked", title_justify="left")
    for heading in ("feed", "institution", "规则 rule", "列 column", "结果 result"):
        table.add_column(heading, overflow="fold")
    table.add_column("行 rows", justify="right")
    for group in groups[:SHOWN]:
        names = (group.feed, group.institution_id, group.rule_id, group.column_name, group.disposition)
        table.add_row(*names, f"{group.rows:,}")
    console.print(table)


def _show_snippets(console: Console, snippets: dict[str, list[str]]) -> None:
    if not snippets:
        return
    console.print("补字典:把 ? 换成契约代码 / fill in the codes", style="bold")
    for file, lines in snippets.items():
        for line in (f"# {file}", *lines):
            console.print(f"  {line}", highlight=False, soft_wrap=True)
