"""The few codes that files, statements and pages share, each with its words in Chinese and English, in the order people read.

Here: tiers, windows, statuses, gates and what they find. SQL and files say the codes, whoever shows one takes its words from
here. Not here: names of feeds and columns (contracts), of indicators (dbt_project), of code systems (county.code_maps).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeVar

Tier = Literal["county_lead", "county", "township", "community", "village"]
UnitLevel = Literal["county", "community", "institution", "department", "physician"]
Gate = Literal["feed", "core", "kpi", "scoring"]
KahnCategory = Literal["conformance", "completeness", "plausibility"]
Severity = Literal["critical", "warning"]
Counted = Literal["rows", "batches", "deliveries", "groups"]
# A table of words keeps the type of its codes.
Code = TypeVar("Code", bound=str)


class Words(NamedTuple):
    """What people read for one code."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} {self.en}"


TIERS: dict[Tier, Words] = {
    "county_lead": Words("县级牵头", "lead"),
    "county": Words("县级", "county"),
    "township": Words("乡镇", "township"),
    "community": Words("社区", "community"),
    "village": Words("村", "village"),
}
# Whom a figure belongs to, largest first; a community (县域医共体) is an alliance of the county.
UNIT_LEVELS: dict[UnitLevel, Words] = {
    "county": Words("全县", "county"),
    "community": Words("县域医共体", "medical community"),
    "institution": Words("机构", "institution"),
    "department": Words("科室", "department"),
    "physician": Words("医师", "physician"),
}
# What belongs to none of a level: a unit of its own, so that levels add up.
NOBODYS = "-"
# Tiers of units above institutions, where a target speaks of them.
UNIT_TIERS: dict[str, Words] = {
    **{str(tier): words for tier, words in TIERS.items()},
    "alliance": Words("县域医共体", "medical community"),
    "region": Words("全县", "county as a whole"),
}
# Where somebody was treated, as money of the fund flows; outside the county by distance.
CARE_LEVELS = {
    "village": Words("村卫生室", "village clinic"),
    "township": Words("乡镇与社区", "township or community"),
    "county": Words("县级医院", "county hospital"),
    "prefecture": Words("市内县外", "elsewhere in the prefecture"),
    "province": Words("省内市外", "elsewhere in the province"),
    "elsewhere": Words("省外", "outside the province"),
    "other": Words("非成员机构", "an institution that is no member"),
}
WINDOWS = {
    "month": Words("当月", "month"),
    "quarter": Words("季度至今", "quarter to date"),
    "half_year": Words("半年至今", "half-year to date"),
    "ytd": Words("年初至今", "year to date"),
    "rolling12": Words("近12个月", "last 12 months"),
}
# Which way a figure is better: `range` within bounds, `monitor` is watched and never scored.
DIRECTIONS = {
    "higher": Words("越高越好", "higher is better"),
    "lower": Words("越低越好", "lower is better"),
    "range": Words("适宜区间", "best within a range"),
    "monitor": Words("仅监测", "watched only"),
}
# What is done to the events of a window: sums over sums, or one of single values.
STATISTICS = {
    "ratio": Words("比值", "ratio of sums"),
    "median": Words("中位数", "median"),
    "p90": Words("第90百分位数", "90th percentile"),
    "cv": Words("变异系数", "coefficient of variation"),
    "distinct": Words("不同者之比", "ratio of counts of different things"),
    "life_table": Words("寿命表法的死亡概率", "probability to die by the life table"),
}
OVER_MONTHS = {
    "sum": Words("各月相加", "months added"),
    "last": Words("取末月", "last month"),
    "mean": Words("取月均", "mean of months"),
}
PARTS = {
    "numerator": Words("分子", "numerator"),
    "denominator": Words("分母", "denominator"),
}
VALUE_STATUSES = {
    "valid": Words("有效", "valid"),
    "immature": Words("未成熟", "immature"),
    "below_minimum": Words("样本不足", "sample too small"),
    "partial": Words("窗口不满", "window not full"),
    "missing": Words("应报未报", "not delivered"),
    "not_applicable": Words("不适用", "not applicable"),
}
# Of an institution's score: what is too little here is the share of the card that has values, or how many of it have.
SCORE_STATUSES = {
    "valid": Words("有效", "valid"),
    "scored_with_keeper": Words("随所属卫生院计分", "scored with the institution that keeps it"),
    "below_minimum": Words("覆盖率或有效指标不足", "coverage too low or too few indicators"),
    "not_applicable": Words("不适用", "no card"),
}
ANNUAL_STATUSES = {
    "valid": Words("有效", "valid"),
    "partial": Words("月份不全", "months without a total"),
    "no_annual_indicators": Words("缺年度指标分", "no points of annual indicators"),
    "no_mutual_assessment": Words("缺互评", "no mutual assessment"),
    "scored_with_keeper": SCORE_STATUSES["scored_with_keeper"],
    "not_applicable": SCORE_STATUSES["not_applicable"],
}
DEDUCTION_KINDS = {
    "late_reporting": Words("迟报漏报", "late or lacking reports"),
    "verified_complaint": Words("查实投诉", "complaint found true"),
    "inspection_finding": Words("督查问题", "finding of an inspection"),
    "safety_event": Words("安全事件", "safety event"),
    "insurance_violation": Words("违规使用医保基金", "breach of insurance rules"),
    "other_decision": Words("其他决定", "other decision"),
}
# Why a decision takes the pay of a head, whatever the score (一票否决), and what became of the objection to it.
VETO_KINDS = {
    "medical_safety": Words("重大医疗安全责任", "serious liability for medical safety"),
    "insurance_fraud": Words("欺诈骗保", "insurance fraud"),
    "falsified_data": Words("数据造假", "falsified data"),
    "serious_misconduct": Words("严重违纪违法", "serious breach of discipline or law"),
}
APPEAL_STATES = {
    "none": Words("未申诉", "no appeal"),
    "open": Words("申诉中", "appeal open"),
    "rejected": Words("申诉驳回", "appeal rejected"),
    "upheld": Words("申诉成立,否决撤销", "appeal upheld, the veto is lifted"),
}
# How grouping a case ends.
GROUPING_STATUSES = {
    "grouped": Words("已入组", "grouped"),
    "ambiguous": Words("歧义组", "ambiguous"),
    "ungroupable": Words("未入组", "ungroupable"),
    "rejected": Words("退回", "rejected"),
}
# What people do that earns points, and as what.
WORK_KINDS = {
    "visit": Words("接诊", "visit"),
    "operation": Words("手术", "operation"),
    "service_item": Words("诊疗项目", "service item"),
    "contract_service": Words("签约服务", "contract service"),
    "follow_up": Words("随访", "follow-up"),
    "referral_up": Words("上转", "referral up"),
    "referral_down": Words("下转", "referral down"),
    "teleconsult": Words("远程服务", "remote service"),
    "dispatch": Words("下沉帮扶", "help given elsewhere"),
}
WORK_ROLES = {
    "ordering": Words("开单", "ordered it"),
    "executing": Words("执行", "carried it out"),
    "surgeon": Words("术者", "surgeon"),
    "first_assistant": Words("第一助手", "first assistant"),
    "second_assistant": Words("第二助手", "second assistant"),
    "anaesthetist": Words("麻醉", "anaesthetist"),
    "physician": Words("本人", "did it"),
}
PAYMENT_METHODS = {
    "drg_rate": Words("DRG 费率法", "DRG by rate"),
    "drg_points": Words("DRG 点数法", "DRG by points"),
    "dip": Words("DIP", "DIP"),
    "fee_for_service": Words("按项目", "fee for service"),
    "capitation": Words("按人头", "capitation"),
    "none": Words("没有支付方式", "no method in force"),
}
# What the public sees; nothing says whether a figure is hidden for itself or to protect another.
PUBLIC_STATUSES = {
    **VALUE_STATUSES,
    "scored_with_keeper": SCORE_STATUSES["scored_with_keeper"],
    "suppressed": Words("人数过少,不公开", "too few, not shown"),
}
QUALITY_DIMENSIONS = {
    "completeness": Words("完整", "completeness"),
    "conformance": Words("规范", "conformance"),
    "plausibility": Words("合理", "plausibility"),
    "timeliness": Words("及时", "timeliness"),
    "uniqueness": Words("唯一", "uniqueness"),
}
GATES: dict[Gate, Words] = {
    "feed": Words("报送", "feed"),
    "core": Words("核心层", "core"),
    "kpi": Words("指标", "kpi"),
    "scoring": Words("计分", "scoring"),
}
KAHN_CATEGORIES: dict[KahnCategory, Words] = {
    "conformance": Words("一致性", "conformance"),
    "completeness": Words("完整性", "completeness"),
    "plausibility": Words("合理性", "plausibility"),
}
SEVERITIES: dict[Severity, Words] = {
    "critical": Words("阻断发布", "stops a release"),
    "warning": Words("提示", "does not stop a release"),
}
# Worst first.
OUTCOMES = {
    "fail": Words("未通过", "fail"),
    "error": Words("无法判断", "error"),
    "warn": Words("提示", "warn"),
    "waived": Words("已豁免", "waived"),
    "not_applicable": Words("不适用", "not applicable"),
    "pass_with_violations": Words("通过(有不符合)", "passed with violations"),
    "pass": Words("通过", "pass"),
}
# Outcomes that ask for nothing.
PASSED = ("pass", "pass_with_violations", "not_applicable")
COUNTED: dict[Counted, Words] = {
    "rows": Words("行", "rows"),
    "batches": Words("份文件", "files"),
    "deliveries": Words("份应报数据", "deliveries"),
    "groups": Words("组", "groups"),
}


def in_chinese(terms: Mapping[Code, Words]) -> dict[str, str]:
    """{code: Chinese}, for pages."""
    return {code: words.zh for code, words in terms.items()}


def explained(terms: Mapping[Code, Words]) -> str:
    """Codes with their Chinese in one line, for descriptions of columns."""
    return "、".join(f"{code} {words.zh}" for code, words in terms.items())
