"""Cards that would reward the wrong thing, although every row of them can be read and every sum is right.

What an indicator is (an outcome of primary care, a static resource, one that needs others beside it) says the registry, not
the policy row. The scoring gate holds the same (expectations/suites/scoring.yml). Not here: sums, targets and curves
(policy_in_force).
"""

from __future__ import annotations

from collections.abc import Iterator

from sources.base.terms import TIERS
from sources.county.policy_checks import Finding, Line, Tables, said
from sources.county.policy_words import Indicator, indicators, never_below

# Demanded by policy (REQ-097).
_LEAD, _PRIMARY_OUTCOME_AT_LEAST = "county_lead", 30


def guard_cards(held: Tables) -> Iterator[Finding]:
    """What stops a card, tier by tier, of the rows in force on one day."""
    for tier in TIERS:
        card = [each for each in held.get("kpi_weight", []) if each[1]["institution_tier"] == tier]
        if not card:
            continue
        weighted = [(line, row) for line, row in card if row["weight"] > 0]
        yield from _too_few(tier, card[0][0], weighted)
        if tier == _LEAD:
            yield from _primary_outcomes(card)
        known = [(line, row) for line, row in weighted if row["kpi_id"] in indicators()]
        for line, row in known:
            yield from _cannot_weigh(tier, line, indicators()[row["kpi_id"]])
        yield from _alone(tier, known)


def _primary_outcomes(card: list[Line]) -> Iterator[Finding]:
    known = [name for name, each in indicators().items() if each.is_primary_outcome and _LEAD in each.tiers]
    outcome = sum(row["weight"] for _, row in card if row["kpi_id"] in known)
    if outcome < _PRIMARY_OUTCOME_AT_LEAST:
        which, least = "、".join(known), _PRIMARY_OUTCOME_AT_LEAST
        zh = (
            f"牵头医院得分卡中基层质量与下沉成效的权重合计 {said(outcome)},政策要求不低于 {least}(REQ-097);"
            f"计入的指标:{which},本院自己的满意度、住院日、费用不计入:请提高这些指标的权重"
        )
        en = (
            f"weights of primary-care outcomes in the lead hospital's card add to {said(outcome)}; policy demands {least} "
            f"(REQ-097). They are {', '.join(known)}, not its own satisfaction, length of stay or cost: raise their weights"
        )
        yield Finding((_LEAD, "outcome"), "kpi_weight", card[0][0], zh, en)
    for line, row in card:
        if row["primary_outcome"] and row["kpi_id"] not in known:
            zh = f"{row['kpi_id']} 不是基层质量或下沉成效,primary_outcome 写 1 也不计入那 {_PRIMARY_OUTCOME_AT_LEAST}%:请改为 0"
            en = f"{row['kpi_id']} is no primary-care outcome, whatever primary_outcome says: write 0"
            yield Finding((_LEAD, row["kpi_id"], "claim"), "kpi_weight", line, zh, en)


def _cannot_weigh(tier: str, line: int, indicator: Indicator) -> Iterator[Finding]:
    """An indicator that may have no weight, or whose weight would count nowhere."""
    if indicator.is_static_resource:
        zh, en = (
            "是静态资源(床位、设备值),不得有权重",
            "is a static resource (beds, worth of equipment) and may weigh nothing",
        )
    elif indicator.not_computed:
        zh, en = (
            f"未计算({indicator.not_computed}),其权重不会计入",
            "is not computed: its weight counts nowhere",
        )
    elif indicator.direction == "monitor":
        zh, en = "仅监测,没有好坏之分", "is only monitored: it has no better and worse"
    else:
        return
    zh, en = (
        f"{indicator.kpi_id} {indicator.name}{zh}:请删去此行并重分权重",
        f"{indicator.kpi_id} {en}: remove the row",
    )
    yield Finding((tier, indicator.kpi_id, "weight"), "kpi_weight", line, zh, en)


def _alone(tier: str, weighted: list[Line]) -> Iterator[Finding]:
    """An indicator without those that keep it from rewarding volume, as far as the tier has them."""
    there = {row["kpi_id"] for _, row in weighted}
    for line, row in weighted:
        beside = indicators()[row["kpi_id"]].together_with
        lacking = [each for each in beside if tier in indicators()[each].tiers and each not in there]
        if lacking:
            which = "、".join(lacking)
            zh = f"层级 {tier} 的卡有 {row['kpi_id']} 而没有 {which}:只看前者会奖励转来转去,请为 {which} 加上权重"
            en = f"the card of {tier} has {row['kpi_id']} without {', '.join(lacking)}: alone it rewards volume; give them a weight"
            yield Finding((tier, row["kpi_id"], "alone"), "kpi_weight", line, zh, en)


def _too_few(tier: str, line: int, weighted: list[Line]) -> Iterator[Finding]:
    """A card on which no total can ever rest."""
    count, dimensions = len(weighted), len({row["dimension"] for _, row in weighted})
    least, widest = never_below()["minimum_valid_indicators"], never_below()["minimum_valid_dimensions"]
    if count < least or dimensions < widest:
        without = f"settings: {{tiers_without_card: [{tier}]}}"
        zh = (
            f"层级 {tier} 的卡有 {count} 个指标、{dimensions} 个维度,总分至少要有 {widest} 个维度的 {least} 个有效指标:"
            f"请补指标,或删去此卡并在 county.yml 写 {without}"
        )
        en = (
            f"the card of {tier} has {count} indicators in {dimensions} dimensions; a total needs {least} valid ones in {widest}: "
            f"add indicators, or remove the card and say {without} in county.yml"
        )
        yield Finding((tier, "few"), "kpi_weight", line, zh, en)
