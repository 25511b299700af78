"""The release: what is published once every gate has passed.

Belongs here: the asset and what it depends on. Does not belong here: writing, auditing and publishing
(orchestration.publishing), which runs without Dagster.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from expectations.published import PUBLISHED_DIMENSIONS
from orchestration import interrupts, progress
from orchestration.labels import owners_of
from orchestration.resources import POOL, Place
from orchestration.translator import RELEASE_KEY, model_key


def build_release_asset(manifest: Mapping[str, Any], months: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The release asset; it waits for everything that it copies."""

    @dg.asset(
        key=RELEASE_KEY,
        deps=[model_key(name) for name in released_models(manifest)],
        group_name="release",
        owners=owners_of("release"),
        tags={"layer": "release"},
        description="发布:写入、审计、原子切换\n\nWrite, audit, publish: moves `current` if all gates passed",
        kinds={"duckdb", "parquet"},
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    def published(context: dg.AssetExecutionContext, place: Place) -> dg.MaterializeResult:
        from expectations.gate import load_results
        from orchestration.publishing.code_version import code_version
        from orchestration.publishing.proof.keys import signer_of
        from orchestration.publishing.release import publish

        interrupts.check()
        extent = place.extent(context)
        with progress.stage("release"):
            done = publish(
                place.home,
                place.county,
                list(extent.months),
                load_results(place.home),
                code_version(),
                signer_of(place.home.root),
            )
        return dg.MaterializeResult(
            metadata={
                "release": done.release_id,
                "path": dg.MetadataValue.path(str(done.path)),
                "created": done.created,
                "previous": done.previous or "",
                "overtaken": dg.MetadataValue.json(done.overtaken),
            }
        )

    return published


def released_models(manifest: Mapping[str, Any]) -> list[str]:
    """Marts, events, dimensions and evidence that a release copies, and the models that the gates judge."""
    names = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    wanted = {"kpi_value", "score_institution", "kpi_measure", "kpi_home", *PUBLISHED_DIMENSIONS}
    return sorted(
        name for name in names if name.startswith(("mart_", "event_", "kpi_evidence__")) or name in wanted
    )
