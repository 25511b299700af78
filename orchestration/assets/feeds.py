"""One asset per feed: what institutions and platforms deliver, landed and conformed.

Belongs here: which feed is an asset, how it is partitioned, what its step reports. Does not belong here:
reading files or judging rows (sources), judging batches (orchestration.checks).
"""

import errno
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import dagster as dg

from orchestration import materialized, progress, side_by_side
from orchestration.labels import group_of_feed, owners_of, tags_of_feed
from orchestration.partitions import Extent
from orchestration.resources import POOL, Place
from orchestration.translator import feed_key
from sources.contracts.contract import Contract

if TYPE_CHECKING:
    from sources.ingest import BatchOutcome

# The inbox may be a network share: worth another try. Anything else would fail the same way again.
TRANSIENT = frozenset(
    (errno.EIO, errno.EAGAIN, errno.EBUSY, errno.ESTALE, errno.ETIMEDOUT, errno.ENETUNREACH, errno.EHOSTDOWN)
)
LANDING_RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)
COUNTED = ("delivered_rows", "accepted_rows", "quarantined_rows", "duplicate_rows")


def build_feed_assets(
    contracts: Iterable[Contract], months: dg.PartitionsDefinition, deliveries: dg.PartitionsDefinition
) -> list[dg.AssetsDefinition]:
    """An asset for every contract: hospitals' feeds by institution × month, the others by month."""
    return [_feed_asset(each, deliveries if each.is_of_each_institution else months) for each in contracts]


def _feed_asset(contract: Contract, partitions: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        key=feed_key(contract.feed),
        group_name=group_of_feed(contract),
        owners=owners_of(group_of_feed(contract)),
        tags=tags_of_feed(contract),
        description=describe(contract),
        kinds={"file", "parquet"},
        metadata={
            "contract": f"sources/contracts/{contract.domain}/{contract.feed}.yml",
            "dagster/column_schema": columns(contract),
        },
        code_version=contract.version,
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        retry_policy=LANDING_RETRIES,
        pool=POOL,
    )
    def feed(context: dg.AssetExecutionContext, place: Place) -> dg.MaterializeResult:
        extent = place.extent(context)
        outcomes = take_in(place, contract.feed, extent)
        batches = by_partition(outcomes, extent)
        summaries = {
            partition: {**named(place, partition), **summary(own)} for partition, own in batches.items()
        }
        materialized.note(context, place, feed_key(contract.feed), summaries)
        return dg.MaterializeResult()

    return feed


def describe(contract: Contract) -> str:
    """What the asset is, for people: name and description in both languages, and its grain."""
    zh = contract.description.zh
    named = zh if zh.startswith(contract.name) else f"{contract.name}:{zh}"
    return f"{named}\n\n{contract.description.en}\n\n粒度 grain: {contract.grain.zh} / {contract.grain.en}"


def take_in(place: Place, feed: str, extent: Extent) -> list["BatchOutcome"]:
    """Land and conform what was delivered. Only trouble that may pass is worth the retries of the asset."""
    with progress.stage("extract+conform", feed):
        try:
            outcomes = side_by_side.outcomes(feed, extent)
            if outcomes is None:
                outcomes = _take_in_here(place, feed, extent)
        except OSError as error:
            if error.errno in TRANSIENT:
                raise
            raise dg.Failure(f"{feed}: {error}", allow_retries=False) from error
        except Exception as error:
            raise dg.Failure(f"{feed}: {error}", allow_retries=False) from error
    progress.report("extract+conform", feed, rows=sum(batch.delivered_rows or 0 for batch in outcomes))
    return outcomes


def _take_in_here(place: Place, feed: str, extent: Extent) -> list["BatchOutcome"]:
    from sources.ingest import ingest_feed

    months = list(extent.months)
    return ingest_feed(
        place.county, place.home, feed, months, institutions=extent.institutions, full=place.full
    )


def by_partition(outcomes: Iterable["BatchOutcome"], extent: Extent) -> dict[str, list["BatchOutcome"]]:
    """Partition (`month` or `institution|month`) → its batches; where nothing was delivered there is none."""
    found: dict[str, list[BatchOutcome]] = {}
    for batch in outcomes:
        partition = batch.month if extent.institutions is None else f"{batch.institution_id}|{batch.month}"
        found.setdefault(partition, []).append(batch)
    return found


def named(place: Place, partition: str) -> dict[str, str]:
    """Who delivers, where a partition says it."""
    return {"institution": place.county.name_of(partition.split("|")[0])} if "|" in partition else {}


def summary(outcomes: Iterable["BatchOutcome"]) -> Mapping[str, int]:
    """Counts for the asset's page, of one partition: batches by fate, rows by fate."""
    batches = list(outcomes)
    return {
        "dagster/partition_row_count": sum(batch.accepted_rows or 0 for batch in batches),
        "batches": len(batches),
        "new_batches": sum(batch.landed == "new" for batch in batches),
        "refused_batches": sum(batch.status == "refused" for batch in batches),
        **{name: sum(getattr(batch, name) or 0 for batch in batches) for name in COUNTED},
    }


def columns(contract: Contract) -> dg.TableSchema:
    """What leaves the feed: conformed columns with type, description and what they must not be."""
    required = {column.name for column in contract.columns if column.required}
    return dg.TableSchema(
        [
            dg.TableColumn(
                column.name,
                column.duckdb_type,
                f"{column.zh} / {column.en}",
                dg.TableColumnConstraints(
                    nullable=column.source not in required,
                    other=["主键 key"] if column.name in contract.conformed_key else [],
                ),
            )
            for column in contract.conformed
        ]
    )
