"""Rows of the internal market that may not stand: prices nobody can pay, shares that are not the whole, pay for a referral as such.

Two versions of one price in force on a day are found where all tables are judged (county.policy). Not here: what a service
comes to (dbt_project/models/fund/market).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sources.county.money.guards import guard_against
from sources.county.money.shares import days_of_change, grouped, not_whole
from sources.county.policy_checks import Finding, Line, Row, Tables, check_figures, said
from sources.county.policy_in_force import in_force, overlap
from sources.county.policy_tables.market import PARTY_OF_SIDE

FAMILY_DOCTOR_FEE = "FD-FEE"
_CODE = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")
# Services whose record knows what the patient was charged, so that a share of it can be told.
_WITH_A_FEE = ("SURG-7030", "LAB-HUB", "EXAM-HUB")
_BOUNDS = (
    ("market_price", "report_within_minutes", 1, 1_000_000),
    ("market_price", "volume_at_least", 1, 1_000_000),
    ("market_price", "gate_days", 1, 366),
)
# What is paid for referrals and chronic care, by code.
_UP, _DOWN, _FOLLOW_UPS = "UP-", "DOWN-", "CHRON-"
# The quality gate of a kind of service: whether it was passed is told of these only (market_event).
_GATES = {_UP: "recognised", _DOWN: "closed", _FOLLOW_UPS: "followed_up"}
# Whose shares of a service go to accounts: the two institutions, and the expert whom its record names.
_PAID = (*PARTY_OF_SIDE.values(), "expert")


def check_market(tables: Tables) -> Iterator[Finding]:
    """Every finding in market_price, market_split and market_rule."""
    prices, splits = tables.get("market_price", []), tables.get("market_split", [])
    yield from check_figures(tables, _BOUNDS)
    for line, row in prices:
        yield from _named(line, row)
        yield from _price(line, row)
        yield from _referral(line, row)
    for line, row in splits:
        yield from _share(line, row, prices)
    yield from _wholes(splits)
    yield from _without_split(prices, splits)
    for line, row in tables.get("market_rule", []):
        yield from _rule(line, row)


def _named(line: int, row: Row) -> Iterator[Finding]:
    """Codes that can be told apart, and nothing that may not be paid under any name."""
    code = row["service_code"]
    if not _CODE.fullmatch(code):
        yield _at_price(
            line,
            f"service_code {code} 只能用大写字母、数字与连字符(如 TELE-IMG):写法不同会变成另一项服务",
            f"service_code {code} is made of capitals, digits and hyphens (TELE-IMG): another spelling is another service",
        )
    for name in (code, row["name_zh"]):
        if why := guard_against(name, gated=True):
            yield _at_price(
                line, f"{name}:{why.zh};请改为协作服务的价目", f"{name}: {why.en}; price a service instead"
            )
            break
    if code == FAMILY_DOCTOR_FEE:
        yield _at_price(
            line,
            f"{code} 是签约服务费的拆分,没有价目:比例写在 market_split.csv,这里再定价会付两次",
            f"{code} is the contract fee shared out and has no price: its shares stand in market_split.csv, a price would pay twice",
        )
    known = code.upper().startswith((*_GATES, FAMILY_DOCTOR_FEE)) or _is_named_after_referrals(row)
    if row["provider_side"] == "primary" and not known:
        yield _at_price(
            line,
            f"{code} 由基层提供而没有单据可查:基层的收费只有 UP-、DOWN-、CHRON- 各项(有质量门槛),以免按件计奖(REQ-128)",
            f"{code} would pay the grass roots for what no record shows: theirs are services UP-, DOWN- and CHRON-, which have a "
            "quality gate (REQ-128)",
        )


def _price(line: int, row: Row) -> Iterator[Finding]:
    code, price = row["service_code"], row["price_fen"]
    if row["pricing"] == "flat" and (price is None or price <= 0):
        yield _at_price(
            line,
            f"{code} 是固定价(flat),price_fen 要写大于 0 的整数分",
            f"{code} has a flat price: write price_fen, whole fen above 0",
        )
    if row["pricing"] == "share" and price is not None:
        yield _at_price(
            line,
            f"{code} 按收费比例(share)计价,price_fen 要留空,比例写在 market_split.csv",
            f"{code} is a share of the fee: leave price_fen empty, the shares stand in market_split.csv",
        )
    if row["provider_side"] == row["consumer_side"]:
        yield _at_price(
            line,
            f"{code} 的提供方与使用方同为 {row['provider_side']}:请改其中之一",
            f"{code}: provider and consumer are both {row['provider_side']}; change one of them",
        )
    if row["hours_per_unit"] is not None and row["hours_per_unit"] <= 0:
        yield _at_price(line, f"{code} 的 hours_per_unit 要大于 0", f"{code}: hours_per_unit lies above 0")


def _referral(line: int, row: Row) -> Iterator[Finding]:
    """What must never be paid for a referral, whatever a county wishes."""
    code = row["service_code"]
    upwards = code.upper().startswith(_UP) or row["provider_side"] == "primary"
    if upwards and row["pricing"] == "share":
        yield _at_price(
            line,
            f"{code} 按患者收费的比例付给基层,不得写入:上转只能按协作服务的固定价结算,不得按患者收入分成"
            "(医保发〔2025〕18号;REQ-162)。请把 pricing 改为 flat 并写 price_fen",
            f"{code} would pay the grass roots a share of the patient's bill, which is refused: an up-referral is paid at a flat "
            "price for a service (医保发〔2025〕18号; REQ-162). Write pricing flat and a price_fen",
        )
    if row["pricing"] == "share" and not upwards and code not in _WITH_A_FEE:
        yield _at_price(
            line,
            f"{code} 的单据不记收费,不能按比例计价,更不得按患者住院收入分成(REQ-162);可按比例的:{'、'.join(_WITH_A_FEE)}。请改 flat",
            f"no record of {code} says what was charged, and a share of a patient's bill is refused (REQ-162); shares are for "
            f"{', '.join(_WITH_A_FEE)}. Write pricing flat",
        )
    yield from _gate(line, row)
    if row["quality_gate"] == "recognised" and row["gate_days"] is None:
        yield _at_price(
            line,
            f"{code} 要求互认,gate_days 要写到诊后几日内采信",
            f"{code} asks for recognition: gate_days says within how many days of arrival",
        )


def _gate(line: int, row: Row) -> Iterator[Finding]:
    """Referrals and follow-ups are paid by a quality gate, and a gate is one that the service can pass."""
    code, gate = row["service_code"], row["quality_gate"]
    fitting = next((name for kind, name in _GATES.items() if code.upper().startswith(kind)), None)
    of_referrals = code.upper().startswith((_UP, _DOWN)) or _is_named_after_referrals(row)
    if not gate and (of_referrals or fitting):
        zh, en = ("转诊件数", "referral") if of_referrals else ("随访次数", "follow-up")
        yield _at_price(
            line,
            f"{code} 按{zh}付费而没有质量门槛,不得写入(REQ-128):请写 quality_gate"
            "(UP- 写 recognised 被互认、DOWN- 写 closed 已闭环、CHRON- 写 followed_up 有测量值)",
            f"{code} pays for every {en} without a quality gate, which is refused (REQ-128): write quality_gate "
            "(recognised for UP-, closed for DOWN-, followed_up for CHRON-)",
        )
    if gate and gate != fitting:
        way_zh, way_en = (
            ("无,请删去此行", "none: remove the row")
            if of_referrals
            else ("无,请留空", "none: leave it empty")
        )
        yield _at_price(
            line,
            f"{code} 没有质量门槛 {gate},无从判断是否通过(REQ-128);可用:{fitting or way_zh}",
            f"{code}: nothing tells whether it passed the gate {gate} (REQ-128); there is: "
            f"{fitting or way_en}",
        )


def _is_named_after_referrals(row: Row) -> bool:
    guard = guard_against(row["name_zh"])
    return guard is not None and guard.name == "referral_count"


def _share(line: int, row: Row, prices: list[Line]) -> Iterator[Finding]:
    code = row["service_code"]
    if not 0 < row["share"] <= 1:
        yield _at_split(
            line,
            f"{code} 的 share 要大于 0、不大于 1:{said(row['share'])}",
            f"{code}: a share lies above 0 and not above 1: {said(row['share'])}",
        )
    if code != FAMILY_DOCTOR_FEE and row["party"] not in _PAID:
        yield _at_split(
            line,
            f"{code} 的单据不记 {row['party']} 是谁,不能分给该方;可用:{'、'.join(_PAID)}。团队角色只用于 {FAMILY_DOCTOR_FEE}",
            f"no record of {code} says who its {row['party']} is, so none can be paid; there are: {', '.join(_PAID)}. Roles of a "
            f"team are for {FAMILY_DOCTOR_FEE} only",
        )
    own = [price for _, price in prices if price["service_code"] == code]
    if code != FAMILY_DOCTOR_FEE and prices and not own:
        yield _at_split(
            line,
            f"market_price.csv 没有服务 {code}:请补价目,或删去这一行",
            f"market_price.csv has no service {code}: add its price, or remove the row",
        )
    if code.upper().startswith(_UP):
        yield _at_split(
            line,
            f"{code} 不得在各方之间分成:上转只按固定服务价结算(医保发〔2025〕18号;REQ-162)。请删去这一行",
            f"{code} may not be shared among parties: an up-referral has a flat service price (医保发〔2025〕18号; REQ-162). "
            "Remove the row",
        )
    if row["party"] == "expert" and code.upper().startswith(tuple(_GATES)):
        yield _at_split(
            line,
            f"{code} 不得分给个人:转诊与慢病服务的钱归提供机构,个人只按质量门槛计点(REQ-128)。请删去这一行",
            f"{code} may not be shared with a person: what referrals and chronic care bring is the institution's, people earn points "
            "behind a quality gate (REQ-128). Remove the row",
        )
    if any(
        p["pricing"] == "flat" and row["party"] == PARTY_OF_SIDE[p["consumer_side"]] and overlap(p, row)
        for p in own
    ):
        yield _at_split(
            line,
            f"{code} 是固定价,全归提供方,使用方 {row['party']} 不能再分:请删去这一行",
            f"{code} has a flat price that is the provider's: its consumer ({row['party']}) has no share; remove the row",
        )


def _wholes(splits: list[Line]) -> Iterator[Finding]:
    """On every day those in force of a service add up to exactly 1."""
    for (code,), own in sorted(grouped(splits, lambda row: (row["service_code"],)).items()):
        for day, held, total in not_whole(own, "share"):
            yield _at_split(
                held[0][0],
                f"{code} 自 {day} 起各方比例合计 {said(total)},必须恰好为 1:请改各行的 share",
                f"shares of {code} from {day} on add up to {said(total)}, not exactly 1: change share in its rows",
            )


def _without_split(prices: list[Line], splits: list[Line]) -> Iterator[Finding]:
    """A price that is a share of the fee has the shares of both sides on every day on which it holds."""
    for line, row in prices:
        if row["pricing"] != "share":
            continue
        own = [split for split in splits if split[1]["service_code"] == row["service_code"]]
        wanted = {PARTY_OF_SIDE[row["consumer_side"]], PARTY_OF_SIDE[row["provider_side"]]}
        days = [day for day in days_of_change([*own, (line, row)]) if in_force(row, day)]
        lacking = [day for day in days if not wanted <= {s["party"] for _, s in own if in_force(s, day)}]
        if lacking:
            named = "、".join(sorted(wanted))
            yield _at_price(
                line,
                f"{row['service_code']} 按比例计价,market_split.csv 要有 {named} 的比例,自 {lacking[0]} 起有效",
                f"{row['service_code']} is a share of the fee: market_split.csv needs the shares of {', '.join(sorted(wanted))}, "
                f"in force from {lacking[0]} on",
            )


def _rule(line: int, row: Row) -> Iterator[Finding]:
    bounds = [row[f"ageing_{name}_days"] for name in ("first", "second", "third")]
    if not 0 < bounds[0] < bounds[1] < bounds[2]:
        shown = "、".join(map(str, bounds))
        zh = f"账龄界限要依次增大且大于 0:{shown}"
        yield Finding(
            (),
            "market_rule",
            line,
            zh,
            f"the bounds of ageing rise and lie above 0, not {', '.join(map(str, bounds))}",
        )
    if row["silence_days"] < 1:
        yield Finding((), "market_rule", line, "silence_days 至少为 1", "silence_days is at least 1")
    if not 0 <= row["late_deduction_pct"] <= 100:
        zh, en = "late_deduction_pct 要在 0 到 100 之间", "late_deduction_pct lies between 0 and 100"
        yield Finding((), "market_rule", line, zh, en)


def _at_price(line: int, zh: str, en: str) -> Finding:
    return Finding((), "market_price", line, zh, en)


def _at_split(line: int, zh: str, en: str) -> Finding:
    return Finding((), "market_split", line, zh, en)
