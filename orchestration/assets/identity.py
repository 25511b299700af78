"""What the warehouse needs beside the feeds: the county as configured, and who is one person.

Belongs here: the assets that write conformed/county, conformed/policy, conformed/run_month and the person
index.
"""

from collections.abc import Sequence

import dagster as dg

from orchestration import progress
from orchestration.handing_over import hand_over
from orchestration.labels import owners_of
from orchestration.resources import POOL, Place
from orchestration.translator import PERSON_INDEX_KEY, SETTINGS_KEY, feed_key
from sources.contracts.contract import Contract


def build_identity_assets(
    contracts: Sequence[Contract], months: dg.PartitionsDefinition
) -> list[dg.AssetsDefinition]:
    """The county's settings and the person index, by month."""
    return [_settings(months), _person_index([each.feed for each in contracts if names_people(each)], months)]


def _settings(months: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        key=SETTINGS_KEY,
        group_name="county",
        owners=owners_of("county"),
        tags={"layer": "county"},
        description="县域配置、政策参数与本次的月份\n\nInstitutions, policy tables, months of this run",
        kinds={"parquet"},
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    def settings(context: dg.AssetExecutionContext, place: Place) -> dg.MaterializeResult:
        from sources.contracts.outdated import OutdatedConformedError, refuse_outdated
        from sources.intake.intact import refuse_altered
        from sources.intake.losses import AlteredError

        extent = place.extent(context)
        with progress.stage("identity", "settings"):
            try:
                refuse_outdated(place.home)
                refuse_altered(place.home, place.verify)
            except (OutdatedConformedError, AlteredError) as error:
                raise dg.Failure(str(error), allow_retries=False) from error
            hand_over(place, extent.months)
        return dg.MaterializeResult(metadata={"months": ", ".join(extent.months)})

    return settings


def _person_index(feeds: Sequence[str], months: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        key=PERSON_INDEX_KEY,
        deps=[SETTINGS_KEY, *map(feed_key, feeds)],
        group_name="identity",
        owners=owners_of("identity"),
        tags={"layer": "identity"},
        description="患者主索引:哪些记录是同一个人\n\nWhich records are one person (pseudonyms only)",
        kinds={"duckdb", "parquet"},
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=POOL,
    )
    def person_index(context: dg.AssetExecutionContext, place: Place) -> dg.MaterializeResult:
        from sources.identity.index import IndexMemoryError, build_person_index

        with progress.stage("identity", "person_index"):
            try:
                counts = build_person_index(place.county, place.home, place.full)
            except IndexMemoryError as error:
                raise dg.Failure(str(error), allow_retries=False) from error
        return dg.MaterializeResult(metadata=dict(counts))

    return person_index


def names_people(contract: Contract) -> bool:
    """The feed carries an identity card or an insurance number, so the person index reads it."""
    rules = [column.privacy for column in contract.columns if column.privacy]
    return any(rule.id_card or (rule.pseudonym and rule.pseudonym.namespace == "insurance") for rule in rules)
