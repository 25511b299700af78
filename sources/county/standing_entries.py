"""Entries of money that stand: what was published of months that are approved for pay, or closed and not computed now.

Here: which release they stand in, reading them, and refusing an approval of a release that is not there. Not here: what is
entered (dbt_project/models/fund), how a release is written.
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


def write_standing_entries(
    folder: Path, home: Home, months: Collection[str], published: Collection[str]
) -> None:
    """Write `<home>/conformed/money/standing_entry.parquet`.

    months: those of this run; published: those of the current release. Raises CountyError if an approved release is not in the
    home, or does not hold the month it was approved for.
    """
    approved = {row["month"]: row["release_id"] for _, row in policy_rows(folder / "policy", TABLE)}
    problems = list(_not_there(folder, home, approved))
    if problems:
        raise CountyError(problems)
    closed = set(published) - set(months) - set(approved)
    found = [_of(home.releases / release, [month], True) for month, release in sorted(approved.items())]
    if closed:
        found.append(_of(home.current.resolve(), closed, False))
    table = pa.concat_tables([SCHEMA.empty_table(), *found])
    order = [("month", "ascending"), ("entry_id", "ascending")]
    write_parquet(home.standing_entry, table.take(pc.sort_indices(table, sort_keys=order)))


def _not_there(folder: Path, home: Home, approved: Mapping[str, str]) -> Iterator[Problem]:
    lines = {row["month"]: line for line, row in policy_rows(folder / "policy", TABLE)}
    for month, release in approved.items():
        held = home.releases / release / "marts" / "dim_month.parquet"
        if not held.is_file():
            zh = f"{month} 批准所依据的发布 {release} 不在本库:只能按已发布且冻结的结果发放;请用 yigongti release list 核对发布号"
            en = f"{month} is approved from release {release}, which is not here: only what is published and frozen may be paid; see yigongti release list"
            yield Problem(f"policy/{TABLE}.csv", lines[month], zh, en)
        elif month not in pq.read_table(held, columns=["month"])["month"].to_pylist():
            zh = f"发布 {release} 不含 {month}:请写含该月的发布号"
            en = f"release {release} does not hold {month}: name one that does"
            yield Problem(f"policy/{TABLE}.csv", lines[month], zh, en)


def _of(release: Path, months: Collection[str], approved: bool) -> pa.Table:
    """The entries of these months in a release; none of one written before entries were."""
    paths = [path for path in (release / PUBLISHED, *sorted(release.glob(RESTRICTED))) if path.is_file()]
    tables = [pq.read_table(path) for path in paths]
    columns = [name for name in SCHEMA.names if name not in ("is_approved",)]
    found = (
        pa.concat_tables([table.select(columns) for table in tables])
        if tables
        else SCHEMA.empty_table().select(columns)
    )
    found = found.filter(pc.is_in(found["month"], pa.array(sorted(months), pa.string())))
    return found.append_column("is_approved", pa.array([approved] * len(found), pa.bool_())).cast(SCHEMA)
