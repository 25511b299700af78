"""The evidence of a release: what each subject's events add to their measures, and which of them a KPI counts.

Kept wide, a folder per subject and month, with the parts that say which measures make a KPI. Here: the rows of one KPI, with
what they add above and below the line. Not here: writing (lineage), proving the sums (walkback).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

Row = dict[str, Any]

PARTS = "kpi_part.parquet"


def evidence_file(subject: str, month: str) -> str:
    """Where the events of a subject and month lie, below a release's `lineage`."""
    return f"evidence/{subject}/month={month}/evidence.parquet"


def evidence_of(release: Path, months: Iterable[str], institution_id: str, kpi_id: str) -> list[Row]:
    """Every row that the KPI counts in these months, with `numerator` and `denominator` (null: not in it), in order of day,
    file and line.
    """
    lineage = release / "lineage"
    if not (lineage / PARTS).exists():
        rows = _kept_by_kpi(lineage, months, institution_id, kpi_id)
    else:
        rows = _kept_by_subject(lineage, list(months), institution_id, kpi_id)
    return sorted(rows, key=lambda row: (row["event_date"], row["source_file"], row["source_line"]))


def subjects_of(release: Path, kpi_id: str) -> set[str]:
    """Subjects whose events a KPI counts; none in a release that does not keep evidence by subject."""
    return {part["subject"] for part in _parts(release / "lineage") if part["kpi_id"] == kpi_id}


def evidence_beside(release: Path, months: Sequence[str], institution_id: str, kpi_id: str) -> Iterator[Row]:
    """Rows of the KPI's subjects that are in neither of its parts: other KPIs count them."""
    lineage, own = release / "lineage", [p for p in _parts(release / "lineage") if p["kpi_id"] == kpi_id]
    for subject in sorted({part["subject"] for part in own}):
        counted = [part for part in own if part["subject"] == subject]
        for month in months:
            for row in _rows(lineage / evidence_file(subject, month), institution_id):
                if all(row[part["measure"]] is None for part in counted):
                    yield row


def figures_of(
    release: Path, batch_id: str, line: int
) -> Iterator[tuple[str, str, str, Decimal | None, Decimal | None]]:
    """(month, institution, KPI, above, below the line) that one line adds to, in this release."""
    lineage = release / "lineage"
    mine = (pc.field("source_batch_id") == batch_id) & (pc.field("source_line") == line)
    parts = _parts(lineage)
    for path in sorted((lineage / "evidence").rglob("*.parquet")):
        counted = [part for part in parts if part["subject"] == path.relative_to(lineage).parts[1]]
        for row in pq.read_table(path, filters=mine, partitioning=None).to_pylist():
            for kpi_id in sorted({part["kpi_id"] for part in counted}):
                own = [part for part in counted if part["kpi_id"] == kpi_id]
                above, below = (_added(row, own, name) for name in ("numerator", "denominator"))
                if above is not None or below is not None:
                    yield row["month"], row["institution_id"], kpi_id, above, below


def _kept_by_subject(lineage: Path, months: list[str], institution_id: str, kpi_id: str) -> Iterator[Row]:
    parts = _parts(lineage)
    own = [part for part in parts if part["kpi_id"] == kpi_id]
    for subject in sorted({part["subject"] for part in own}):
        measures = {part["measure"] for part in parts if part["subject"] == subject}
        counted = [part for part in own if part["subject"] == subject]
        own_measures = {part["measure"] for part in counted}
        for month in months:
            for row in _rows(lineage / evidence_file(subject, month), institution_id):
                added = {name: _added(row, counted, name) for name in ("numerator", "denominator")}
                if any(amount is not None for amount in added.values()):
                    kept = {name: value for name, value in row.items() if name not in measures} | added
                    yield _without_citation(kept) if row.get("cited_for") not in own_measures else kept


def _without_citation(row: Row) -> Row:
    """A row whose other half (a return, an earlier examination) explains a measure that the KPI does not use."""
    return {name: None if name.startswith("cited_") else value for name, value in row.items()}


def _added(row: Row, parts: Iterable[Row], name: str) -> Decimal | None:
    """What a row adds to a part: its measures times their coefficients, null if it is in none of them."""
    amounts = [
        Decimal(row[part["measure"]]) * part["coefficient"]
        for part in parts
        if part["part"] == name and row[part["measure"]] is not None
    ]
    return sum(amounts, Decimal(0)) if amounts else None


def _kept_by_kpi(lineage: Path, months: Iterable[str], institution_id: str, kpi_id: str) -> Iterator[Row]:
    """The same from a release of 0.2.0, which kept a row for every KPI it counts in."""
    for month in months:
        for row in _rows(lineage / "evidence" / f"month={month}" / "evidence.parquet", institution_id):
            if row["kpi_id"] == kpi_id:
                yield row


def _parts(lineage: Path) -> list[Row]:
    path = lineage / PARTS
    return pq.read_table(path, partitioning=None).to_pylist() if path.exists() else []


def _rows(path: Path, institution_id: str) -> list[Row]:
    if not path.exists():
        return []
    mine = pc.field("institution_id") == institution_id
    return pq.read_table(path, filters=mine, partitioning=None).to_pylist()
