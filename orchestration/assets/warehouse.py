"""The dbt models as assets, their tests as checks, row counts as metadata.

Belongs here: the step that runs one `dbt build`. Does not belong here: SQL (dbt_project), how dbt is driven
(orchestration.dbt), how nodes are named (orchestration.translator).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.asset_utils import get_updated_cli_invocation_params_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration import dbt, materialized, progress, reuse, spark
from orchestration.failing_rows import failing_rows, in_words
from orchestration.resources import POOL, Place
from orchestration.settings import DUCKDB
from orchestration.translator import WarehouseTranslator, attach_tests, model_key
from orchestration.verdicts import table


def build_warehouse_assets(manifest_path: Path, months: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """Every dbt seed and every model that somebody reads, by month, built by one `dbt build` per run.

    Staging that nothing reads is left out: dbt pays 0.1 s for each of its views and no query ever uses them, so an
    asset of it would never be materialised. By hand dbt builds it (docs/use-dbt.md).
    """
    manifest = dbt.load_manifest(manifest_path)
    attach_tests(manifest)
    translator = WarehouseTranslator()

    @dbt_assets(
        manifest=manifest,
        name="warehouse",
        exclude=" ".join(unread_staging(manifest)) or None,
        dagster_dbt_translator=translator,
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    def warehouse(context: dg.AssetExecutionContext, place: Place) -> Iterator[Any]:
        home = place.home
        home.warehouse.mkdir(parents=True, exist_ok=True)
        with progress.stage("start-up", "dbt"):
            dbt.load_runner()
        pieces = progress.Pieces("dbt", total=count_nodes(manifest) - len(unread_staging(manifest)))
        with progress.stage("dbt"):
            build = built(
                place,
                manifest_path,
                selection(context, manifest, translator),
                lambda event: pieces.tick(node_name(event), kept=reuse.was_kept(event)),
            )
            counts = dbt.row_counts(home, place.target)
        # What a test of Spark asked is not DuckDB's text.
        failing = failing_rows(home, manifest, build.found if place.target == DUCKDB else {})
        yield from dagster_events(build.events, counts, failing, manifest, translator, context, place)
        if build.failures:
            said = ["dbt build 失败 / failed", *build.failures, *in_words(manifest, failing)]
            raise dg.Failure("\n".join(said), allow_retries=False)

    return warehouse


def built(
    place: Place,
    manifest_path: Path,
    chosen: Mapping[str, Any],
    on_result: Callable[[Mapping[str, Any]], None],
) -> dbt.Build:
    """One `dbt build` by the engine that was asked for; afterwards the build database shows what it made. `manifest_path`:
    DuckDB's; Spark has its own.
    """
    home = place.home
    arguments = dbt.build_arguments(
        home.warehouse / "dbt", place.logs, target=place.target, console=place.verbose, **chosen
    )
    if place.target == DUCKDB:
        with reuse.reusing(home, dbt.load_manifest(manifest_path), anew=place.full or place.verify):
            return dbt.build(arguments, home.root, manifest_path, on_result)
    spark.make_ready(home)
    parsed = dbt.ensure_manifest(target=place.target)
    try:
        build = dbt.build(arguments, home.root, parsed, on_result)
    finally:
        spark.stop()
    spark.show_tables(home, dbt.load_manifest(parsed))
    return build


def selection(
    context: dg.AssetExecutionContext, manifest: Mapping[str, Any], translator: DagsterDbtTranslator
) -> dict[str, Any]:
    """What of the project was asked for in Dagster, as arguments of `dbt.build_arguments`."""
    asked = get_updated_cli_invocation_params_for_context(
        context=context, manifest=manifest, dagster_dbt_translator=translator
    )
    return {"selection": list(asked.selection_args), "indirect_selection": asked.indirect_selection}


def unread_staging(manifest: Mapping[str, Any]) -> list[str]:
    """Names of the staging models that no other node reads, sorted."""
    return sorted(
        node["name"]
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
        and node["fqn"][1] == "staging"
        and not manifest["child_map"].get(name)
    )


def count_nodes(manifest: Mapping[str, Any]) -> int:
    """How many result events a full build sends."""
    return sum(node["resource_type"] in ("model", "seed", "test") for node in manifest["nodes"].values())


def node_name(event: Mapping[str, Any]) -> str:
    """Name of the node a result event is about."""
    return event["data"]["node_info"]["node_name"]


def node_id(event: Mapping[str, Any]) -> str:
    """The node a result event is about, as the manifest calls it."""
    return event["data"]["node_info"]["unique_id"]


def dagster_events(
    events: Sequence[Mapping[str, Any]],
    counts: Mapping[str, dbt.Rows],
    failing: Mapping[str, Sequence[Mapping[str, Any]]],
    manifest: Mapping[str, Any],
    translator: DagsterDbtTranslator,
    context: dg.AssetExecutionContext,
    place: Place,
) -> Iterator[Any]:
    """dbt's result events as Dagster's: outputs with rows in all and of each month, check results with the rows behind them."""
    for event in events:
        message = DbtCoreCliEventMessage(raw_event=dict(event), event_history_metadata={})
        for found in message.to_default_asset_events(manifest, translator, context):
            rows = counts.get(node_name(event))
            if isinstance(found, dg.Output) and rows is not None:
                if rows.by_month:
                    months = place.extent(context).months
                    counted = {
                        month: {"dagster/partition_row_count": rows.by_month.get(month, 0)}
                        for month in months
                    }
                    materialized.note(context, place, model_key(node_name(event)), counted)
                kept = {materialized.KEPT: True} if reuse.was_kept(event) else {}
                yield found.with_metadata({**found.metadata, "dagster/row_count": rows.total, **kept})
            elif isinstance(found, dg.AssetCheckResult) and failing.get(node_id(event)):
                yield found._replace(
                    metadata={**(found.metadata or {}), "failing_rows": table(failing[node_id(event)])}
                )
            else:
                yield found
