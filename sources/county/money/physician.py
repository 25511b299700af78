"""Rows of people's work that cannot stand: shares that are no whole, points for mere numbers of referrals, what may not decide pay.

Not here: how points are counted (dbt_project/models/fund/physician), the words of what is forbidden (guards), quality factors
(quality_factor).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sources.county.money.guards import guard_against
from sources.county.money.shares import days_of_change, grouped, not_whole
from sources.county.policy_checks import Finding, Line, Tables, check_figures, said
from sources.county.policy_in_force import in_force, overlap
from sources.county.policy_tables.physician import QUALITY_GATES, ROLES_OF

# Events whose mere number may not be paid (REQ-128, S003 §6.4; methods H.5).
_ONLY_WITH_A_GATE = ("referral_up", "referral_down", "contract_service", "follow_up")
_HANDED_ON = frozenset({"08", "09", "10", "11"})  # consumables and drugs
_BEDS = "01"
_UNITS = {"hour": ("dispatch",), "person": ("dispatch",)}


def check_physician(tables: Tables) -> Iterator[Finding]:
    """Every finding in the tables of people's work."""
    yield from _names(tables)
    yield from _gates(tables)
    yield from _shares(tables)
    yield from _classes(tables.get("point_role", []))
    yield from _twice(tables)
    yield from _figures(tables)
    yield from _assistance(tables)


def _names(tables: Tables) -> Iterator[Finding]:
    """Codes and rules that speak of what may not decide pay."""
    for table, columns in (
        ("point_rule", ("rule_id", "code")),
        ("point_role", ("code",)),
        ("post_factor", ("code",)),
        ("assistance_rule", ("code",)),
    ):
        for line, row in tables.get(table, []):
            for column in columns:
                if why := guard_against(row[column] or "", gated=bool(row.get("quality_gate"))):
                    zh = f"{column} {row[column]}:{why.zh},请删去此行"
                    yield Finding((), table, line, zh, f"{column} {row[column]}: {why.en}; remove the row")


def _gates(tables: Tables) -> Iterator[Finding]:
    """Referrals and public health earn nothing by their number alone, and a gate is one that the event can pass."""
    for table in ("point_rule", "assistance_rule"):
        for line, row in tables.get(table, []):
            kind, gate, told = row["event_kind"], row["quality_gate"], f"{row['event_kind']} {row['code']}"
            fitting = [name for name, kinds in QUALITY_GATES.items() if kind in kinds]
            if gate is None and kind in _ONLY_WITH_A_GATE:
                zh = (
                    f"{told}:转诊与公卫不得只按件数计点(REQ-128,S003 §6.4),要写质量门槛 quality_gate"
                    f"(可用:{'、'.join(fitting)})"
                )
                en = (
                    f"{told}: referrals and public health may not be paid by number alone (REQ-128, S003 §6.4): write a "
                    f"quality_gate ({', '.join(fitting)})"
                )
                yield Finding((), table, line, zh, en)
            elif gate is not None and gate not in fitting:
                zh = f"{told} 没有质量门槛 {gate};可用:{'、'.join(fitting) or '无'}"
                en = f"{told}: the gate {gate} says nothing of it; there are: {', '.join(fitting) or 'none'}"
                yield Finding((), table, line, zh, en)
    for table in ("point_rule", "assistance_rule"):
        yield from _waiting(table, tables.get(table, []))
    for line, row in tables.get("point_rule", []):
        if row["event_kind"] not in _UNITS.get(row["unit"], (row["event_kind"],)):
            zh = f"unit {row['unit']} 只用于 dispatch,{row['event_kind']} 请写 event"
            yield Finding((), "point_rule", line, zh, f"unit {row['unit']} is for dispatch only: write event")


def _waiting(table: str, lines: list[Line]) -> Iterator[Finding]:
    for line, row in lines:
        waits = (row["quality_gate"] or "").startswith(("no_bounce_back", "followed_up"))
        if waits != bool(row["gate_days"]):
            zh = "门槛要等后续事件的(不返转、有随访)写 gate_days(大于 0),其他留空"
            en = "a gate that waits for what happens later (no_bounce_back, followed_up) has gate_days above 0, others none"
            yield Finding((), table, line, zh, en)


def _shares(tables: Tables) -> Iterator[Finding]:
    """On every day the shares of one item, and the weights of capability, add up to exactly 1."""
    roles = grouped(tables.get("point_role", []), lambda row: (row["scope"], row["code"]))
    for (scope, code), lines in roles.items():
        yield from _not_one(
            "point_role", f"{scope} {code}", lines, "share", "角色份额", "the shares of its roles"
        )
        days = (
            [row["when_absent"] for _, row in lines if in_force(row, day)] for day in days_of_change(lines)
        )
        if any(held and set(held) == {"shared"} for held in days):
            zh = f"{scope} {code} 至少要有一个角色 when_absent 写 nobody:无人署名的工作不能凭空归人"
            en = f"{scope} {code}: one role has when_absent nobody, or work that names nobody would have no place"
            yield Finding((), "point_role", lines[0][0], zh, en)
    parts = tables.get("capability_rule", [])
    if parts:
        yield from _not_one(
            "capability_rule", "capability", parts, "weight", "各部分权重", "the weights of its parts"
        )


def _not_one(
    table: str, told: str, lines: list[Line], column: str, zh_what: str, en_what: str
) -> Iterator[Finding]:
    for day, held, total in not_whole(lines, column):
        where = "、".join(str(line) for line, _ in held)
        zh = f"{told} 自 {day} 起{zh_what}合计 {said(total)},应正好为 1(100%;REQ-112;第 {where} 行)"
        en = f"{told}: from {day} on {en_what} add to {said(total)}, not to 1 (lines {where.replace('、', ', ')})"
        yield Finding((), table, held[0][0], zh, en)
        return


def _classes(lines: list[Line]) -> Iterator[Finding]:
    """No role that the event cannot name, no share of beds, and none of drugs and consumables."""
    for line, row in lines:
        if row["role"] not in ROLES_OF[row["scope"]]:
            known = ROLES_OF[row["scope"]]
            zh = f"{row['scope']} 没有角色 {row['role']};有:{'、'.join(known)}"
            en = f"{row['scope']} names no {row['role']}; there are: {', '.join(known)}"
            yield Finding((), "point_role", line, zh, en)
        if row["scope"] == "item_class" and row["code"] == _BEDS:
            zh = "床位费(01)是静态资源,不得计点:请删去此行"
            yield Finding(
                (),
                "point_role",
                line,
                zh,
                "beds (01) are a static resource and earn no points: remove the row",
            )
        if row["scope"] == "item_class" and row["code"] in _HANDED_ON:
            zh = f"药品与耗材({row['code']})不得与个人收入挂钩(九项准则):请删去此行"
            en = f"drugs and consumables ({row['code']}) may not be tied to anybody's income: remove the row"
            yield Finding((), "point_role", line, zh, en)


# Fee classes that charge for what also stands as an event of its own.
_SAME_WORK = {"operation": ("06",), "visit": ("02", "12")}


def _twice(tables: Tables) -> Iterator[Finding]:
    """An event and the fee charged for it may not both earn."""
    earning = [row for _, row in tables.get("point_rule", []) if row["points"] > 0]
    for line, row in tables.get("point_role", []):
        for kind, classes in _SAME_WORK.items():
            same = any(each["event_kind"] == kind and overlap(each, row) for each in earning)
            if row["scope"] == "item_class" and row["code"] in classes and same:
                zh = f"费用类 {row['code']} 与事件 {kind} 是同一劳动,不得重复计点:请删去其中之一"
                en = f"fees of class {row['code']} and the event {kind} are the same work: remove one, it would count twice"
                yield Finding((), "point_role", line, zh, en)


_BOUNDS = (
    ("point_rule", "points", Decimal(0), Decimal(1_000)),
    ("point_rule", "gate_days", Decimal(1), Decimal(366)),
    ("assistance_rule", "gate_days", Decimal(1), Decimal(366)),
    ("point_role", "share", Decimal("0.000001"), Decimal(1)),
    ("post_factor", "factor", Decimal("0.1"), Decimal(3)),
    ("assistance_rule", "points", Decimal(1), Decimal(1_000_000)),
    ("assistance_redemption", "points", Decimal(1), Decimal(1_000_000)),
    ("capability_rule", "weight", Decimal("0.000001"), Decimal(1)),
    ("capability_rule", "shrinkage", Decimal(0), Decimal(10_000)),
    ("capability_rule", "minimum_cases", Decimal(1), Decimal(10_000)),
    ("peer_review", "reviews", Decimal(1), Decimal(10_000)),
    ("peer_review", "mean_score", Decimal(0), Decimal(100)),
)


def _figures(tables: Tables) -> Iterator[Finding]:
    yield from check_figures(tables, _BOUNDS)
    for line, row in tables.get("physician_fee_rule", []):
        if (row["point_value"] is None) == (row["total_fen"] is None):
            zh, en = "point_value 与 total_fen 写且只写一个", "write either point_value or total_fen"
            yield Finding((), "physician_fee_rule", line, zh, en)
        elif (row["point_value"] or row["total_fen"] or 0) < 0:
            yield Finding((), "physician_fee_rule", line, "不能小于 0", "it cannot be below 0")
    for line, row in tables.get("capability_rule", []):
        if row["part"] == "volume" and row["shrinkage"] != 0:
            zh = f"volume 是每月的量,不是病例的平均,不能向同行收缩:shrinkage 写 0,现在是 {said(row['shrinkage'])}"
            en = f"volume is so much a month and no mean of cases, so it has no shrinkage: write 0, not {said(row['shrinkage'])}"
            yield Finding((), "capability_rule", line, zh, en)


def _assistance(tables: Tables) -> Iterator[Finding]:
    """What is earned lasts, all alike, or the order of earning is not that of expiring; what is redeemed has a price."""
    rules = tables.get("assistance_rule", [])
    earned = [(line, row) for line, row in rules if row["event_kind"] != "redemption"]
    for line, row in earned:
        if not row["valid_months"] or row["valid_months"] < 1:
            zh = f"{row['event_kind']} {row['code']} 要写 valid_months(有效月数,至少 1)"
            yield Finding(
                (), "assistance_rule", line, zh, "write valid_months: for how many months the points last"
            )
    lasting = {row["valid_months"] for _, row in earned if row["valid_months"]}
    if len(lasting) > 1:
        zh = "各类帮扶积分的 valid_months 要相同:先得的先到期,兑换才能先用先到期的"
        en = "valid_months is the same in all rows: what was earned first expires first and is used first"
        yield Finding((), "assistance_rule", earned[0][0], zh, en)
    if "assistance_rule" not in tables:
        return
    prices = [row for _, row in rules if row["event_kind"] == "redemption"]
    for line, row in tables.get("assistance_redemption", []):
        day = row["redeemed_on"]
        of_the_day = {each["code"]: each["points"] for each in prices if in_force(each, day)}
        price = of_the_day.get(row["purpose"])
        if price is None:
            known = "、".join(sorted(of_the_day)) or "无"
            zh = f"assistance_rule 在 {day} 没有兑换 {row['purpose']};有:{known}"
            en = f"assistance_rule has no redemption {row['purpose']} on {day}; there are: {known.replace('、', ', ')}"
            yield Finding((), "assistance_redemption", line, zh, en)
        elif row["points"] % price:
            zh = f"{row['purpose']} 每次 {price} 分,{row['points']} 不是它的整数倍"
            en = f"{row['purpose']} costs {price} points: {row['points']} is no multiple of it"
            yield Finding((), "assistance_redemption", line, zh, en)
