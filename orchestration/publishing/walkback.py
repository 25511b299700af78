"""A published number and everything behind it, read from releases alone: definition, policy, sums, evidence
rows.

The row comes from `current`; the release named in the row holds the evidence and the policy it was computed
with. Belongs here: reading and checking. Does not: wording (orchestration/explain.py).
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.publishing import manifest
from orchestration.publishing.evidence import evidence_of, figures_of
from sources.base.home import Home
from sources.base.likeness import nearest
from sources.base.terms import WINDOWS
from sources.mending.lines import place

Row = dict[str, Any]
# How a KPI and an institution may be named, the id first.
NAMES = {
    "dim_kpi": ("kpi_id", "kpi_code", "name_zh", "name_en"),
    "dim_institution": ("institution_id", "institution_name"),
}


class ExplainError(ValueError):
    """The number cannot be walked back: it is not published, or what is published does not hold together."""


@dataclass(frozen=True)
class Walkback:
    """One published value with its chain. `evidence` are exactly the rows that were summed.

    targets: the policy rows that concern the institution, the most specific first; target: the one in force, made
    absolute, null if there is none.
    """

    value: Row
    kpi: Row
    institution: Row
    release: Path
    window_months: list[str]
    evidence: list[Row]
    missing: list[Row]
    targets: list[Row]
    target: Row | None
    anchors: list[Row]
    parameters: list[Row]
    code_sets: list[Row]
    card: Row | None
    total: Row | None
    places: dict[tuple[str, int], str]


def walk_back(
    home: Home,
    month: str,
    institution_id: str,
    kpi_id: str,
    window: str | None = None,
    *,
    with_places: bool = False,
) -> Walkback:
    """Collect the chain of a value and prove it: the evidence must sum to what was published.

    The institution and the KPI may be given by id, code or name; `with_places` looks up sheets and keys of the evidence. Raises
    ExplainError if the value is not published, its release is gone, or the sums differ; NotIntactError if a file of the
    release is not what was published.
    """
    if not home.current.exists():
        raise ExplainError("尚无发布的版本 / nothing has been published yet")
    current = home.current.resolve()
    manifest.require_intact(current)
    value = _value(current, month, institution_id, kpi_id, window)
    institution_id, kpi_id = value["institution_id"], value["kpi_id"]
    release = home.releases / value["release_id"]
    if not release.exists():
        raise ExplainError(
            f"算出该值的版本 {release.name} 已不在 / release {release.name} that computed it is gone"
        )
    manifest.require_published(home, release)
    kpi = _one(release, "dim_kpi", kpi_id=kpi_id)
    months = window_months(value["month"], value["window"], kpi["aggregation"])
    targets, missing = _targets(release, value), _missing(release, months, institution_id, kpi_id)
    # A month in which a required delivery is missing counts nothing.
    complete = [each for each in months if each not in {row["month"] for row in missing}]
    evidence = evidence_of(release, complete, institution_id, kpi_id)
    found = Walkback(
        value=value,
        kpi=kpi,
        institution=_one(release, "dim_institution", institution_id=institution_id),
        release=release,
        window_months=months,
        evidence=evidence,
        missing=missing,
        targets=targets,
        target=_target(release, value, targets),
        anchors=_in_force(release, "score_anchor", month),
        parameters=_used(kpi, _in_force(release, "kpi_parameter", month), "parameter"),
        code_sets=_used(kpi, _in_force(release, "kpi_code_set", month), "code_set"),
        card=_first(
            current, "mart_indicator_score", month=month, institution_id=institution_id, kpi_id=kpi_id
        ),
        total=_first(current, "mart_institution_score", month=month, institution_id=institution_id),
        places=_places(home, release, evidence) if with_places else {},
    )
    _prove(found)
    return found


def window_months(month: str, window: str, aggregation: str) -> list[str]:
    """The months a value is made of. `last` indicators are the figure of their month in every window."""
    year, number = int(month[:4]), int(month[5:])
    back = {"month": 1, "quarter": (number - 1) % 3 + 1, "ytd": number, "rolling12": 12}[window]
    last = year * 12 + number - 1
    reached = range(last if aggregation == "last" else last - back + 1, last + 1)
    return [f"{index // 12:04d}-{index % 12 + 1:02d}" for index in reached]


def sums(evidence: Iterable[Row]) -> tuple[Decimal, Decimal]:
    """(numerator, denominator) of evidence rows; null counts as nothing."""
    rows = list(evidence)
    return _sum(rows, "numerator"), _sum(rows, "denominator")


def _sum(rows: Iterable[Row], part: str) -> Decimal:
    return sum((row[part] for row in rows if row[part] is not None), Decimal(0))


def _prove(found: Walkback) -> None:
    for name, total in zip(("numerator", "denominator"), sums(found.evidence), strict=True):
        published = found.value[name] or Decimal(0)
        if total != published:
            raise ExplainError(
                f"证据合计 {name} {total} 与公布的 {published} 不符,请联系数据工程师 / "
                f"the evidence sums to {total}, published was {published}"
            )


def _value(current: Path, month: str, institution_id: str, kpi_id: str, window: str | None) -> Row:
    if window is not None and window not in WINDOWS:
        raise ExplainError(f"窗口只有 {', '.join(WINDOWS)} / window is one of these, got {window!r}")
    kpi_id, institution_id = (
        _known(current, "dim_kpi", kpi_id),
        _known(current, "dim_institution", institution_id),
    )
    if _first(current, "dim_month", month=month) is None:
        raise ExplainError(f"版本 {current.name} 中没有 {month} / {month} is not in release {current.name}")
    chosen = window or _one(current, "dim_kpi", kpi_id=kpi_id)["scoring_window"]
    return _one(
        current, "mart_kpi_value", month=month, institution_id=institution_id, kpi_id=kpi_id, window=chosen
    )


def _known(current: Path, table: str, said: str) -> str:
    """The id of what is meant: an id, the county's own code, or a name. Raises ExplainError naming the nearest."""
    rows = pq.read_table(current / "marts" / f"{table}.parquet").to_pylist()
    identifier, *others = NAMES[table]
    found = {row[identifier] for row in rows if row[identifier] == said} or {
        row[identifier] for row in rows if said in [row.get(name) for name in others]
    }
    if len(found) == 1:
        return found.pop()
    if found:
        which = "、".join(sorted(found))
        raise ExplainError(
            f"{said} 指的不止一个:{which},请写编号 / {said} means more than one, give the id: {which}"
        )
    near = nearest(said, [row[name] for row in rows for name in NAMES[table] if row.get(name)])
    raise ExplainError(
        f"版本 {current.name} 中没有 {said},相近的有 {near} / {said} is not in release {current.name}; nearest: {near}"
    )


def counted_where(home: Home, batch_id: str, line: int) -> list[str]:
    """In which published figures a line counts: institution, month, KPI, and what it adds above and below the line."""
    if not home.current.exists():
        return []
    current = home.current.resolve()
    manifest.require_intact(current)
    # Evidence holds every event; what counts is what its own release published for its month.
    counting: dict[str, set[tuple[str, str, str]]] = {}
    for value in pq.read_table(current / "marts" / "mart_kpi_value.parquet").to_pylist():
        if value.get("kpi_window", value.get("window")) == "month" and value["denominator"] is not None:
            place = (value["month"], value["institution_id"], value["kpi_id"])
            counting.setdefault(value["release_id"], set()).add(place)
    found = {
        figure
        for name, places in counting.items()
        if (home.releases / name).is_dir()
        for figure in figures_of(home.releases / name, batch_id, line)
        if figure[:3] in places
    }
    return [
        f"{month} {who} {kpi} 分子 {above or 0} 分母 {below or 0}"
        for month, who, kpi, above, below in sorted(found, key=str)
    ]


def _places(home: Home, release: Path, evidence: Iterable[Row]) -> dict[tuple[str, int], str]:
    """(batch, line) → its sheet, or the key of a database's row; nothing for the lines of plain files."""
    batches = pq.read_table(release / "lineage" / "batches.parquet").to_pylist()
    of_batch = {b["batch_id"]: (b["feed"], b["institution_id"], b["month"], b["batch_id"]) for b in batches}
    found = {}
    for row in evidence:
        batch = of_batch.get(row["source_batch_id"])
        said = place(home, batch, row["source_line"]) if batch else ""
        if said:
            found[row["source_batch_id"], row["source_line"]] = said
    return found


def _missing(release: Path, months: list[str], institution_id: str, kpi_id: str) -> list[Row]:
    rows = pq.read_table(release / "lineage" / "missing_delivery.parquet").to_pylist()
    return [
        row
        for row in rows
        if row["month"] in months and row["institution_id"] == institution_id and row["kpi_id"] == kpi_id
    ]


def _targets(release: Path, value: Row) -> list[Row]:
    """Rows of the policy that concern the institution, the most specific first: that one counts."""
    rows = [
        row
        for row in _in_force(release, "kpi_target", value["month"])
        if row["kpi_id"] == value["kpi_id"]
        and row.get("institution_id") in (None, value["institution_id"])
        and row.get("institution_tier") in (None, value["institution_tier"])
    ]
    return sorted(
        rows, key=lambda row: (row.get("institution_id") is None, row.get("institution_tier") is None)
    )


def _target(release: Path, value: Row, rows: list[Row]) -> Row | None:
    """The target the value was scored by, as the warehouse made it absolute."""
    path = release / "lineage" / "target.parquet"
    if not path.exists():
        return _published_target(value, rows[0]) if rows else None
    mine = pc.field("month") == value["month"]
    for name in ("institution_id", "kpi_id"):
        mine &= pc.field(name) == value[name]
    return next(iter(pq.read_table(path, filters=mine).to_pylist()), None)


def _published_target(value: Row, row: Row) -> Row:
    """The same from a release of 0.2.0, which kept no targets: the anchors stand with the value, the rest in the policy.

    A floor given relative to a baseline is not known there.
    """
    anchors = {name: value[name] for name in ("baseline", "target", "challenge")}
    floor = None if row.get("target_mode") in ("delta", "ratio") else row.get("floor")
    if row.get("floor") is None and None not in anchors.values():
        floor = 2 * anchors["baseline"] - anchors["target"]
    return {**row, **anchors, "floor": floor}


def _in_force(release: Path, table: str, month: str) -> list[Row]:
    """Rows of a policy table in force on the last day of the month."""
    path = release / "lineage" / "policy" / f"{table}.parquet"
    if not path.exists():
        return []
    year, number = int(month[:4]), int(month[5:])
    day = dt.date(year, number, calendar.monthrange(year, number)[1])
    rows = pq.read_table(path).to_pylist()
    return [r for r in rows if (r.get("effective_from") or day) <= day <= (r.get("effective_to") or day)]


def _used(kpi: Row, rows: list[Row], name: str) -> list[Row]:
    """Only the parameters and code sets the registry says the KPI uses."""
    wanted = set(kpi["policy_items"].split(","))
    return [row for row in rows if row[name] in wanted]


def _first(release: Path, table: str, **key: Any) -> Row | None:
    mine = None
    for name, wanted in key.items():
        mine = (pc.field(name) == wanted) if mine is None else mine & (pc.field(name) == wanted)
    rows = pq.read_table(release / "marts" / f"{table}.parquet", filters=mine).to_pylist()
    return rows[0] if rows else None


def _one(release: Path, table: str, **key: Any) -> Row:
    found = _first(release, table, **key)
    if found is None:
        named = ", ".join(f"{name} {value}" for name, value in key.items())
        raise ExplainError(f"版本 {release.name} 的 {table} 中没有 {named} / not published: {named}")
    return found
