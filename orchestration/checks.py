"""The four gates as blocking asset checks: what fails here keeps everything downstream from happening.

Belongs here: which gate guards which asset, and a verdict as Dagster shows it. Does not belong here: judging
(expectations). Great Expectations is imported when a gate runs, not when definitions load.

The feeds of one job are judged together by one step: Great Expectations' start-up is paid once, and every
failing feed is shown, not only the first.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration import progress
from orchestration.partitions import Extent, extent_of
from orchestration.resources import POOL, Place
from orchestration.translator import SETTINGS_KEY, feed_key, model_key
from sources.base.terms import Gate

if TYPE_CHECKING:
    from expectations.result import GateResult

FEED_GATE = "feed_gate"
# Every other gate guards the table through which its room is left.
GUARDED: dict[Gate, str] = {"core": "kpi_evidence", "kpi": "kpi_value", "scoring": "score_institution"}
SHOWN = 20


def build_checks(
    hospital_feeds: Sequence[str], platform_feeds: Sequence[str]
) -> list[dg.AssetChecksDefinition]:
    """The feed gate per feed and once more over everything a release stands on; core, kpi, scoring."""
    return [
        _feed_gate("hospital_feed_gate", hospital_feeds),
        _feed_gate("platform_feed_gate", platform_feeds),
        _whole_gate("feed", SETTINGS_KEY, "所有数据源、所有批次 / every batch that this release stands on"),
        *(_whole_gate(gate, model_key(table), f"{gate} suite") for gate, table in GUARDED.items()),
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
        from orchestration.publishing.manifest import published_months
        from sources.ingest import prepare

        asked = sorted(key.asset_key.path[-1] for key in context.selected_asset_check_keys)
        extent = extent_of_check(context, place)
        # The gate reads the county's settings, and in a new home nobody has written them yet.
        prepare(place.county, place.home, extent.months, published_months(place.home))
        result = judge("feed", place, extent, asked)
        for feed in asked:
            rows = of_extent(result.rows[result.rows.subject == feed], extent)
            yield verdict(rows, feed_key(feed), FEED_GATE)

    return gate


def _whole_gate(gate_name: Gate, asset: dg.AssetKey, description: str) -> dg.AssetChecksDefinition:
    check_name = f"{gate_name}_gate"

    @dg.asset_check(name=check_name, asset=asset, blocking=True, description=description, pool=POOL)
    def gate(context: dg.AssetCheckExecutionContext, place: Place) -> dg.AssetCheckResult:
        result = judge(gate_name, place, extent_of_check(context, place))
        return verdict(result.rows, asset, check_name)

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
        return extent_of(context)
    return Extent(tuple(months_taken_in(place)))


def months_taken_in(place: Place) -> list[str]:
    """Months of which anything is conformed."""
    folders = place.home.conformed.glob("*/institution_id=*/month=*")
    return sorted({folder.name.removeprefix("month=") for folder in folders} - {"0000-00"})


def of_extent(rows: Any, extent: Extent) -> Any:
    """Rows about the institutions asked for: one hospital is not judged for what others still owe."""
    if extent.institutions is None:
        return rows
    return rows[rows.institution_id.isna() | rows.institution_id.isin(extent.institutions)]


def verdict(rows: Any, asset: dg.AssetKey, check_name: str) -> dg.AssetCheckResult:
    """A gate's rows (frame with the columns of mart_data_quality) as Dagster shows them."""
    stopping = rows[(rows.severity == "critical") & rows.outcome.isin(["fail", "error"])]
    worth_showing = rows[rows.outcome.isin(["fail", "error", "warn", "waived"])]
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=check_name,
        passed=stopping.empty,
        severity=dg.AssetCheckSeverity.ERROR,
        description=headline(stopping.message_zh),
        metadata={
            "checks": len(rows),
            "violated": int(stopping.violated.sum()),
            **{outcome: int(count) for outcome, count in rows.outcome.value_counts().items()},
            "findings": table(worth_showing.head(SHOWN).to_dict("records")),
        },
    )


def headline(messages: Iterable[str]) -> str:
    """The first failing sentence and how many more there are."""
    found = list(messages)
    if not found:
        return "通过 / passed"
    return found[0] + (f" (另有 {len(found) - 1} 项 / and {len(found) - 1} more)" if len(found) > 1 else "")


def table(rows: Iterable[dict[str, Any]]) -> dg.TableMetadataValue:
    """Findings as a table on the check's page."""
    columns = (
        "outcome",
        "check_id",
        "institution_id",
        "month",
        "violated",
        "total",
        "message_zh",
        "message_en",
    )
    records = [dg.TableRecord({column: _cell(row[column]) for column in columns}) for row in rows]
    schema = dg.TableSchema([dg.TableColumn(column) for column in columns])
    return dg.MetadataValue.table(records, schema)


def _cell(value: Any) -> str | int:
    if isinstance(value, str):
        return value
    return (
        "" if value is None or value != value else int(value)
    )  # NaN is the only value that differs from itself
