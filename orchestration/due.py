"""Whether everything that is due is there: of every feed all deliveries of closed months, of the release all their months.

Belongs here: what is due on a day, and the check that says what is missing. Does not belong here: whether what is there is
right (the gates). Dagster's own freshness asks only for the newest materialisation of any partition: one hospital's file of
one month would make the whole feed fresh.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.partitions import TIMEZONE
from orchestration.resources import Place
from orchestration.translator import RELEASE_KEY, feed_key
from orchestration.verdicts import evaluation, headline, table
from sources.base.home import Home
from sources.base.months import SHANGHAI, month_number, month_text, months_between
from sources.county.closing import closing_day
from sources.county.county import County
from sources.county.policy import policy_rows

if TYPE_CHECKING:
    from orchestration.jobs import AssetJob

DUE_CHECK = "all_due_months"
DUE_JOB = "due"
SHOWN = 50
COLUMNS = ("institution", "month", "institution_id")


def due_months(county: County, today: date, days: int) -> list[str]:
    """Months of the county of which more than so many days have passed since their accounts closed."""
    over = month_text(month_number(f"{today:%Y-%m}") - 1)
    last = min(over, county.last_month or over)
    if last < county.first_month:
        return []
    parameters = [row for _, row in policy_rows(county.policy_folder, "kpi_parameter")]
    return [
        month
        for month in months_between(county.first_month, last)
        if today - closing_day(parameters, month) > timedelta(days=days)
    ]


def feeds_expected(county: County) -> dict[str, list[str]]:
    """Feed → who a mapping says delivers it; feeds that nobody delivers are never due."""
    found: dict[str, list[str]] = {}
    for deliverer in sorted(county.deliverers):
        for feed in county.expected_feeds(deliverer):
            found.setdefault(feed, []).append(deliverer)
    return dict(sorted(found.items()))


def check_due(county: County, home: Home, today: date) -> Iterator[dg.AssetCheckResult]:
    """For every expected feed and for the release: is all there that is due?"""
    from orchestration.publishing.manifest import published_months

    months = due_months(county, today, 0)
    for feed, deliverers in feeds_expected(county).items():
        late = [
            (deliverer, month)
            for month in months
            for deliverer in deliverers
            if not home.landed_batch(feed, deliverer, month, "any").parent.is_dir()
        ]
        yield _result(county, feed_key(feed), len(months) * len(deliverers), late)
    published = set(published_months(home))
    months = due_months(county, today, county.settings.publish_within_days)
    yield _result(county, RELEASE_KEY, len(months), [("", each) for each in months if each not in published])


def _result(
    county: County, asset: dg.AssetKey, due: int, late: Sequence[tuple[str, str]]
) -> dg.AssetCheckResult:
    rows = [
        {"institution": county.name_of(who) if who else "全县 county", "month": month, "institution_id": who}
        for who, month in late
    ]
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=DUE_CHECK,
        passed=not late,
        severity=dg.AssetCheckSeverity.WARN,
        description=headline(
            f"{row['institution']} {row['month']}: 已到期,还没有 / due and not there" for row in rows
        ),
        metadata={"due": due, "late": len(late), "missing": table(rows[:SHOWN], COLUMNS)},
    )


def due_verdicts(county: County, home: Home) -> list[dg.AssetCheckEvaluation]:
    """The same as events, for whoever writes them without a run."""
    return [evaluation(each, blocking=False) for each in check_due(county, home, today_here())]


def today_here() -> date:
    """Today in the county: deadlines are about the clock, results never are."""
    return (datetime.now(UTC) + SHANGHAI).date()


def due_keys(county: County) -> list[dg.AssetCheckKey]:
    """Every check of this kind."""
    assets = [*map(feed_key, feeds_expected(county)), RELEASE_KEY]
    return [dg.AssetCheckKey(asset, DUE_CHECK) for asset in assets]


def build_due_check(keys: Iterable[dg.AssetCheckKey]) -> dg.AssetChecksDefinition:
    """One step for all of them: it looks at names of folders only."""
    specs = [
        dg.AssetCheckSpec(
            DUE_CHECK,
            asset=key.asset_key,
            description="已结账的各月是否都到了,并在 publish_within_days 天内发布 / are all months there whose accounts "
            "have closed, and published within publish_within_days",
        )
        for key in keys
    ]

    @dg.multi_asset_check(name=DUE_CHECK, specs=specs, can_subset=True)
    def all_due_months(
        context: dg.AssetCheckExecutionContext, reader: Place
    ) -> Iterator[dg.AssetCheckResult]:
        asked = {key.asset_key for key in context.selected_asset_check_keys}
        for result in check_due(reader.county, reader.home, today_here()):
            if result.asset_key in asked:
                yield result

    return all_due_months


def build_due_job(keys: Sequence[dg.AssetCheckKey]) -> "AssetJob":
    """The job that looks: it takes no place in the queue of those that write."""
    return dg.define_asset_job(
        DUE_JOB,
        dg.AssetSelection.checks(*keys),
        description="到期的报送与发布是否都在 / is all that is due there",
        executor_def=dg.in_process_executor,
    )


def build_due_schedule(job: "AssetJob") -> dg.ScheduleDefinition:
    """Every morning, on from the start: it writes nothing but its verdicts."""
    return dg.ScheduleDefinition(
        name="look_what_is_due",
        job=job,
        cron_schedule="0 7 * * *",
        execution_timezone=TIMEZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="每天:到期的报送与发布是否都在 / daily: is all that is due there",
    )
