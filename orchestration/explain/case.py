"""`yigongti explain --case` and `--settlement`: how a case was grouped and what it was settled at, in words, down to file lines.

Belongs here: wording. Does not: finding and proving it (publishing/case.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orchestration.account_words import entry_in_words, yuan
from orchestration.explain.number import plain
from orchestration.publishing.case import Case, case_of
from sources.base.home import Home


def explain_case(home: Home, month: str, settlement_id: str, *, money: bool) -> str:
    """The chain behind a case as text: its group, and with `money` what it was settled at. Raises ExplainError (readable)."""
    found = case_of(home, month, settlement_id)
    lines = list(_group(found))
    if money:
        lines += _settlement(found)
    return "\n".join(lines)


def _group(found: Case) -> Iterator[str]:
    if found.group is None:
        yield "没有住院结算清单,未分组 / no list of a stay, so no group"
        return
    group = found.group
    yield f"病例 case {group['case_id']} · 机构 {group['institution_id']} · 出院 {group['event_date']} · 费用 {yuan(group['total_fen'])} 元"
    yield f"  清单 list: {group['source_file']}:{group['source_line']}"
    reason = f"({group['reason']})" if group["reason"] else ""
    yield f"  方案 {group['scheme']} → {group['status']}{reason} {group['mdc']} / {group['adrg']} / {group['drg']} {group['drg_name'] or ''}"
    yield f"  决定者 decided by: {group['decided_by'] or '—'}"
    if group["complication_code"]:
        yield f"  并发症 complication: {group['complication_code']}({group['severity_rule']})"
    for code in found.codes:
        mark = "主要 principal" if code["is_principal"] else "其他"
        said = f" → {code['normalised_code']}" if code["normalised_code"] not in (None, code["code"]) else ""
        yield f"    {code['terminology']} {code['number']} {mark} {code['code']}{said} · {code['source_file']}:{code['source_line']}"


def _settlement(found: Case) -> Iterator[str]:
    yield ""
    if found.settlement is None:
        yield "不按病种结算(没有适用的支付方式或没有结算)/ not settled by a rule of cases"
        return
    row = found.settlement
    yield f"结算 settlement {row['settlement_id']} · {row['method']} · 险种 {row['insurance']} · {row['source_file']}:{row['source_line']}"
    yield f"  规则 rule: {row['rule_id']}"
    yield (
        f"  组 {row['group_code']} 权重或分值 {_number(row['score'])} · 均费 {_yuan(row['mean_cost_fen'])} · 费用比 {_number(row['cost_ratio'])} → "
        f"{row['deviation']} · 机构系数 {_number(row['institution_factor'])}"
    )
    yield (
        f"  支付标准 standard {_yuan(row['payment_standard_fen'])} − 个人 personal {_yuan(row['personal_fen'])} → "
        f"基金应付 fund due {_yuan(row['fund_due_fen'])}"
    )
    if row["is_at_ceiling"]:
        yield "  已到封顶 / at the ceiling"
    if row["special_result"]:
        yield f"  特例单议 special review: {row['special_result']},调整 {_yuan(row['special_adjustment_fen'])}"
    yield f"  医保实付 paid {_yuan(row['actual_fund_fen'])} · 差额 difference {_yuan(row['difference_fen'])}(只作改进分析,不得用于个人分配)"
    for entry in found.entries:
        yield f"  分录 entry: {entry_in_words(entry, {})}"
    if found.pending_fen:
        yield (
            f"  分录已定(该月不再改动),现在应付差 {_yuan(found.pending_fen)}:作为差额记入之后第一个未结的月份 / "
            "the entries stand; the rest is a correction in the first open month after them"
        )


def _yuan(fen: float | None) -> str:
    return "—" if fen is None else f"{yuan(round(fen))} 元"


def _number(value: float | None) -> str:
    return "—" if value is None else plain(Decimal(str(value)))
