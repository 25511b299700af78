"""The four gates as blocking asset checks: what fails here keeps everything downstream from happening.

Belongs here: which gate guards which asset. Does not belong here: judging (expectations), how a verdict looks
(orchestration.verdicts). Great Expectations is imported when a gate runs, not when definitions load.

The feeds of one job are judged together by one step: Great Expectations' start-up is paid once, and every
failing feed is shown, not only the first.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from orchestration import progress
from orchestration.gate_report import report_failure
from orchestration.handing_over import hand_over
from orchestration.partitions import Extent
from orchestration.resources import POOL, Place
from orchestration.translator import SETTINGS_KEY, feed_key, model_key
from orchestration.verdicts import FEED_GATE, shown_of, verdict
from sources.base.terms import Gate

if TYPE_CHECKING:
    from expectations.result import GateResult

# Every other gate guards the table through which its room is left.
GUARDED: dict[Gate, str] = {"core": "kpi_measure", "kpi": "kpi_value", "scoring": "score_institution"}
DESCRIBED: dict[Gate, str] = {
    "core": "事实层质控:主键、引用、对账、隐私 / facts: keys, references, reconciliation, privacy",
    "kpi": "指标质控:分子分母、证据、取值范围 / indicators: numerators, denominators, evidence, ranges",
    "scoring": "得分质控:权重、目标、贡献之和 / scores: weights, targets, contributions that add up",
}


def build_checks(
    hospital_feeds: Sequence[str], platform_feeds: Sequence[str]
) -> list[dg.AssetChecksDefinition]:
    """The feed gate per feed and once more over everything a release stands on; core, kpi, scoring."""
    return [
        _feed_gate("hospital_feed_gate", hospital_feeds),
        _feed_gate("platform_feed_gate", platform_feeds),
        _whole_gate("feed", SETTINGS_KEY, "所有数据源、所有批次 / every batch that this release stands on"),
        *(_whole_gate(gate, model_key(table), DESCRIBED[gate]) for gate, table in GUARDED.items()),
    ]


def _feed_gate(name: str, feeds: Sequence[str]) -> dg.AssetChecksDefinition:
    specs = [
        dg.AssetCheckSpec(
            FEED_GATE,
            asset=feed_key(feed),
            blocking=True,
            description="入仓前质控:每批对账、隔离比例、契约 / every batch before it enters the warehouse",
        )
        for feed in feeds
    ]

    @dg.multi_asset_check(name=name, specs=specs, can_subset=True, pool=POOL)
    def gate(context: dg.AssetCheckExecutionContext, place: Place) -> Iterator[dg.AssetCheckResult]:
        asked = sorted(key.asset_key.path[-1] for key in context.selected_asset_check_keys)
        extent = extent_of_check(context, place)
        # The gate reads the county's settings, and in a new home nobody has written them yet.
        hand_over(place, extent.months)
        result = of_extent(judge("feed", place, extent, asked), extent)
        shown = shown_of(place.county, result, report_failure(place.county, place.home, result))
        for feed in asked:
            yield verdict(result.rows[result.rows.subject == feed], feed_key(feed), FEED_GATE, shown)

    return gate


def _whole_gate(gate_name: Gate, asset: dg.AssetKey, description: str) -> dg.AssetChecksDefinition:
    check_name = f"{gate_name}_gate"

    @dg.asset_check(name=check_name, asset=asset, blocking=True, description=description, pool=POOL)
    def gate(context: dg.AssetCheckExecutionContext, place: Place) -> dg.AssetCheckResult:
        result = judge(gate_name, place, extent_of_check(context, place))
        report = report_failure(place.county, place.home, result)
        return verdict(result.rows, asset, check_name, shown_of(place.county, result, report))

    return gate


def judge(gate: Gate, place: Place, extent: Extent, feeds: Sequence[str] | None = None) -> "GateResult":
    """Run one gate. Importing Great Expectations counts as starting a tool, not as judging."""
    with progress.stage("start-up", "Great Expectations"):
        from expectations.gate import run_gate
        from expectations.gx_session import library

        library()

    with progress.stage("gates", gate):
        return run_gate(gate, place.home, list(extent.months), feeds)


def extent_of_check(context: dg.AssetCheckExecutionContext, place: Place) -> Extent:
    """The run's partitions; a check started alone in the UI has none and judges every month taken in."""
    if context.get_step_execution_context().has_partitions:
        return place.extent(context)
    return Extent(tuple(months_taken_in(place)))


def months_taken_in(place: Place) -> list[str]:
    """Months of which anything is conformed."""
    folders = place.home.conformed.glob("*/institution_id=*/month=*")
    return sorted({folder.name.removeprefix("month=") for folder in folders} - {"0000-00"})


def of_extent(result: "GateResult", extent: Extent) -> "GateResult":
    """What is about the institutions asked for: one hospital is not judged for what others still owe."""
    if extent.institutions is None:
        return result
    rows = result.rows
    asked = rows.institution_id.isna() | rows.institution_id.isin(extent.institutions)
    return dataclasses.replace(result, rows=rows[asked])
