"""One delivered file drawn for a person who mends a mapping: columns, values, what would be rejected. Nothing is decided here."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.account_words import yuan
from orchestration.console import painted

if TYPE_CHECKING:
    from sources.conforming.accounting import Account
    from sources.onboarding.look import CodeLook, ColumnLook
    from sources.onboarding.trial import FileReport, UnclaimedFile

_COLOURS = {"quarantined": "red", "nulled": "yellow", "marked": "cyan", "duplicate": "magenta"}
_WORDS = {"quarantined": "隔离", "nulled": "置空", "marked": "仅标记", "duplicate": "重复"}


def show_file(console: Console, file: "FileReport") -> None:
    """Where its rows would go, which columns match and what stands in them, which rules are broken where."""
    place = file.file + (f" [{file.sheet}]" if file.sheet else "")
    console.print()
    console.print(
        painted((file.feed, "bold"), f" {file.feed_name_zh}  {file.month}  {place}"), soft_wrap=True
    )
    console.print(f"  {file.encoding or '-'}  {file.dialect or ''}  mapping {file.mapping}", highlight=False)
    if file.refusal is not None:
        console.print(painted((f"  拒收 refused {file.refusal}", "red")), soft_wrap=True, highlight=False)
    if file.account is not None:
        _show_account(console, file.account)
    _show_blocks(console, file)
    _show_columns(console, file)
    _show_unmatched(console, file)
    _show_findings(console, file)


def _show_account(console: Console, account: "Account") -> None:
    console.print(
        f"  行 rows: 接收 delivered {account.delivered_rows:,} = 接受 accepted {account.accepted_rows:,} + "
        f"隔离 quarantined {account.quarantined_rows:,} + 重复 duplicate {account.duplicate_rows:,}",
        highlight=False,
    )
    if account.delivered_fen is not None:
        console.print(
            f"  元 yuan: 接收 delivered {yuan(account.delivered_fen)} = 接受 accepted {yuan(account.accepted_fen)} + "
            f"隔离 quarantined {yuan(account.quarantined_fen)} + 重复 duplicate {yuan(account.duplicate_fen)}",
            highlight=False,
        )


def _show_blocks(console: Console, file: "FileReport") -> None:
    """A wide sheet: how its rows became more, and every block with how much of each header is filled."""
    if file.look is None or not file.look.blocks:
        return
    if file.account is not None:
        console.print(
            f"  横表 wide sheet: 文件 {file.file_rows:,} 行 → {file.account.delivered_rows:,} 行"
            f"(每行按下列各组展开,上面的行数是展开后的;control.csv 按文件的 {file.file_rows:,} 行核对) / "
            f"{file.file_rows:,} rows in the file → {file.account.delivered_rows:,} rows, one per filled block; "
            "a control total counts the rows of the file",
            soft_wrap=True,
            highlight=False,
        )
    for block in file.look.blocks:
        cells = "  ".join(
            f"{column} ← {header} {f'{filled / block.rows:.0%}' if block.rows else '-'}"
            if filled is not None
            else f"{column} ← {header} 文件里没有 not in the file"
            for column, header, filled in block.cells
        )
        console.print(f"    组 block {block.number}: {cells}", soft_wrap=True, highlight=False)


def _show_columns(console: Console, file: "FileReport") -> None:
    if file.look is None:
        return
    table = Table(title="对上的列 columns matched", title_justify="left", title_style="", expand=False)
    for heading in ("契约列 column", "表头 header"):
        table.add_column(heading, overflow="fold")
    for heading in ("填 filled", "不同值 distinct"):
        table.add_column(heading, justify="right")
    table.add_column("形状与值 shapes and values", overflow="fold")
    names = {match.column: match.name_zh for match in file.matched}
    for look in file.look.columns:
        share = f"{look.filled / look.rows:.0%}" if look.rows else "-"
        column = f"{look.column} {names.get(look.column, '')}"
        table.add_row(column, look.header, share, f"{look.distinct:,}", _what_stands_there(look))
    console.print(table)
    absent = [match for match in file.matched if not match.delivered]
    for match in absent:
        colour = "red" if match.required else "yellow"
        headers = "、".join(match.headers)
        console.print(
            painted(
                ("  文件里没有 not in the file", colour),
                f" {match.column} {match.name_zh} ← {headers}",
                f"(相近的列名 nearest headers: {match.near})" if match.near else "",
            ),
            soft_wrap=True,
        )
    for header, length in file.look.cut_off:
        console.print(
            painted(
                ("  疑被截断 probably cut off", "yellow"),
                f" {header}: 许多文本恰好 {length} 个字;"
                f"可在映射写 cut_at: {length} 逐行标记 / many texts end at {length} characters",
            )
        )


def _what_stands_there(look: "ColumnLook") -> str | Text:
    if look.codes:
        return Text("  ").join(_code(code) for code in look.codes)
    parts = [" | ".join(look.shapes)]
    if look.low is not None:
        parts.append(f"{look.low} … {look.high}")
    return "  ".join(parts)


def _code(code: "CodeLook") -> Text:
    if code.becomes is None:
        return painted((f"{code.shown}→? ×{code.rows:,}", "red"))
    arrow = "" if code.becomes == code.shown else f"→{code.becomes}"
    return painted(f"{code.shown}{arrow} ×{code.rows:,}")


def _show_unmatched(console: Console, file: "FileReport") -> None:
    if file.look is None or not file.look.unmatched:
        return
    table = Table(title="没有用到的表头 headers not used", title_justify="left", title_style="")
    for heading in ("表头 header", "填 filled", "形状 shape", "可能是 may be"):
        table.add_column(heading, overflow="fold")
    for each in file.look.unmatched:
        share = f"{each.filled / each.rows:.0%}" if each.rows else "-"
        table.add_row(each.header, share, each.shape, "、".join(each.may_be) or "–")
    console.print(table)


def _show_findings(console: Console, file: "FileReport") -> None:
    # Headers nobody reads have a table of their own.
    findings = [finding for finding in file.findings if finding.rule.rule_id != "UNMAPPED_COLUMN"]
    if not findings:
        return
    table = Table(title="规则 rules broken", title_justify="left", title_style="")
    for heading in ("规则 rule", "列 column", "结果 result"):
        table.add_column(heading, overflow="fold")
    table.add_column("行 rows", justify="right")
    table.add_column("例 examples (行号 line: 形状 shape)", overflow="fold")
    for finding in findings:
        rule = finding.rule
        colour, word = _COLOURS[rule.disposition], _WORDS[rule.disposition]
        examples = "  ".join(f"{e.line}: {e.masked_value or ''}" for e in finding.examples)
        counts = f"{rule.violated:,}/{rule.total:,}"
        table.add_row(painted((rule.rule_id, colour)), rule.column_name, word, counts, examples)
    console.print(table)
    for finding in findings:
        console.print(
            f"  {finding.rule.rule_id}: {finding.rule.message_zh} / {finding.rule.message_en}",
            soft_wrap=True, highlight=False,
        )  # fmt: skip


def unclaimed_line(file: "UnclaimedFile") -> str:
    """A file that no mapping claims, and what it may be."""
    if file.refusal is not None:
        return f"{file.file}  读不出 unreadable: {file.refusal}"
    alike = "、".join(f"{feed} {fit:.0%}" for feed, fit in file.alike) or "-"
    return f"{file.file}  像 looks like: {alike}"
