"""Batches conformed under a contract that today's contract breaks: rows of two meanings must not meet in one table.

Here: finding them and saying how to mend it. Not here: what breaks a contract (compatibility), conforming again (ingest).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sources.base.engine import ask, matching
from sources.base.home import Home
from sources.contracts.compatibility import version_numbers
from sources.contracts.load import load_contracts


@dataclass(frozen=True)
class Outdated:
    """Batches of one feed under one earlier version. `months` are those of the batches, sorted."""

    feed: str
    version: str
    today: str
    months: tuple[str, ...]
    batches: int


class OutdatedConformedError(RuntimeError):
    """Some batches must be conformed again before the warehouse is built."""

    def __init__(self, outdated: Iterable[Outdated]) -> None:
        super().__init__("\n".join(_said(each) for each in outdated))


def find_outdated(home: Home) -> list[Outdated]:
    """Conformed batches whose contract had another major version, by feed and version. Reads file footers only."""
    if next(home.conformed.glob("*/institution_id=*/month=*/*.parquet"), None) is None:
        return []
    rows = ask(
        r"""
        select feed, version, list(distinct month order by month), count(*)
        from (
            select decode(value) as version, regexp_extract(file_name, 'month=([^/\\]+)', 1) as month,
                regexp_extract(file_name, '([^/\\]+)[/\\]institution_id=', 1) as feed
            from parquet_kv_metadata(?) where decode(key) = 'contract_version'
        )
        where month <> '0000-00' group by all order by all
        """,
        [matching(home.conformed, "*/institution_id=*/month=*/*.parquet")],
    )
    contracts = load_contracts()
    return [
        Outdated(feed, version, contracts[feed].version, tuple(months), batches)
        for feed, version, months, batches in rows
        if feed in contracts and _major(version) != _major(contracts[feed].version)
    ]


def refuse_outdated(home: Home) -> None:
    """Raise OutdatedConformedError when any batch has to be conformed again first."""
    outdated = find_outdated(home)
    if outdated:
        raise OutdatedConformedError(outdated)


def _major(version: str) -> int:
    return version_numbers(version)[0]


def _said(each: Outdated) -> str:
    span = each.months[0] if len(each.months) == 1 else f"{each.months[0]} … {each.months[-1]}"
    command = f"yigongti feed replay --feed {each.feed}"
    return (
        f"{each.feed}:{each.batches} 批({span})按契约 {each.version} 归一,与现行 {each.today} 不兼容。"
        f"请先执行 {command},再运行 / {each.batches} batches ({span}) were conformed under contract {each.version}, "
        f"which {each.today} breaks: run `{command}` first, then this again"
    )
