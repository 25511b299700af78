"""New or changed files in the inbox start the feeds concerned.

Belongs here: noticing. Does not belong here: what a file is (sources.mappings.mapping claims it), when a month is
released (orchestration.schedules): a file alone never releases anything.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.jobs import HOSPITAL_FEEDS, PLATFORM_FEEDS
from orchestration.partitions import delivery_tags, runs_of_neighbours
from orchestration.translator import feed_key
from sources.base.files import as_it_lies
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.intake.delivery import Delivery
from sources.intake.inbox import find_deliveries

if TYPE_CHECKING:
    from orchestration.jobs import AssetJob


def build_inbox_sensor(
    jobs: Mapping[str, "AssetJob"],
    county_dir: Path,
    institutions: Sequence[str],
    months: dg.PartitionsDefinition,
) -> dg.SensorDefinition:
    """A sensor over the inbox; its cursor remembers size and modification time of every claimed file."""

    @dg.sensor(
        name="inbox",
        jobs=[jobs[HOSPITAL_FEEDS], jobs[PLATFORM_FEEDS]],
        minimum_interval_seconds=300,
        description="收件目录有新文件或有变化时,接入相应数据源 / take in what is new or changed",
    )
    def inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        county = County.load(county_dir)
        seen = json.loads(context.cursor) if context.cursor else {}
        changed, now = changes(county, seen, months.get_partition_keys())
        if not changed:
            return dg.SkipReason("收件目录没有变化 / nothing new in the inbox")
        return dg.SensorResult(run_requests=list(requests_for(changed, institutions)), cursor=json.dumps(now))

    return inbox


def changes(
    county: County, seen: Mapping[str, str], months: Sequence[str]
) -> tuple[list[Delivery], dict[str, str]]:
    """Deliveries whose file is new or differs from `seen` (path → size and time), and what to remember.

    Databases do not tell when they change: a run asks them.
    Files of months that are not over are left out and not remembered: they fire when the month has ended.
    """
    found = [each for each in find_deliveries(county, months=months) if not each.is_database]
    now = {file: as_it_lies(county.inbox / file) for file in sorted({each.file for each in found})}
    return [each for each in found if seen.get(each.file) != now[each.file]], now


def requests_for(changed: Iterable[Delivery], institutions: Sequence[str]) -> Iterator[dg.RunRequest]:
    """As few runs as partitions allow: per month one for platforms, one per row of neighbouring hospitals."""
    contracts = load_contracts()
    hospitals: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    platforms: dict[str, set[str]] = defaultdict(set)
    for each in changed:
        if contracts[each.feed].is_of_each_institution:
            hospitals[each.month][each.institution_id].add(each.feed)
        else:
            platforms[each.month].add(each.feed)
    for month, feeds_of in sorted(hospitals.items()):
        for group in runs_of_neighbours(feeds_of, institutions):
            feeds = sorted(set().union(*(feeds_of[name] for name in group)))
            yield dg.RunRequest(
                job_name=HOSPITAL_FEEDS,
                asset_selection=[feed_key(feed) for feed in feeds],
                tags=delivery_tags(group, month, month),
            )
    for month, delivered in sorted(platforms.items()):
        yield dg.RunRequest(
            job_name=PLATFORM_FEEDS,
            asset_selection=[feed_key(feed) for feed in sorted(delivered)],
            partition_key=month,
        )
