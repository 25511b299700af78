"""Codes of the money rooms in words, as pages say them. Not here: accounts (orchestration/account_words.py)."""

import re
from collections.abc import Mapping

# Steps of the waterfall (fund_waterfall).
STEPS = {
    "raised": "筹资",
    "deducted": "提取项",
    "net": "打包净额",
    "shared": "按风险调整的份额差",
    "not_due_yet": "未到期月份",
    "budget_to_date": "累计预算",
    "in_county": "县内支出",
    "out_of_county": "县外支出",
    "unreported": "暂估未报",
    "surplus": "结余",
    "truncated": "截尾调整",
    "retained": "留用(转给医共体)",
    "returned": "未留用(退回基金)",
    "insurance_bears": "医保承担超支",
    "community_bears": "医共体承担超支",
    "undecided": "未决定",
}
# Why a surplus or an overspending is not decided (fund_retention).
STATES = {
    "no_budget": "没有预算",
    "not_signed": "没有签约",
    "unknown_spending": "县外支出无从估计",
    "no_score": "没有考核得分",
    "no_band": "没有相应档位",
}
# How stays are paid, and what sets them apart (casemix_settlement).
CASES = {
    "drg_rate": "DRG 费率法",
    "drg_points": "DRG 点数法",
    "dip": "DIP",
    "fee_for_service": "按项目",
    "capitation": "按人头",
    "low": "低倍率",
    "normal": "正常",
    "high": "高倍率",
    "special": "特例单议",
    "ungrouped": "未入组",
    "no_weight": "没有权重或分值",
    "no_point_value": "没有点值",
    "no_rule": "没有规则",
    "no_method": "没有支付方式",
    "none": "—",
}
# Entries of the ledger of assistance points (assistance_ledger).
LEDGER_KINDS = {"earned": "得分", "redeemed": "兑换", "expired": "到期", "refused": "拒绝"}
# What a rule id begins with: a policy table, what was spent, or an audit's rule.
RULES = {
    "market_price": "内部价目",
    "market_split": "内部拆分",
    "contract_fee": "签约服务费",
    "drg_payment_rule": "DRG 付费规则",
    "dip_rule": "DIP 付费规则",
    "deduction": "医保审核扣款",
    "package_rule": "打包规则",
    "fund_spend": "医保支出",
    "retention_band": "留用档次",
    "overspend_band": "超支分担档次",
    "surplus_split": "结余分配",
    "pool_rule": "激励池计提",
    "pool_receipt": "激励池到账",
    "pool_use_plan": "激励池用途",
    "pool_driver": "分配依据",
    "subsidy_rule": "补助标准",
    "head_pay": "院长年薪",
}


def rule_in_words(rule_id: str, services: Mapping[str, str]) -> str:
    """What kind of rule it is, of a price also of which service; services: {code: name}. Nothing where no word is known."""
    kind, *words = re.split("[ /]", rule_id)
    return " ".join([RULES.get(kind, ""), *(services[word] for word in words if word in services)]).strip()
