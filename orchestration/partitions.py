"""What a run covers: months, and for the hospitals' feeds institution × month.

Belongs here: partitions definitions and the translation between them and (months, institutions).
Does not belong here: which months *should* run (orchestration.commands.run).

A run's range tags name a rectangle: Dagster 1.13 takes the range of each dimension separately and multiplies
them, in the alphabetical order of the dimension names. `institution|month` from (first, January) to (last,
December) is therefore every institution for a year, in one run.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import dagster as dg

from sources.base.months import month_number, month_text

INSTITUTION = "institution"
MONTH = "month"
TIMEZONE = "Asia/Shanghai"
PARTITION_TAG = "dagster/partition"
RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"


class Partitioned(Protocol):
    """The context of any step that works on partitions."""

    @property
    def partition_keys(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Extent:
    """What one step works on. `institutions` is None where the partition has no institution."""

    months: tuple[str, ...]
    institutions: tuple[str, ...] | None = None

    def holds(self, institution: str, month: str) -> bool:
        return month in self.months and (self.institutions is None or institution in self.institutions)


def monthly_partitions(first_month: str, last_month: str | None) -> dg.MonthlyPartitionsDefinition:
    """Accounting months: the county's first to its last, or to the month that ended most recently."""
    end = month_text(month_number(last_month) + 1) if last_month else None
    return dg.MonthlyPartitionsDefinition(first_month, end, timezone=TIMEZONE, fmt="%Y-%m")


def delivery_partitions(
    institutions: Sequence[str], months: dg.MonthlyPartitionsDefinition
) -> dg.MultiPartitionsDefinition:
    """Deliveries of the hospitals: deliverer × accounting month."""
    return dg.MultiPartitionsDefinition(
        {INSTITUTION: dg.StaticPartitionsDefinition(sorted(institutions)), MONTH: months}
    )


def month_tags(first: str, last: str) -> dict[str, str]:
    """Run tags that cover the months first … last of assets partitioned by month."""
    return {RANGE_START_TAG: first, RANGE_END_TAG: last}


def delivery_tags(institutions: Sequence[str], first: str, last: str) -> dict[str, str]:
    """Run tags for neighbouring institutions (in partition order) × the months first … last."""
    ordered = sorted(institutions)
    return {RANGE_START_TAG: f"{ordered[0]}|{first}", RANGE_END_TAG: f"{ordered[-1]}|{last}"}


def runs_of_neighbours(keys: Iterable[str], order: Sequence[str]) -> list[tuple[str, ...]]:
    """Split keys into groups that lie next to each other in `order`: each group fits one range."""
    positions = sorted((order.index(key), key) for key in set(keys))
    groups = groupby(enumerate(positions), key=lambda item: item[1][0] - item[0])
    return [tuple(key for _, (_, key) in group) for _, group in groups]


def extent_of(context: Partitioned) -> Extent:
    """Months (and institutions) that the running step was asked for."""
    keys = [str(key) for key in context.partition_keys]
    if not keys or "|" not in keys[0]:
        return Extent(tuple(sorted(keys)))
    pairs = [key.split("|") for key in keys]
    return Extent(tuple(sorted({month for _, month in pairs})), tuple(sorted({name for name, _ in pairs})))
