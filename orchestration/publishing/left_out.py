"""Events of a unit that its figure does not count although they were accepted, each with the business rule that keeps it out.

Two kinds: events that the evidence of the KPI's subjects does not hold (the warehouse says why: kpi_left_out), and events that it holds for other
KPIs. Here: reading them from a release. Not here: what was never accepted (uncounted), what counts (evidence).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.publishing.evidence import Homes, Unit, evidence_beside, subjects_of

Row = dict[str, Any]
_OF_OTHERS = ("不在本指标的分子、分母之内", "in neither part of this KPI")


def left_out_file(month: str) -> str:
    """Where the events of a month lie that the rules leave out, below a release's `lineage`."""
    return f"left_out/month={month}/left_out.parquet"


@dataclass(frozen=True)
class LeftOut:
    """One event: the line it was delivered on, and why it does not count."""

    feed: str
    zh: str
    en: str
    event_date: Any
    source_file: str
    source_line: int


def left_out(
    release: Path, months: Sequence[str], unit: Unit, kpi_id: str, counted: Iterable[Row]
) -> list[LeftOut] | None:
    """Every event left out of the unit's figure, in order of feed, reason, day and line; None if the release does not keep them.

    counted: the evidence of the figure. A line that counts by one subject of the KPI is not left out by another.
    """
    if not (release / "lineage" / "left_out").is_dir():
        return None
    seen = {(row["source_batch_id"], row["source_line"]) for row in counted}
    found = []
    by_rule = _by_rule(release, months, unit, kpi_id)
    for row in (*by_rule, *_of_others(release, months, unit, kpi_id)):
        line = (row["source_batch_id"], row["source_line"])
        if line not in seen:
            seen.add(line)
            zh, en = row["reason_zh"], row["reason_en"]
            found.append(
                LeftOut(row["source_feed"], zh, en, row["event_date"], row["source_file"], row["source_line"])
            )
    return sorted(
        found, key=lambda each: (each.feed, each.en, each.event_date, each.source_file, each.source_line)
    )


def _by_rule(release: Path, months: Iterable[str], unit: Unit, kpi_id: str) -> Iterator[Row]:
    homes, wanted = Homes(release, kpi_id), pc.field("subject").isin(sorted(subjects_of(release, kpi_id)))
    members = homes.members(unit)
    mine = wanted if members is None else wanted & pc.field("institution_id").isin(members)
    for month in months:
        path = release / "lineage" / left_out_file(month)
        rows = pq.read_table(path, filters=mine, partitioning=None).to_pylist() if path.exists() else []
        yield from (row for row in rows if homes.counts(row, month, unit))


def _of_others(release: Path, months: Sequence[str], unit: Unit, kpi_id: str) -> Iterator[Row]:
    for row in evidence_beside(release, months, unit, kpi_id):
        yield {**row, "reason_zh": _OF_OTHERS[0], "reason_en": _OF_OTHERS[1]}


def left_out_in_words(found: Sequence[LeftOut] | None, rows: bool) -> Iterator[str]:
    """A line per feed and reason; with `rows` the events below it."""
    if found is None:
        yield "  该版本没有保存按规则不计的事件 / this release does not keep the events that the rules leave out"
        return
    yield f"  本单元在窗口内的事件,按业务规则不计 {len(found)} / events of this unit that the rules leave out: {len(found)}"
    for (feed, zh, en), count in Counter((each.feed, each.zh, each.en) for each in found).items():
        yield f"    {feed} {zh} {en}:{count}"
        if rows:
            for each in (each for each in found if (each.feed, each.zh) == (feed, zh)):
                yield f"      {each.event_date} · {each.source_file}:{each.source_line}"
