"""Entries of money that stand: what was published of months that are approved for pay, closed and not computed now, or before such.

Here: which months stand in which release, their entries, and refusing an approval of a release that is not there. Not here:
what is entered (dbt_project/models/fund), whether a release is unchanged (orchestration.publishing.approvals).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.base.yamlfile import Problem
from sources.county.county import CountyError
from sources.county.policy import policy_rows

TABLE = "pay_approval"
# Where a release keeps its entries: those of people in a folder of their own for each institution.
PUBLISHED, RESTRICTED = "marts/mart_fund_entry.parquet", "restricted/*/pay_entry.parquet"
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("entry_id", "month", "account_id", "counter_account_id")),
        ("amount_fen", pa.int64()),
        *((name, pa.string()) for name in ("rule_id", "source_relation", "source_key")),
        ("is_correction", pa.bool_()),
        ("release_id", pa.string()),
        ("is_approved", pa.bool_()),
    ]
)
MONTHS = pa.schema([("month", pa.string()), ("is_approved", pa.bool_()), ("release_id", pa.string())])


def write_standing_entries(
    folder: Path, home: Home, covered: Collection[str], run: Collection[str], published: Collection[str]
) -> None:
    """Write `<home>/conformed/money/standing_month.parquet` and `standing_entry.parquet`.

    covered: months of the build; run: those computed now; published: those of the current release. Raises CountyError if an
    approved release is not in the home, has no entries, or does not hold the month it was approved for.
    """
    approved = {row["month"]: row["release_id"] for _, row in policy_rows(folder / "policy", TABLE)}
    problems = list(_not_there(folder, home, approved))
    if problems:
        raise CountyError(problems)
    standing = sorted(_standing(home, approved, covered, run, published).items())
    months = [
        {"month": month, "is_approved": month in approved, "release_id": release}
        for month, release in standing
    ]
    write_parquet(home.standing_month, pa.Table.from_pylist(months, schema=MONTHS))
    found = [_of(home.releases / release, month, month in approved) for month, release in standing]
    table = pa.concat_tables([SCHEMA.empty_table(), *found])
    order = [("month", "ascending"), ("entry_id", "ascending")]
    write_parquet(
        home.standing_entry, table.take(pc.sort_indices(table, sort_keys=order)), private=True
    )  # those of people are among them


def _standing(
    home: Home,
    approved: Mapping[str, str],
    covered: Collection[str],
    run: Collection[str],
    published: Collection[str],
) -> dict[str, str]:
    """{month that stands: release it stands in}.

    Entries are what a position changed, so each stands upon those before it: with a month all the months before it stand, be
    they computed now or not.
    """
    current = home.current.resolve()
    if not (current / PUBLISHED).is_file():  # nothing is published, or by a version that had no entries
        return dict(approved)
    last = max({*approved, *(set(published) - set(run))}, default="")
    return {month: current.name for month in covered if month <= last} | dict(approved)


def _not_there(folder: Path, home: Home, approved: Mapping[str, str]) -> Iterator[Problem]:
    lines = {row["month"]: line for line, row in policy_rows(folder / "policy", TABLE)}
    for month, release in approved.items():
        held = home.releases / release / "marts" / "dim_month.parquet"
        if not held.is_file():
            zh = f"{month} 批准所依据的发布 {release} 不在本库:只能按已发布且冻结的结果发放;请用 yigongti release list 核对发布号"
            en = f"{month} is approved from release {release}, which is not here: only what is published and frozen may be paid; see yigongti release list"
            yield Problem(f"policy/{TABLE}.csv", lines[month], zh, en)
        elif not (home.releases / release / PUBLISHED).is_file():
            zh = f"发布 {release} 没有资金分录(由旧版本发布):没有可批准的金额;请重算 {month} 并写新的发布号"
            en = f"release {release} has no entries of money (an older version published it): run {month} again and name that release"
            yield Problem(f"policy/{TABLE}.csv", lines[month], zh, en)
        elif month not in pq.read_table(held, columns=["month"])["month"].to_pylist():
            zh = f"发布 {release} 不含 {month}:请写含该月的发布号"
            en = f"release {release} does not hold {month}: name one that does"
            yield Problem(f"policy/{TABLE}.csv", lines[month], zh, en)


def _of(release: Path, month: str, approved: bool) -> pa.Table:
    """The entries of a month in a release, those of people with the others."""
    tables = [pq.read_table(path) for path in (release / PUBLISHED, *sorted(release.glob(RESTRICTED)))]
    columns = [name for name in SCHEMA.names if name != "is_approved"]
    found = pa.concat_tables([table.select(columns) for table in tables])
    found = found.filter(pc.equal(found["month"], month))
    return found.append_column("is_approved", pa.array([approved] * len(found), pa.bool_())).cast(SCHEMA)
