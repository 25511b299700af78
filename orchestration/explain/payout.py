"""`yigongti explain --payout`: what a person was given in a quarter, in words, from the fen up to the fund and down to file lines.

Belongs here: wording. Does not: finding and proving it (publishing/payout.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from orchestration.account_words import department, entry_in_words, yuan
from orchestration.explain.number import plain
from orchestration.publishing.assistance import code_of, earned
from orchestration.publishing.money.sheet import by_kind, quality_of
from orchestration.publishing.money.words import LEDGER_KINDS
from orchestration.publishing.names import names_of
from orchestration.publishing.payout import Payout, payout_of
from orchestration.publishing.walkback import Row
from sources.base.home import Home
from sources.base.terms import WORK_KINDS, WORK_ROLES

_MOST_ENTRIES = 12  # of one level; more are said as a sum
_MILLION = Decimal(1_000_000)


def explain_payout(home: Home, month: str, staff_id: str, institution: str | None, rows: bool) -> str:
    """The chain behind a person's money as text; with `rows` every piece of work with file and line.

    Raises ExplainError (readable) if there is none or it does not hold together.
    """
    found = payout_of(home, month, staff_id, institution)
    names = names_of(found.release)
    lines = [*_heading(found), *_sheets(found, names), *_points(found, names), *_work(found, rows)]
    lines += _assistance(found, names, rows)
    lines += [*_fees(found, names), *_entries(found, names)]
    return "\n".join(lines)


def _heading(found: Payout) -> Iterator[str]:
    total = sum(sheet["amount_fen"] for sheet in found.sheets)
    fees = sum(row["amount_fen"] for row in found.fees)
    besides = f" · 另有内部市场劳务 fees {yuan(fees)} 元" if found.fees else ""
    yield (
        f"{found.staff_id} · {found.month} 季 quarter · 激励池 pool {yuan(total)} 元{besides} · 版本 release {found.release.name}"
    )
    if any(sheet["person_mode"] == "department" for sheet in found.sheets):
        yield "所在医共体由科室二次分配:以下是系统建议,实发见科室 / the department distributes itself: this is the system's proposal"
    elif found.own and all(row["is_approved"] for row in found.own):
        yield "已审批,分录不再改动 / approved: the entries stand"
    else:
        yield "尚未审批:是建议,不是应发 / not approved: a proposal, not yet pay"


def _sheets(found: Payout, names: Mapping[str, str]) -> Iterator[str]:
    for sheet in found.sheets:
        yield ""
        yield (
            f"{names.get(sheet['institution_id'], sheet['institution_id'])} {sheet['institution_id']} · 科室 department "
            f"{department(names, sheet['institution_id'], sheet['department_code'])}"
        )
        yield (
            f"  点数 points {plain(sheet['points'])} → 点数×质量×岗位 weighted {plain(sheet['weight'] / _MILLION)},"
            f"科室合计 of {plain(sheet['department_weight'] / _MILLION)}"
        )
        yield (
            f"  科室 {yuan(sheet['department_fen'])} 元 × {plain(sheet['weight'] / _MILLION)} ÷ "
            f"{plain(sheet['department_weight'] / _MILLION)} = {yuan(sheet['amount_fen'])} 元(最大余额法 largest remainder)"
        )


def _points(found: Payout, names: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield "点数 × 质量 × 岗位,逐月逐处 / points × quality × post, by month and place:"
    for row in found.points:
        yield (
            f"  {row['work_month']} · {names.get(row['worked_at'], row['worked_at'])} · "
            f"{department(names, row['worked_at'], row['department_code'])}:{plain(row['points'])} × "
            f"{plain(row['quality_factor'])}({quality_of(row)})× {plain(row['post_factor'])} = {plain(row['weighted_points'])}"
        )


def _fees(found: Payout, names: Mapping[str, str]) -> Iterator[str]:
    if found.fees:
        yield ""
        yield "内部市场劳务,不在激励池内 / fees of the internal market, beside the pool:"
    for row in found.fees:
        yield f"  {_said(row, names)}"


def _work(found: Payout, rows: bool) -> Iterator[str]:
    yield ""
    yield "点数的由来 / the work behind the points:"
    for kind in by_kind(found.work):
        yield (
            f"  {kind['event_kind']} · {kind['role']} · {kind['rule_id']}:{kind['events']} 件 events,"
            f"{plain(kind['points'])} 点"
        )
    if rows:
        for row in sorted(found.work, key=lambda each: (each["event_date"], each["event_key"], each["role"])):
            yield (
                f"    {row['event_date']} · {WORK_KINDS[row['event_kind']].zh} {row['code'] or ''} · {WORK_ROLES[row['role']].zh} · "
                f"{plain(row['units'])} 单位 → {plain(row['points'])} 点 · {row['source_feed']} · {row['source_file']}:{row['source_line']}"
            )


def _assistance(found: Payout, names: Mapping[str, str], rows: bool) -> Iterator[str]:
    """The proof of contribution: what the ledger of the quarter says, and its code."""
    if not found.assistance:
        return
    last = max(found.assistance, key=lambda row: row["entry_number"])
    yield ""
    yield (
        f"帮扶贡献 assistance:得 {earned(found.assistance)} 分,余额 balance {last['balance_points']},"
        f"核验码 code {code_of(found.assistance)}(只作证明,不自动作决定 / a proof, it decides nothing)"
    )
    for row in found.assistance if rows else ():
        where = names.get(row["worked_at"], row["worked_at"] or "—")
        ground = f"{row['source_file']}:{row['source_line']}" if row["source_file"] else row["document"] or ""
        kind = LEDGER_KINDS[row["entry_kind"]]
        yield f"    {row['entry_date']} · {kind} {row['points']:+d} → {row['balance_points']} · {where} · {ground}"


def _entries(found: Payout, names: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield "钱的由来(本年到本季末)/ where the money came from, this year up to the quarter:"
    for row in found.own:
        yield f"  {_said(row, names)}"
    for level in found.above:
        yield "  ↑"
        for row in level[:_MOST_ENTRIES]:
            yield f"  {_said(row, names)}"
        if len(level) > _MOST_ENTRIES:
            rest = sum(row["amount_fen"] for row in level[_MOST_ENTRIES:])
            yield f"  … 另 {len(level) - _MOST_ENTRIES} 笔 more,{yuan(rest)} 元"


def _said(row: Row, names: Mapping[str, str]) -> str:
    return f"{entry_in_words(row, names)} · {row['entry_id']}"
