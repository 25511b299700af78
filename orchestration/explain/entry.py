"""`yigongti explain --entry`: why an entry of money is what it is, in words, down to policy rows and file lines.

Belongs here: wording. Does not: finding and proving it (publishing/entry.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from orchestration.account_words import entry_in_words, in_words, is_outside, yuan
from orchestration.explain.case import explain_case
from orchestration.explain.number import plain
from orchestration.publishing.entry import WalkedEntry, entries_of, grown, walk_entry
from orchestration.publishing.names import names_of
from orchestration.publishing.walkback import Row, published_release
from sources.base.home import Home

_MOST_WALKED = 5  # entries of one account are many: they are listed, and walked one by one
_MOST_LINES = 12  # shown without --rows
_WORDS_ONLY = ("effective_from", "effective_to", "assumption", "origin")
_SOURCE = ("source_feed", "record_feed", "source_batch_id", "source_file", "source_line", "release_id")


def explain_entry(home: Home, month: str, said: str, rows: bool) -> str:
    """Entries by id, key or account as text; a few are walked, more are listed; with `rows` every line under them.

    Raises ExplainError (readable) if there is none or one does not hold together.
    """
    entries = entries_of(home, month, said)
    names = names_of(published_release(home))
    if len(entries) > _MOST_WALKED:
        return "\n".join(_listed(entries, said, names, rows))
    walked = [
        line for entry in entries for line in (*_walked(home, walk_entry(home, entry), names, rows), "")
    ]
    return "\n".join(walked[:-1])


def _listed(entries: list[Row], said: str, names: dict[str, str], rows: bool) -> Iterator[str]:
    received, given = (
        sum(row["amount_fen"] for row in entries if row[side] == said)
        for side in ("account_id", "counter_account_id")
    )
    yield (
        f"{len(entries)} 笔 entries:收 received {yuan(received)} 元,付 given {yuan(given)} 元;"
        "逐笔走回去写 --entry 分录编号 / name one by its id to walk it back"
    )
    shown = entries if rows else entries[:_MOST_LINES]
    for row in shown:
        yield f"  {entry_in_words(row, names)} · {row['entry_id']}"
    if len(shown) < len(entries):
        yield f"  … 另 {len(entries) - len(shown)} 笔,加 --rows 全部列出 / more: add --rows"


def _walked(home: Home, found: WalkedEntry, names: dict[str, str], rows: bool) -> Iterator[str]:
    entry = found.entry
    state = "已审批 approved" if entry["is_approved"] else "尚未审批 not approved"
    yield entry_in_words(entry, names)
    yield f"  分录 entry {entry['entry_id']} · {state} · 版本 release {entry['release_id']}"
    if entry["is_correction"]:
        yield from _difference(found, names)
        return
    yield from _rule(found)
    if entry["source_relation"] == "casemix_settlement":
        told = explain_case(home, entry["month"], entry["source_key"], money=True)
        yield from (f"  {line}" for line in told.splitlines())
    elif entry["source_relation"] == "pool_person":
        staff = entry["source_key"].rsplit("/", 1)[-1]
        yield f"  点数与工作明细 points and work: yigongti explain --month {entry['month']} --payout {staff} --rows"
    yield from _grounds(found)
    yield from _lines(found, rows)
    giver = entry["counter_account_id"]
    if is_outside(giver):
        yield f"  ↑ 钱从 {in_words(giver, names)} 进来 / here the money enters"
    else:
        yield f"  ↑ 付方的钱从哪里来 what filled the giver: --entry {giver}"


def _difference(found: WalkedEntry, names: dict[str, str]) -> Iterator[str]:
    yield "  已定月份的差额,之前记的是 / a difference to months that stand, which say:"
    for row in found.earlier:
        yield f"    {entry_in_words(row, names)} · {row['entry_id']}"


def _rule(found: WalkedEntry) -> Iterator[str]:
    yield f"  依据 rule {found.entry['rule_id']}"
    for row in found.policy:
        until = row.get("effective_to") or "至今"
        assumed = "〔假设〕" if row["assumption"] else ""
        said = _said({name: value for name, value in row.items() if name not in _WORDS_ONLY})
        yield f"    政策 {found.table}:{said} · {row['effective_from']} 至 {until}{assumed} {row['origin'] or ''}"


def _grounds(found: WalkedEntry) -> Iterator[str]:
    for row in found.grounds:
        told = {name: value for name, value in row.items() if name not in _SOURCE}
        yield f"  取自 taken from {found.entry['source_relation']}:{_said(told)}"
        if row.get("source_file"):
            yield f"    行 line {row['source_file']}:{row['source_line']}"
    for name, (before, now) in grown(found).items():
        mark = " ← 本笔 this entry" if now - before == found.entry["amount_fen"] else ""
        yield f"    {name}:上月 {yuan(before)} → 本月 {yuan(now)},变动 {yuan(now - before)} 元{mark}"


def _lines(found: WalkedEntry, rows: bool) -> Iterator[str]:
    if not found.lines:
        return
    if "item_code" in found.lines[0]:
        yield "  预算的报送行 lines of the budget:"
        for row in sorted(found.lines, key=lambda each: (each["effective_date"], each["budget_id"])):
            yield (
                f"    项目 item {row['item_code']} {yuan(row['amount_fen'])} 元 · {row['effective_date']} 起 · "
                f"{row['source_file']}:{row['source_line']}"
            )
        return
    yield from _spent(found, rows)


def _spent(found: WalkedEntry, rows: bool) -> Iterator[str]:
    total = sum(row["fund_fen"] for row in found.lines)
    yield f"  本月起已知的结算 settlements known since this month:{len(found.lines)} 笔,{yuan(total)} 元"
    if total != found.entry["amount_fen"]:
        rest = yuan(found.entry["amount_fen"] - total)
        yield f"    其余 {rest} 元:早先的结算改归了医共体 / earlier settlements that were given another community since"

    def kind(row: Row) -> tuple[str, str, str]:
        return row["settled_month"], row["component"] or "-", row["allocated_by"]

    for (month, component, by), alike in groupby(sorted(found.lines, key=kind), key=kind):
        group = list(alike)
        fen = sum(row["fund_fen"] for row in group)
        yield f"    {month} 结算 · {component} · {by}:{len(group)} 笔,{yuan(fen)} 元"
        for row in sorted(group, key=lambda each: (each["source_file"], each["source_line"])) if rows else ():
            yield f"      {row['settlement_id']} {yuan(row['fund_fen'])} 元 · {row['source_file']}:{row['source_line']}"


def _said(row: Row) -> str:
    return "、".join(f"{name} {_value(name, value)}" for name, value in row.items() if value is not None)


def _value(name: str, value: Any) -> str:
    if name.endswith("_fen") and isinstance(value, int):
        return f"{yuan(value)} 元"
    if isinstance(value, bool | str | dt.date):
        return str(value)
    return plain(Decimal(str(value)))
