"""A KPI in words: its formula, the measures it is made of, where and when it has values, what it needs.

The same for a terminal (commands/kpi) and a page (kpi_handbook). Not here: how it is drawn, the definition itself (kpi_registry).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orchestration.kpi_registry import Kpi, Part, Registered, Subject
from sources.base.likeness import meant_by, nearest
from sources.base.terms import (
    DIRECTIONS,
    OVER_MONTHS,
    PARTS,
    STATISTICS,
    TIERS,
    UNIT_LEVELS,
    WINDOWS,
    Words,
)

ASSUMED = "〔假设〕"
_NOT_YET = Words("尚无人确认", "nobody yet")


class UnknownKpiError(ValueError):
    """No KPI, or more than one, has the number, code or name that somebody gave."""


class Fact(NamedTuple):
    """One thing that is to be said of a KPI."""

    label: Words
    text: str


class Term(NamedTuple):
    """A measure as a part of a KPI uses it: the part, how it is written in the formula, what it counts, what it is a column of."""

    part: Words
    written: str
    description: str
    subject: str


def find_kpi(registry: Sequence[Registered], said: str) -> Registered:
    """The KPI with that number, code of the county or name. Raises UnknownKpiError naming the nearest."""
    known = {one.kpi_id: [n for n in _names(one) if n] for one in registry}
    meant = meant_by(said, known)
    if len(meant) == 1:
        return next(one for one in registry if one.kpi_id == meant[0])
    if meant:
        which = "、".join(meant)
        raise UnknownKpiError(
            f"{said} 指的不止一个:{which},请写编号 / {said} means more than one, give the number: {which}"
        )
    near = nearest(said, [name for names in known.values() for name in names])
    raise UnknownKpiError(f"没有指标 {said},相近的有 {near} / there is no KPI {said}; nearest: {near}")


def _names(one: Registered) -> tuple[str | None, ...]:
    return one.kpi_id, one.kpi.code, one.kpi.name.zh, one.kpi.name.en


def formula(one: Registered) -> str:
    """How the value follows from measures: `(a + 2 × b) ÷ c × 100`. A KPI without data has none.

    `a[12]` is measure a of twelve months earlier.
    """
    kpi = one.kpi
    if kpi.not_computed:
        return ""
    above, below = (_sum_of(one, part) for part in ("numerator", "denominator"))
    factor = f" × {kpi.scale}" if kpi.scale != 1 else ""
    factor += f" ÷ {kpi.divisor}" if kpi.divisor != 1 else ""
    if kpi.statistic == "ratio":
        return f"{above} ÷ {below}{factor}"
    if kpi.statistic == "distinct":
        return f"不同的 {above} ÷ 不同的 {below}{factor}"
    return f"{STATISTICS[kpi.statistic].zh}({above.strip('()')}){factor}"


def _sum_of(one: Registered, part: str) -> str:
    written = [_written(each) for each in one.parts() if each.part == part]
    text = " ".join([written[0].removeprefix("+ "), *written[1:]])
    return f"({text})" if len(written) > 1 else text


def _written(part: Part) -> str:
    sign, times = ("-" if part.coefficient < 0 else "+"), abs(part.coefficient)
    before = f"[{part.offset_months}]" if part.offset_months else ""
    return f"{sign} {f'{times} × ' if times != 1 else ''}{part.subject}.{part.measure}{before}"


def terms(one: Registered, subjects: Mapping[str, Subject]) -> Iterator[Term]:
    """Its measures in the order written."""
    for part in one.parts():
        earlier = f"({part.offset_months} 个月前 / months earlier)" if part.offset_months else ""
        described = subjects[part.subject].measures[part.measure].replace(" | ", " / ")
        yield Term(PARTS[part.part], _written(part).removeprefix("+ "), f"{described}{earlier}", part.subject)


def facts(one: Registered, subjects: Mapping[str, Subject]) -> Iterator[Fact]:
    """Everything else that is set in its definition, apart from sentences."""
    kpi = one.kpi
    yield Fact(Words("维度", "dimension"), one.dimension)
    if kpi.code:
        yield Fact(Words("编码", "code"), kpi.code)
    yield Fact(Words("单位", "unit"), kpi.unit)
    yield Fact(Words("方向", "direction"), DIRECTIONS[kpi.better].zh)
    if not kpi.not_computed:
        yield from _how(kpi)
    yield Fact(Words("层级", "levels"), _listed(UNIT_LEVELS[level] for level in one.unit_levels(subjects)))
    tiers = (
        _listed(TIERS[tier] for tier in kpi.tiers) or "只有全县与医共体 / the county and its communities only"
    )
    yield Fact(Words("机构层级", "tiers of institutions"), tiers)
    yield Fact(Words("计分窗口", "window that is scored"), WINDOWS[kpi.scored.window].zh)
    if kpi.weekly:
        yield Fact(Words("按周", "by week"), "监测,不计分(mart_week_value)/ watched, never scored")
    yield Fact(Words("成熟", "matures"), f"月末后 {kpi.scored.matures_after_days} 天")
    yield Fact(Words("最小样本", "smallest sample"), str(kpi.scored.at_least))
    for label, bounds in ((_POSSIBLE, kpi.possible), (_PLAUSIBLE, kpi.plausible)):
        if bounds:
            yield Fact(label, _bounds(*bounds))
    if in_cards := _in_cards(kpi):
        yield Fact(Words("在考核卡中", "in score cards"), in_cards)
    yield from _standing(one)


_POSSIBLE = Words("可能的值", "possible values")
_PLAUSIBLE = Words("合理的值(之外提示)", "plausible values, a warning outside")


def _how(kpi: Kpi) -> Iterator[Fact]:
    yield Fact(Words("统计", "statistic"), STATISTICS[kpi.statistic].zh)
    if kpi.statistic != "ratio":
        return
    over = [f"{PARTS[part].zh}{OVER_MONTHS[getattr(kpi.over, part)].zh}" for part in PARTS]
    yield Fact(Words("窗口内各月", "months of a window"), ",".join(over))


def _in_cards(kpi: Kpi) -> str:
    """What a card may do with it, empty for what most KPIs are: nothing special."""
    cards = kpi.in_cards
    said = (
        "基层质量与下沉类(首要结果)" if cards.primary_outcome else "",
        "静态资源,权重须为 0" if cards.static_resource else "",
        f"须与 {'、'.join(cards.together_with)} 同卡" if cards.together_with else "",
    )
    return ";".join(filter(None, said))


def _standing(one: Registered) -> Iterator[Fact]:
    """Where it comes from, who answers for it, and until when it is looked at again."""
    kpi = one.kpi
    yield Fact(Words("来源", "source"), f"{kpi.origin}{ASSUMED if kpi.is_assumption else ''}")
    yield Fact(Words("负责", "owner"), one.owner)
    yield Fact(Words("确认", "checked by"), kpi.checked_by or _NOT_YET.zh)
    yield Fact(Words("版本", "version"), f"{kpi.version},自 {kpi.effective_from} 起")
    yield Fact(Words("下次复核", "next review"), one.next_review.isoformat())


def _listed(words: Iterable[Words]) -> str:
    return "、".join(each.zh for each in words)


def _bounds(low: float | None, high: float | None) -> str:
    said_low, said_high = ("不限" if bound is None else f"{bound:g}" for bound in (low, high))
    return f"{said_low} 至 {said_high}"
