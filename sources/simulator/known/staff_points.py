"""truth/staff_point.csv: what people earned by visits, items and operations, month by month, where it was done.

By its own arithmetic from what happened and what policy says of it. Not here: factors, quality gates, help given elsewhere.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from sources.simulator.delivered.writing import csv_table
from sources.simulator.ground.keys import staff_id
from sources.simulator.happening.fee_items import catalogue_points, category, points_of
from sources.simulator.known.truth import Arrived

_MILLION = 1_000_000
HEADER = ("month", "institution_id", "staff_id", "event_kind", "points")
# (number of the month, institution, staff number, kind of event) → millionths of a point
Earned = dict[tuple[int, int, int, str], int]


def as_csv(arrived: Arrived, policy: Path) -> bytes:
    """All points of the county's months."""
    earned: Earned = defaultdict(int)
    rules = {(r["event_kind"], r["code"]): Fraction(r["points"]) for r in _rows(policy / "point_rule.csv")}
    shares: dict[tuple[str, str], dict[str, Fraction]] = defaultdict(dict)
    for row in _rows(policy / "point_role.csv"):
        shares[row["scope"], row["code"]][row["role"]] = Fraction(row["share"])
    for part in (_visits(arrived, rules), _items(arrived, shares), _operations(arrived, rules, shares)):
        for key, millionths in part:
            earned[key] += millionths
    months, codes = arrived.world.months, arrived.layout.code_list()
    rows = [
        (months[month].name, codes[place], staff_id(np.array([who]))[0].as_py(), kind, _decimal(millionths))
        for (month, place, who, kind), millionths in earned.items()
    ]
    return csv_table(HEADER, sorted(rows))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _decimal(millionths: int) -> str:
    sign, size = "-" if millionths < 0 else "", abs(millionths)
    return f"{sign}{size // _MILLION}.{size % _MILLION:06d}"


def _visits(
    arrived: Arrived, rules: dict[tuple[str, str], Fraction]
) -> Iterator[tuple[tuple[int, int, int, str], int]]:
    rows = arrived.visits
    any_kind = rules["visit", "*"]
    for month, place, who, kind in zip(
        arrived.month_of(rows.due).tolist(),
        rows.institution.tolist(),
        rows.doctor.tolist(),
        rows.kind.tolist(),
        strict=True,
    ):
        if 0 <= month < len(arrived.world.months):
            yield (month, place, who, "visit"), int(rules.get(("visit", str(kind)), any_kind) * _MILLION)


def _items(
    arrived: Arrived, shares: dict[tuple[str, str], dict[str, Fraction]]
) -> Iterator[tuple[tuple[int, int, int, str], int]]:
    """Two roles: shares are whole per cents and points whole ten-thousandths, so nothing is left over."""
    own = {item: split for item, (_, _, _, split) in zip(points_of(), catalogue_points(), strict=True)}
    rows = arrived.of("fee line")
    for month, place, item, units, ordering, executing in zip(
        arrived.month_of(rows.time).tolist(),
        rows.institution.tolist(),
        rows.item.tolist(),
        rows.units.tolist(),
        rows.doctor.tolist(),
        rows.executing.tolist(),
        strict=True,
    ):
        of_class = shares.get(("item_class", f"{int(category(np.array(item))):02d}"))
        if item not in points_of() or of_class is None or not 0 <= month < len(arrived.world.months):
            continue
        split = own[item]
        roles = of_class if split is None else {role: Fraction(part, 100) for role, part in split.items()}
        whole = sum(points_of()[item]) * 100 * units
        for role, who in (("ordering", ordering), ("executing", executing)):
            if role in roles:
                part = whole * roles[role]
                assert part.denominator == 1, (item, role)
                yield (month, place, who, "service_item"), int(part)


def _operations(
    arrived: Arrived,
    rules: dict[tuple[str, str], Fraction],
    shares: dict[tuple[str, str], dict[str, Fraction]],
) -> Iterator[tuple[tuple[int, int, int, str], int]]:
    """Whoever was there shares the whole by the shares of those who were; what is left over goes by largest remainder."""
    rows, levels = arrived.operations, arrived.world.casebook.procedure_level
    months = arrived.month_of(rows.due)
    for n in range(rows.rows):
        named = {
            "surgeon": int(rows.surgeon[n]),
            "first_assistant": int(rows["first"][n]),
            "second_assistant": int(rows.second[n]),
            "anaesthetist": int(rows.anaesthetist[n]),
        }
        there = {role: share for role, share in shares["operation", "*"].items() if named[role] >= 0}
        whole = int(rules["operation", str(levels[rows.which[n]])] * _MILLION)
        exact = {role: whole * share / sum(there.values()) for role, share in there.items()}
        parts = {role: int(part) for role, part in exact.items()}
        by_remainder = sorted(there, key=lambda role: (parts[role] - exact[role], role))
        for role in by_remainder[: whole - sum(parts.values())]:
            parts[role] += 1
        for role, part in parts.items():
            yield (int(months[n]), int(rows.institution[n]), named[role], "operation"), part
