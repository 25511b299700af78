"""`yigongti explain`: a published number in words, from its definition down to the line of a delivered file.

Belongs here: wording. Does not: finding and proving the chain (publishing/walkback.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from orchestration.publishing.evidence import Unit
from orchestration.publishing.left_out import left_out, left_out_in_words
from orchestration.publishing.uncounted import in_words, uncounted
from orchestration.publishing.walkback import ExplainError, Row, Walkback, walk_back
from sources.base.home import Home
from sources.base.terms import (
    DIRECTIONS,
    SCORE_STATUSES,
    STATISTICS,
    UNIT_LEVELS,
    VALUE_STATUSES,
    VETO_KINDS,
    WINDOWS,
)

__all__ = ["ExplainError", "explain"]

ASSUMED = "〔假设〕"


def explain(
    home: Home,
    month: str,
    unit: str | None,
    kpi_id: str,
    window: str | None = None,
    rows: bool = False,
    not_counted: bool = False,
    level: str = "institution",
) -> str:
    """The chain behind a value as text; with `rows` every evidence row with file and line, with `not_counted` what was
    delivered and stays outside it.

    unit: id or name of the institution, or of whatever `level` says (None: the only one of that level).
    window: one of WINDOWS; None = the one the indicator is scored by.
    Raises ExplainError (readable) if the value is not published or its evidence does not sum to it.
    """
    found = walk_back(home, month, unit, kpi_id, window, level=level, with_places=rows)
    lines = [*_heading(found), *_definition(found), *_sums(found), *_policy(found), *_score(found)]
    if rows:
        lines += _evidence(found)
    if not_counted:
        lines += _not_counted(found, rows)
    return "\n".join(lines)


def _not_counted(found: Walkback, rows: bool) -> Iterator[str]:
    """What was never accepted, by feed and deliverer; then the institution's own events that the rules leave out."""
    yield ""
    yield "没有计入的 / not counted:"
    yield from in_words(uncounted(found.release, found.window_months, found.evidence))
    unit, kpi_id = Unit(found.unit["unit_level"], found.unit["unit_id"]), found.kpi["kpi_id"]
    yield from left_out_in_words(
        left_out(found.release, found.window_months, unit, kpi_id, found.evidence), rows
    )


def _heading(found: Walkback) -> Iterator[str]:
    value, kpi, unit = found.value, found.kpi, found.unit
    yield f"{kpi['kpi_id']} {kpi['kpi_code']} {kpi['name_zh']} / {kpi['name_en']}"
    yield (
        f"{UNIT_LEVELS[unit['unit_level']].zh} {unit['unit_name']} {unit['unit_id']} · 月份 {value['month']} · "
        + (f"窗口 {WINDOWS[value['window']].zh}({found.window_months[0]} – {found.window_months[-1]})")
    )
    yield f"由版本 {found.release.name} 算出 / computed by release {found.release.name}"


def _definition(found: Walkback) -> Iterator[str]:
    kpi = found.kpi
    yield ""
    yield f"定义{ASSUMED if kpi['is_assumption'] else ''}:{kpi['definition_zh']}"
    yield f"  分子:{kpi['numerator_zh']}"
    yield f"  分母:{kpi['denominator_zh']}"
    yield f"  来源:{kpi['origin']}"


def _sums(found: Walkback) -> Iterator[str]:
    value = found.value
    yield ""
    window = (
        f"(窗口 {value['months_due']} 个月,数据齐全 {value['months_present']} 个月)"
        if value["status"] == "partial"
        else ""
    )
    yield f"状态:{VALUE_STATUSES[value['status']].zh} {value['status']}{window}"
    yield f"分子 {plain(value['numerator'])} · 分母 {plain(value['denominator'])} · 样本 {value['sample_size']}"
    yield f"值 {plain(value['value'])} {value['unit']}{_formula(found)}"
    counted = len(found.evidence)
    yield f"证据 {counted} 行,合计与公布的分子、分母相等 / {counted} evidence rows, sums equal what was published"
    for row in found.missing:
        yield f"未计入:{row['month']} 缺 {row['deliverer_id']} 的 {row['feed']}"


def _formula(found: Walkback) -> str:
    kpi, value = found.kpi, found.value
    if value["value"] is None:
        return ""
    scale, divisor = plain(kpi["scale"]), plain(kpi.get("divisor") or 1)
    factor = f" × {scale}" if scale != "1" else ""
    factor += f" ÷ {divisor}" if divisor != "1" else ""
    if kpi["statistic"] in ("median", "p90", "cv"):
        return f" = 各条证据分子的{STATISTICS[kpi['statistic']].zh}{factor}"
    if kpi["statistic"] == "life_table":
        return f" = 按年龄组的死亡与人月{STATISTICS['life_table'].zh}{factor}"
    return f" = {plain(value['numerator'])} ÷ {plain(value['denominator'])}{factor}"


def _policy(found: Walkback) -> Iterator[str]:
    yield ""
    yield "政策(当月有效):"
    for number, row in enumerate(found.targets):
        scope = row.get("institution_id") or row.get("institution_tier") or "全部机构"
        names = ("baseline", "target", "challenge", "floor", "range_low", "range_high", "tolerance")
        given = " ".join(f"{name}={plain(row[name])}" for name in names if row.get(name) is not None)
        unused = "(有更具体的目标,未采用)" if number else ""
        yield f"  目标 {scope} {row.get('target_mode', 'abs')}:{given}{_mark(row)}{unused}"
    for row in found.parameters:
        yield f"  参数 {row['parameter']} = {plain(row['value'])}{_mark(row)}"
    for name in dict.fromkeys(row["code_set"] for row in found.code_sets):
        own = [row for row in found.code_sets if row["code_set"] == name]
        assumed = ASSUMED if any(row.get("assumption") for row in own) else ""
        yield f"  代码集 {name}:{'、'.join(str(row['code']) for row in own)}{assumed}"


def _score(found: Walkback) -> Iterator[str]:
    value = found.value
    if value["score"] is not None:
        yield ""
        yield f"得分 {plain(value['score'])}:{score_in_words(found)}"
    if found.card is not None:
        card = found.card
        yield (
            f"在 {card['month']} 得分卡:权重 {plain(card['weight'])},采用 {card['value_month'] or '—'} 的值,"
            f"得分 {plain(card['score'])},贡献 {plain(card['weighted_score'])},{VALUE_STATUSES[card['status']].zh}"
            + (f",未达门槛 {plain(card['must_reach'])},该项 0 分" if card.get("is_threshold_missed") else "")
        )
    if found.total is not None:
        total = found.total
        keeper = f" {total['scored_with']}" if total.get("scored_with") else ""
        yield (
            f"机构总分 {plain(total['score'])},覆盖率 {plain(total.get('coverage_pct'))}%,"
            f"{SCORE_STATUSES[total['status']].zh}{keeper}{_veto(total)}"
        )


def _veto(total: Row) -> str:
    """What a veto did to the pay coefficient, where there is one."""
    if not total.get("vetoed_by"):
        return ""
    kinds = "、".join(VETO_KINDS[kind].zh for kind in total["vetoed_by"].split(","))
    before, after = total["pay_coefficient_before_veto"], total["pay_coefficient"]
    capped = "" if before is None else f":系数 {plain(before)} → {plain(after)}"
    return f",一票否决({kinds}){capped}"


def score_in_words(found: Walkback) -> str:
    """How the points follow from the value (methods A1): between which anchors it lies, and the
    interpolation.
    """
    target = found.target
    if target and target.get("target_mode") == "range":
        return _range_in_words(found.value, target)
    points = {row["anchor"]: Decimal(row["points"]) for row in found.anchors}
    x, better = found.value["value"], DIRECTIONS[found.kpi["direction"]].zh
    names = {"floor": "下限", "baseline": "基准", "target": "目标", "challenge": "挑战"}
    given = target or {}
    anchors = {name: given[name] for name in names if given.get(name) is not None}
    sign = -1 if found.kpi["direction"] == "lower" else 1
    said = f"值 {plain(x)}({better})"
    if len(anchors) < len(names) or not points:
        return f"{said},目标不全"
    if sign * x >= sign * anchors["challenge"]:
        return f"{said}达到挑战 {plain(anchors['challenge'])} → {plain(points['challenge'])}"
    if sign * x <= sign * anchors["floor"]:
        return f"{said}不及下限 {plain(anchors['floor'])} → {plain(points['floor'])}"
    for low, high in (("target", "challenge"), ("baseline", "target"), ("floor", "baseline")):
        if sign * x >= sign * anchors[low]:
            from_points, to_points, a, b = points[low], points[high], anchors[low], anchors[high]
            score = from_points + (to_points - from_points) * (x - a) / (b - a)
            return (
                f"{said}在{names[low]} {plain(a)}({plain(from_points)} 分)与{names[high]} {plain(b)}"
                f"({plain(to_points)} 分)之间 → {plain(from_points)} + {plain(to_points - from_points)} × "
                f"({plain(x)} − {plain(a)}) ÷ ({plain(b)} − {plain(a)}) = {plain(_round(score))}"
            )
    raise ExplainError(f"得分无法复算 / the score cannot be retraced for value {x}")


def _range_in_words(value: Row, target: Row) -> str:
    low, high, tolerance = (target[name] for name in ("range_low", "range_high", "tolerance"))
    distance = max(low - value["value"], value["value"] - high, Decimal(0))
    return (
        f"值 {plain(value['value'])},适宜区间 {plain(low)}–{plain(high)},容差 {plain(tolerance)},"
        f"偏离 {plain(distance)} → {plain(value['score'])}"
    )


def _evidence(found: Walkback) -> Iterator[str]:
    yield ""
    yield "证据(日期 · 分子 · 分母 · 人员假名 · 数据源 · 文件:行):"
    for row in found.evidence:
        person = (row.get("person_key") or "—")[:12]
        at = found.places.get((row["source_batch_id"], row["source_line"]), "")
        line = "" if row["source_line"] is None else f":{row['source_line']}"  # evidence may be a whole file
        yield (
            f"  {row['event_date']} · {plain(row['numerator'])} · {plain(row['denominator'])} · {person} · "
            f"{row['source_feed']} · {row['source_file']}{line}{f' ({at})' if at else ''}"
        )
        if other := _other_half(row, row["institution_id"]):
            yield f"      {other}"
    yield f"合计 {plain(found.value['numerator'])} / {plain(found.value['denominator'])}"


def _other_half(row: Row, institution_id: str) -> str:
    """What a row counts because of: the earlier event, the return, last year's average and where it stands."""
    at = f"{row.get('cited_date')} · {row.get('cited_file')}:{row.get('cited_line')}"
    month = f"{row.get('cited_date')}"[:7]
    average = f"{plain(Decimal(row.get('cited_fen') or 0) / 100)} 元/次"
    kind = row.get("cited_care_kind")
    return {
        "earlier": f"较早的一次 the earlier one: {at}",
        "return": f"返回 the return: {at}",
        "base_warehouse": f"基数 base: 本机构 {month} {kind} 次均 {average}(本仓库 from the warehouse)",
        "base_policy": f"基数 base: 本机构 {month} {kind} 次均 {average}(政策表 policy/opening_average_cost.csv,"
        f"{institution_id} {month} {kind})",
    }.get(row.get("cited_as") or "", "")


def _mark(row: Row) -> str:
    return ASSUMED if row.get("assumption") else ""


def _round(score: Decimal) -> Decimal:
    return score.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def plain(number: Decimal | int | None) -> str:
    """A number without trailing zeros; a dash for null."""
    if number is None:
        return "—"
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
