"""Splits of money: 120,000 generated ones are exact to the fen, and as a second arithmetic says they should be.

The macro's own text is asked, by DuckDB here and by Spark in tests/parity. Not here: the models that split (their unit tests).
"""

from __future__ import annotations

from fractions import Fraction

import duckdb
import pyarrow as pa
import pytest

from tests.dbt_project.money import GROUPS, cases


def by_hand(total: int, weights: list[tuple[str, int]]) -> dict[str, int | None]:
    """Largest remainder in fractions: of equal remainders the lower key first."""
    whole = sum(weight for _, weight in weights)
    if not whole:
        return dict.fromkeys((key for key, _ in weights), None)
    exact = {key: Fraction(abs(total) * weight, whole) for key, weight in weights}
    parts = {key: int(share) for key, share in exact.items()}
    order = sorted(exact, key=lambda key: (parts[key] - exact[key], key))
    for key in order[: abs(total) - sum(parts.values())]:
        parts[key] += 1
    return {key: -part if total < 0 else part for key, part in parts.items()}


@pytest.fixture(scope="module")
def split(split_text: str) -> dict[int, list[tuple]]:
    """{group: rows (key, total, weight, amount)} as DuckDB splits them."""
    with duckdb.connect() as connection:
        connection.register("cases", cases())
        rows = connection.execute(
            f"select g, k, total, weight, amount_fen from ({split_text}) order by g, k"
        ).fetchall()
    found: dict[int, list[tuple]] = {}
    for group, *row in rows:
        found.setdefault(group, []).append(tuple(row))
    return found


def test_every_fen_is_there_once(split: dict[int, list[tuple]]) -> None:
    assert len(split) == GROUPS
    lost = [
        group
        for group, rows in split.items()
        if any(weight for _, _, weight, _ in rows) and sum(amount for *_, amount in rows) != rows[0][1]
    ]
    assert lost == []


def test_each_part_is_what_a_second_arithmetic_says(split: dict[int, list[tuple]]) -> None:
    other = [
        group
        for group, rows in split.items()
        if {key: amount for key, _, _, amount in rows}
        != by_hand(rows[0][1], [(key, weight) for key, _, weight, _ in rows])
    ]
    assert other == []


def test_where_nobody_weighs_nothing_is_split(split: dict[int, list[tuple]]) -> None:
    nobody = [rows for rows in split.values() if not any(weight for _, _, weight, _ in rows)]
    assert nobody and all(amount is None for rows in nobody for *_, amount in rows)


def test_the_cases_reach_every_kind(split: dict[int, list[tuple]]) -> None:
    assert isinstance(cases(), pa.Table)
    totals = [rows[0][1] for rows in split.values()]
    assert min(totals) < 0 < max(totals) and 0 in totals
    assert max(abs(each) for each in totals) > 10**12
    assert {len(rows) for rows in split.values()} >= {1, 2, 3, 7}
