"""The evidence of a release: what each subject's events add to their measures, and which of them a KPI of a unit counts.

Kept wide, a folder per subject and month, with the parts that say which measures make a KPI. Here: the rows of one KPI, with
what they add above and below the line. Not here: writing (lineage), proving the sums (walkback).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.base.months import month_number, month_text
from sources.base.terms import NOBODYS

Row = dict[str, Any]

PARTS = "kpi_part.parquet"
# Where the events of an institution count, per KPI.
HOMES = "kpi_home.parquet"
MISSING = "missing_delivery.parquet"


class Unit(NamedTuple):
    """Whose figure: a level of UNIT_LEVELS and the id of dim_unit (institution/department, institution/staff below it)."""

    level: str
    unit_id: str


def evidence_file(subject: str, month: str) -> str:
    """Where the events of a subject and month lie, below a release's `lineage`."""
    return f"evidence/{subject}/month={month}/evidence.parquet"


def evidence_of(release: Path, months: Iterable[str], unit: Unit, kpi_id: str) -> list[Row]:
    """Every row that the KPI counts for the unit in these months, with `numerator` and `denominator` (null: not in it), in
    order of day, file and line; `counted_month` is the month whose figure it is in. What an institution delivered in a month
    in which something else of it is missing counts nowhere.
    """
    lineage = release / "lineage"
    kept = _kept_by_subject if (lineage / PARTS).exists() else _kept_by_kpi
    rows = kept(release, list(months), unit, kpi_id)
    return sorted(rows, key=lambda row: (row["event_date"], row["source_file"], row["source_line"]))


def subjects_of(release: Path, kpi_id: str) -> set[str]:
    """Subjects whose events a KPI counts; none in a release that does not keep evidence by subject."""
    return {part["subject"] for part in _parts(release / "lineage") if part["kpi_id"] == kpi_id}


def evidence_beside(release: Path, months: Iterable[str], unit: Unit, kpi_id: str) -> Iterator[Row]:
    """Rows of the KPI's subjects that are in neither of its parts: other KPIs count them."""
    lineage, homes = release / "lineage", Homes(release, kpi_id)
    own = [part for part in _parts(lineage) if part["kpi_id"] == kpi_id]
    for subject in sorted({part["subject"] for part in own}):
        counted = [part for part in own if part["subject"] == subject]
        for month in months:
            for row in _rows(lineage / evidence_file(subject, month), homes.members(unit)):
                if all(row[part["measure"]] is None for part in counted) and homes.counts(row, month, unit):
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
                yield from _figures(release, row, [part for part in counted if part["kpi_id"] == kpi_id])


def _figures(
    release: Path, row: Row, parts: list[Row]
) -> Iterator[tuple[str, str, str, Decimal | None, Decimal | None]]:
    kpi_id = parts[0]["kpi_id"]
    home = Homes(release, kpi_id).home(row["institution_id"])
    for offset in sorted({part.get("offset_months") or 0 for part in parts}):
        own = [part for part in parts if (part.get("offset_months") or 0) == offset]
        above, below = (_added(row, own, name) for name in ("numerator", "denominator"))
        if above is not None or below is not None:
            yield _later(row["month"], offset), home, kpi_id, above, below


@dataclass(frozen=True)
class Homes:
    """Whose figures of a KPI the events of an institution are in."""

    release: Path
    kpi_id: str

    @cached_property
    def _of(self) -> dict[str, str] | None:
        path = self.release / "lineage" / HOMES
        rows = _read(path, pc.field("kpi_id") == self.kpi_id) if path.exists() else None
        return None if rows is None else {row["institution_id"]: row["home_id"] for row in rows}

    @cached_property
    def _alliances(self) -> dict[str, str]:
        rows = _read(self.release / "marts" / "dim_institution.parquet")
        return {row["institution_id"]: row.get("alliance_id") or NOBODYS for row in rows}

    @cached_property
    def _incomplete(self) -> set[tuple[str, str]]:
        rows = _read(self.release / "lineage" / MISSING, pc.field("kpi_id") == self.kpi_id)
        return {(row["month"], row["institution_id"]) for row in rows}

    def home(self, institution_id: str | None) -> str:
        """The institution that an event at this one counts with. A release of 0.2.0 knows no other than itself."""
        if self._of is None:
            return institution_id or NOBODYS
        return self._of.get(institution_id or NOBODYS, NOBODYS)

    def members(self, unit: Unit) -> list[str] | None:
        """Institutions whose events may be in the figure; None: anybody's."""
        if unit.level in ("county", "community") or unit.unit_id == NOBODYS:
            return None
        if unit.level in ("department", "physician"):
            return [unit.unit_id.partition("/")[0]]
        return sorted(each for each, home in (self._of or {}).items() if home == unit.unit_id) or [
            unit.unit_id
        ]

    def counts(self, row: Row, month: str, unit: Unit) -> bool:
        """Whether an event is in the unit's figure of a month."""
        home = self.home(row["institution_id"])
        if (month, home) in self._incomplete:
            return False
        if unit.level == "county":
            return True
        if unit.level == "community":
            own = row.get("community_id") or self._alliances.get(row["institution_id"], NOBODYS)
            return own == unit.unit_id
        if unit.level == "institution":
            return home == unit.unit_id
        below = row.get("department_code" if unit.level == "department" else "staff_id")
        return unit.unit_id == f"{row['institution_id']}/{below or NOBODYS}"


def _kept_by_subject(release: Path, months: list[str], unit: Unit, kpi_id: str) -> Iterator[Row]:
    lineage, homes = release / "lineage", Homes(release, kpi_id)
    parts = _parts(lineage)
    own = [part for part in parts if part["kpi_id"] == kpi_id]
    for subject, offset in sorted({(part["subject"], part.get("offset_months") or 0) for part in own}):
        measures = {part["measure"] for part in parts if part["subject"] == subject}
        counted = [p for p in own if p["subject"] == subject and (p.get("offset_months") or 0) == offset]
        for month in months:
            for row in _rows(lineage / evidence_file(subject, _later(month, -offset)), homes.members(unit)):
                added = {name: _added(row, counted, name) for name in ("numerator", "denominator")}
                if any(amount is not None for amount in added.values()) and homes.counts(row, month, unit):
                    yield _kept(row, counted, measures) | added | {"counted_month": month}


def _kept(row: Row, counted: list[Row], measures: set[str]) -> Row:
    """A row without the measures; `numerator_item`, `denominator_item`: the thing of which different ones are counted. What
    explains a measure that the KPI does not use (a return, an earlier examination) is left out.
    """
    kept = {name: value for name, value in row.items() if name not in measures}
    if row.get("cited_for") not in {part["measure"] for part in counted}:
        kept = {name: None if name.startswith("cited_") else value for name, value in kept.items()}
    items = {
        f"{p['part']}_item": row[p["item"]]
        for p in counted
        if p.get("item") and row[p["measure"]] is not None
    }
    return kept | items


def _added(row: Row, parts: Iterable[Row], name: str) -> Decimal | None:
    """What a row adds to a part: its measures times their coefficients, null if it is in none of them."""
    amounts = [
        Decimal(row[part["measure"]]) * part["coefficient"]
        for part in parts
        if part["part"] == name and row[part["measure"]] is not None
    ]
    return sum(amounts, Decimal(0)) if amounts else None


def _kept_by_kpi(release: Path, months: list[str], unit: Unit, kpi_id: str) -> Iterator[Row]:
    """The same from a release of 0.2.0, which kept a row for every KPI it counts in, of institutions only."""
    lineage, institution_id = release / "lineage", unit.unit_id
    missing = {
        row["month"]
        for row in _read(lineage / MISSING)
        if row["kpi_id"] == kpi_id and row["institution_id"] == institution_id
    }
    for month in months:
        if month not in missing:
            for row in _rows(lineage / "evidence" / f"month={month}" / "evidence.parquet", [institution_id]):
                if row["kpi_id"] == kpi_id:
                    yield row | {"counted_month": month}


def _parts(lineage: Path) -> list[Row]:
    path = lineage / PARTS
    return _read(path) if path.exists() else []


def _later(month: str, months: int) -> str:
    return month_text(month_number(month) + months)


def _rows(path: Path, institutions: list[str] | None) -> list[Row]:
    if not path.exists():
        return []
    return _read(path, None if institutions is None else pc.field("institution_id").isin(institutions))


def _read(path: Path, wanted: pc.Expression | None = None) -> list[Row]:
    return pq.read_table(path, filters=wanted, partitioning=None).to_pylist()
