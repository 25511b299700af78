"""Generated splits of money, and the macro's text for an engine: for DuckDB here, for Spark in tests/parity.

Not here: what is expected of them (test_money).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from tests.dbt_project.conftest import Dbt

GROUPS = 120_000
_SEED = 20_251_130


def cases(groups: int = GROUPS) -> pa.Table:
    """Rows g, k, total, weight: totals of all sizes and both signs, weights that tie, that are 0, that are huge."""
    rng = random.Random(_SEED)
    columns: dict[str, list] = {"g": [], "k": [], "total": [], "weight": []}
    for group in range(groups):
        total = rng.choice((-1, 1, 1, 1)) * rng.randrange(10 ** rng.randrange(0, 14))
        largest = rng.choice((1, 3, 10, 10**6, 10**12))
        alike = rng.random() < 0.2
        weight = rng.randrange(largest + 1)
        for member in range(rng.choice((1, 2, 3, 3, 4, 7))):
            columns["g"].append(group)
            columns["k"].append(f"k{member}")
            columns["total"].append(total)
            columns["weight"].append(weight if alike else rng.randrange(largest + 1))
    return pa.table({**columns, "total": pa.array(columns["total"], pa.int64()), "weight": pa.array(columns["weight"], pa.int64())})


def statement(dbt: Dbt, target: str) -> str:
    """What split_exactly writes for that engine, over a relation `cases`."""
    text = "{{ split_exactly('cases', ['g'], ['k'], 'total', 'weight') }}"
    result = dbt.run("compile", "--inline", text, "--target", target)
    assert result.success, result.exception
    return result.result[0].node.compiled_code
