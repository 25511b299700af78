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
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.publishing import manifest
from orchestration.publishing.evidence import Unit, evidence_of, figures_of
from sources.base.home import Home
from sources.base.likeness import meant_by, nearest
from sources.base.months import month_number, month_text
from sources.base.terms import NOBODYS, UNIT_LEVELS, WINDOWS
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

    unit: whose value it is, as in dim_unit. targets: the policy rows that concern the unit, the most specific first; target:
    the one in force, made absolute, null if there is none. card, total: of an institution only.
    """

    value: Row
    kpi: Row
    unit: Row
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


def published_release(home: Home) -> Path:
    """The release that is published now. Raises ExplainError if there is none, NotIntactError if it was changed."""
    if not home.current.exists():
        raise ExplainError("尚无发布的版本 / nothing has been published yet")
    current = home.current.resolve()
    manifest.require_intact(current)
    return current


def walk_back(
    home: Home,
    month: str,
    unit: str | None,
    kpi_id: str,
    window: str | None = None,
    *,
    level: str = "institution",
    with_places: bool = False,
) -> Walkback:
    """Collect the chain of a value and prove it: the evidence must sum to what was published.

    unit and KPI may be given by id, code or name (None: the only unit of the level); `with_places` looks up sheets and keys of
    the evidence. Raises ExplainError if the value is not published, its release is gone, or the sums differ; NotIntactError if
    a file of the release is not what was published.
    """
    current = published_release(home)
    value, whose = _value(current, month, unit, kpi_id, window, level)
    kpi_id = value["kpi_id"]
    release = home.releases / value["release_id"]
    if not release.exists():
        raise ExplainError(
            f"算出该值的版本 {release.name} 已不在 / release {release.name} that computed it is gone"
        )
    manifest.require_published(home, release)
    kpi = _one(release, "dim_kpi", kpi_id=kpi_id)
    months = window_months(value["month"], value["window"], *_rules(kpi))
    targets = _targets(release, value, whose)
    of_institution = {"month": month, "institution_id": whose["unit_id"]} if level == "institution" else None
    evidence = _counted(
        evidence_of(release, months, Unit(level, whose["unit_id"]), kpi_id), value["month"], _rules(kpi)
    )
    found = Walkback(
        value=value,
        kpi=kpi,
        unit=whose,
        release=release,
        window_months=months,
        evidence=evidence,
        missing=_missing(release, months, whose, kpi_id),
        targets=targets,
        target=_target(release, value, whose, targets),
        anchors=_in_force(release, "score_anchor", month),
        parameters=_used(kpi, _in_force(release, "kpi_parameter", month), "parameter"),
        code_sets=_used(kpi, _in_force(release, "kpi_code_set", month), "code_set"),
        card=_first(current, "mart_indicator_score", kpi_id=kpi_id, **of_institution)
        if of_institution
        else None,
        total=_first(current, "mart_institution_score", **of_institution) if of_institution else None,
        places=_places(home, release, evidence) if with_places else {},
    )
    _prove(found)
    return found


def window_months(month: str, window: str, *rules: str) -> list[str]:
    """The months a value is made of. Parts that are the state at month end (`last`) are the figure of their month in every
    window.
    """
    last = month_number(month)
    of_year = last % 12
    back = {"month": 0, "quarter": of_year % 3, "half_year": of_year % 6, "ytd": of_year, "rolling12": 11}[
        window
    ]
    first = last if set(rules) == {"last"} else last - back
    return [month_text(number) for number in range(first, last + 1)]


def _rules(kpi: Row) -> tuple[str, str]:
    """How numerator and denominator are taken over months."""
    return kpi["aggregation"], kpi.get("denominator_aggregation") or kpi["aggregation"]


def _counted(evidence: list[Row], month: str, rules: tuple[str, str]) -> list[Row]:
    """Rows with a part that counts in the window: of a state only the last month does."""
    for row in evidence:
        for name, rule in zip(("numerator", "denominator"), rules, strict=True):
            if rule == "last" and row["counted_month"] != month:
                row[name] = None
    return [row for row in evidence if row["numerator"] is not None or row["denominator"] is not None]


def _sum(rows: Iterable[Row], part: str) -> Decimal:
    return sum((row[part] for row in rows if row[part] is not None), Decimal(0))


def _prove(found: Walkback) -> None:
    for name, rule in zip(("numerator", "denominator"), _rules(found.kpi), strict=True):
        total = _part(found, name, rule)
        published = found.value[name] or Decimal(0)
        if total != published:
            raise ExplainError(
                f"证据合计 {name} {total} 与公布的 {published} 不符,请联系数据工程师 / "
                f"the evidence sums to {total}, published was {published}"
            )


def _part(found: Walkback, name: str, rule: str) -> Decimal:
    """A part as its evidence gives it: the sum, the mean of months, or how many different things."""
    items = {row[f"{name}_item"] for row in found.evidence if row.get(f"{name}_item")}
    if found.kpi["statistic"] == "distinct" and items:
        return Decimal(len(items))
    total = _sum(found.evidence, name)
    months = len({row["counted_month"] for row in found.evidence if row[name] is not None})
    if rule == "mean" and months:
        return (total / months).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return total


def _value(
    current: Path, month: str, unit: str | None, kpi_id: str, window: str | None, level: str
) -> tuple[Row, Row]:
    """The published row, and whose it is."""
    if window is not None and window not in WINDOWS:
        raise ExplainError(f"窗口只有 {', '.join(WINDOWS)} / window is one of these, got {window!r}")
    if level not in UNIT_LEVELS:
        raise ExplainError(f"单元层级只有 {', '.join(UNIT_LEVELS)} / level is one of these, got {level!r}")
    kpi_id = _known(current, "dim_kpi", kpi_id)
    whose = _unit(current, level, unit)
    if _first(current, "dim_month", month=month) is None:
        raise ExplainError(f"版本 {current.name} 中没有 {month} / {month} is not in release {current.name}")
    chosen = window or _one(current, "dim_kpi", kpi_id=kpi_id)["scoring_window"]
    if level == "institution" and whose["unit_id"] != NOBODYS:
        key = {"month": month, "institution_id": whose["unit_id"], "kpi_id": kpi_id, "window": chosen}
        return _one(current, "mart_kpi_value", **key), whose
    key = {"month": month, "unit_level": level, "unit_id": whose["unit_id"], "kpi_id": kpi_id}
    row = _one(current, "mart_unit_value", kpi_window=chosen, **key)
    return row | {"window": row["kpi_window"]}, whose


def _unit(current: Path, level: str, said: str | None) -> Row:
    """Whose value is meant: id, name and tier. Departments and staff are named by institution/number."""
    if level in ("department", "physician"):
        if not said or "/" not in said:
            raise ExplainError("科室、医师写成 机构/编号 / write institution/number")
        return {"unit_id": said, "unit_name": said, "unit_tier": None, "unit_level": level}
    if level == "institution" and said != NOBODYS:
        row = _one(current, "dim_institution", institution_id=_known(current, "dim_institution", said or ""))
        names = {
            "unit_id": "institution_id",
            "unit_name": "institution_name",
            "unit_tier": "institution_tier",
        }
        return {new: row.get(name) for new, name in names.items()} | {"unit_level": level}
    units = pq.read_table(current / "marts" / "dim_unit.parquet").to_pylist()
    of_level = [row for row in units if row["unit_level"] == level]
    named = [row for row in of_level if said in (row["unit_id"], row["unit_name"])]
    chosen = named or [row for row in of_level if said is None and row["unit_id"] != NOBODYS]
    if len(chosen) != 1:
        known = "、".join(f"{row['unit_id']} {row['unit_name']}" for row in of_level)
        raise ExplainError(f"请写明哪一个:{known} / say which one: {known}")
    return chosen[0]


def _known(current: Path, table: str, said: str) -> str:
    """The id of what is meant: an id, the county's own code, or a name. Raises ExplainError naming the nearest."""
    rows = pq.read_table(current / "marts" / f"{table}.parquet").to_pylist()
    identifier, *others = NAMES[table]
    found = meant_by(said, {row[identifier]: [row.get(name) for name in others] for row in rows})
    if len(found) == 1:
        return found[0]
    if found:
        which = "、".join(found)
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
        said = place(home, batch, row["source_line"]) if batch and row["source_line"] is not None else ""
        if said:
            found[row["source_batch_id"], row["source_line"]] = said
    return found


def _missing(release: Path, months: list[str], unit: Row, kpi_id: str) -> list[Row]:
    rows = [
        row
        for row in pq.read_table(release / "lineage" / "missing_delivery.parquet").to_pylist()
        if row["month"] in months and row["kpi_id"] == kpi_id
    ]
    level, unit_id = unit["unit_level"], unit["unit_id"]
    if level == "community":
        institutions = pq.read_table(release / "marts" / "dim_institution.parquet").to_pylist()
        inside = {each["institution_id"] for each in institutions if each.get("alliance_id") == unit_id} | {
            NOBODYS
        }
    else:
        inside = {unit_id.partition("/")[0]}
    mine = [row for row in rows if level == "county" or row["institution_id"] in inside]
    # Above institutions one lacking feed is one, however many institutions wait for it.
    once = {(row["month"], row["feed"], row["deliverer_id"]): row for row in mine}
    return [once[key] for key in sorted(once)]


def _targets(release: Path, value: Row, unit: Row) -> list[Row]:
    """Rows of the policy that concern the unit, the most specific first: that one counts."""
    rows = [
        row
        for row in _in_force(release, "kpi_target", value["month"])
        if row["kpi_id"] == value["kpi_id"]
        and row.get("institution_id") in (None, unit["unit_id"])
        and row.get("institution_tier") in (None, unit["unit_tier"])
    ]
    return sorted(
        rows, key=lambda row: (row.get("institution_id") is None, row.get("institution_tier") is None)
    )


def _target(release: Path, value: Row, unit: Row, rows: list[Row]) -> Row | None:
    """The target the value was scored by, as the warehouse made it absolute."""
    path = release / "lineage" / "target.parquet"
    if not path.exists():
        return _published_target(value, rows[0]) if rows else None
    mine = (pc.field("month") == value["month"]) & (pc.field("kpi_id") == value["kpi_id"])
    if "unit_id" in pq.read_schema(path).names:
        mine &= (pc.field("unit_level") == unit["unit_level"]) & (pc.field("unit_id") == unit["unit_id"])
    else:
        mine &= pc.field("institution_id") == unit["unit_id"]
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
