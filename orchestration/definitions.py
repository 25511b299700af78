"""Everything Dagster knows: one `build_defs`, used by the web server, the command line and the tests.

Belongs here: putting the pieces together. Does not belong here: any piece.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from orchestration import dbt, settings
from orchestration.assets.feeds import build_feed_assets
from orchestration.assets.identity import build_identity_assets
from orchestration.assets.release import build_release_asset
from orchestration.assets.warehouse import build_warehouse_assets
from orchestration.checks import build_checks
from orchestration.due import build_due_check, build_due_job, build_due_schedule, due_keys
from orchestration.forgetting import build_forget_job, build_forget_schedule
from orchestration.jobs import HOSPITAL_FEEDS, MONTH, PLATFORM_FEEDS, build_jobs, build_month_job
from orchestration.partitions import delivery_partitions, monthly_partitions
from orchestration.resources import Place
from orchestration.run_log import run_log
from orchestration.schedules import Scope, build_closing_schedule, build_succession_sensor
from orchestration.sensors import build_inbox_sensor
from orchestration.translator import feed_key
from sources.contracts.contract import Contract
from sources.contracts.load import load_contracts
from sources.county.county import County

settings.quiet_vendors()


def build_defs(
    county_dir: Path, home_dir: Path, *, resource_overrides: Mapping[str, object] | None = None
) -> dg.Definitions:
    """Assets, checks, jobs, schedule and sensors of one county.

    Raises CountyError with every problem of the county folder; parses the dbt project if it changed since the
    last parse.
    """
    county = County.load(county_dir)
    with warnings.catch_warnings():
        # Backfill policies have been "beta" for years; one warning per asset would bury everything else.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return _definitions(county, county_dir, home_dir, resource_overrides or {})


def _definitions(
    county: County, county_dir: Path, home_dir: Path, resource_overrides: Mapping[str, object]
) -> dg.Definitions:
    contracts = contracts_of(county)
    hospitals = [each.feed for each in contracts if each.is_of_each_institution]
    platforms = [each.feed for each in contracts if not each.is_of_each_institution]
    deliverers = hospital_deliverers(county)
    months = monthly_partitions(county.first_month, county.last_month)
    manifest_path = dbt.ensure_manifest()
    of_hospitals, of_platforms = ([feed_key(feed) for feed in feeds] for feeds in (hospitals, platforms))
    due = due_keys(county)
    jobs = build_jobs(of_hospitals, of_platforms, due)
    month_job, due_job, forget_job = build_month_job(months), build_due_job(due), build_forget_job()
    scope = Scope(deliverers, {MONTH: (), HOSPITAL_FEEDS: of_hospitals, PLATFORM_FEEDS: of_platforms})
    place, reader = (
        Place(county_dir=str(county_dir), home_dir=str(home_dir), hold_lock=locks) for locks in (True, False)
    )
    return dg.Definitions(
        assets=[
            *build_feed_assets(contracts, months, delivery_partitions(deliverers, months)),
            *build_identity_assets(contracts, months),
            build_warehouse_assets(manifest_path, months),
            build_release_asset(dbt.load_manifest(manifest_path), months),
        ],
        asset_checks=[*build_checks(hospitals, platforms), build_due_check(due)],
        jobs=[*jobs.values(), month_job, due_job, forget_job],
        schedules=[
            build_closing_schedule(jobs[HOSPITAL_FEEDS], county, deliverers),
            build_due_schedule(due_job),
            build_forget_schedule(forget_job),
        ],
        sensors=[
            build_inbox_sensor(jobs, county_dir, deliverers, months),
            build_succession_sensor(jobs, month_job, scope),
        ],
        resources={"place": place, "reader": reader, **resource_overrides},
        executor=dg.in_process_executor,
        loggers={"console": dg.colored_console_logger, "run_log": run_log},
    )


def contracts_of(county: County) -> list[Contract]:
    """Feeds that can be delivered: what the product writes itself only where a member of this county delivers it."""
    expected = {feed for deliverer in county.deliverers for feed in county.expected_feeds(deliverer)}
    return [each for each in load_contracts().values() if each.provider == "member" or each.feed in expected]


def hospital_deliverers(county: County) -> list[str]:
    """Who delivers hospitals' feeds, in partition order."""
    wanted = {contract.feed for contract in load_contracts().values() if contract.is_of_each_institution}
    return sorted(each for each in county.deliverers if wanted.intersection(county.expected_feeds(each)))


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster` and `dg` load: the county and home of the environment; in a fresh clone the demo county's settings."""
    return build_defs(settings.county_dir_or_demo(), settings.home_dir())
