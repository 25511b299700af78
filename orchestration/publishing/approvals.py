"""Approvals for pay that can be relied on: of a release that was published here and is unchanged, and never of another later.

Not here: what an approval says (sources.county.money.pool), whether its release has entries (sources.county.standing_entries).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchestration.publishing import manifest
from orchestration.publishing.manifest import NotIntactError
from sources.base.home import Home
from sources.base.yamlfile import Problem
from sources.county.county import CountyError
from sources.county.policy import policy_rows
from sources.county.standing_entries import TABLE

APPROVED = "approved_months"  # in a manifest: {month: release it was approved for pay from}
_FILE = f"policy/{TABLE}.csv"
Rows = list[tuple[int, dict[str, Any]]]


def require_approvals(folder: Path, home: Home) -> None:
    """Raises CountyError with the row of every approval that cannot be relied on, NotIntactError if `current` cannot be read."""
    rows = policy_rows(folder / "policy", TABLE)
    published = manifest.read(home.current) if home.current.exists() else {}
    problems = [*_moved(rows, published.get(APPROVED, {})), *_unsound(rows, home)]
    if problems:
        raise CountyError(problems)


def _moved(rows: Rows, stand: dict[str, str]) -> Iterator[Problem]:
    """What was paid stays: a month that stands approved in `current` keeps the release it was approved from."""
    now = {row["month"]: (line, row["release_id"]) for line, row in rows}
    for month, release in sorted(stand.items()):
        line, said = now.get(month, (0, None))
        if said != release:
            zh = (
                f"{month} 已按发布 {release} 审批并公布,不能{'改为 ' + said if said else '撤回'}:请恢复原来的行;"
                "以后算出的不同会作为差额记入之后第一个未结的月份"
            )
            en = (
                f"{month} stands approved from release {release} and cannot be {'moved to ' + said if said else 'withdrawn'}: "
                "restore the row; what is computed otherwise becomes a difference in the first open month after it"
            )
            yield Problem(_FILE, line, zh, en)


def _unsound(rows: Rows, home: Home) -> Iterator[Problem]:
    """Releases that were altered, or are none of those that `current` was built upon; one not in the home is told elsewhere."""
    there = [(line, row) for line, row in rows if (home.releases / row["release_id"]).is_dir()]
    known = set(_published(home)) if there else set()
    for line, row in there:
        release = row["release_id"]
        if release not in known:
            zh = f"发布 {release} 不是已公布的版本(current 及其之前各版):只能按公布过的结果审批;请用 yigongti release list 核对"
            en = f"release {release} was not published (it is neither current nor before it): approve what was; see yigongti release list"
            yield Problem(_FILE, line, zh, en)
            continue
        try:
            manifest.require_published(home, home.releases / release)
        except NotIntactError as error:
            zh, _, en = str(error).partition(" / ")
            yield Problem(_FILE, line, zh, en)


def _published(home: Home) -> Iterator[str]:
    """The current release and those before it, as far as they are there."""
    at = home.current.resolve().name if home.current.exists() else None
    while at is not None and (home.releases / at).is_dir():
        yield at
        at = _before(home.releases / at)


def _before(release: Path) -> str | None:
    try:
        return manifest.read(release)["previous"]
    except NotIntactError:
        return None
