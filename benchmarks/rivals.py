"""The same KPIs by ours, in PostgreSQL and in pandas, from the same conformed rows: do they agree, and how long does each take.

Fifteen KPIs over visits, prescriptions, stays, settlements and the insured (rivals_bed.KPIS), from the newest version of every
row to values over every window at every unit. Here: taking turns, agreement, ratios. Not here: how each does it (rivals_bed,
rivals_postgresql, rivals_pandas and what stands beside it).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from adbc_driver_postgresql.dbapi import Connection as PostgreSQL
from duckdb import DuckDBPyConnection as DuckDB

from benchmarks import rivals_bed, rivals_pandas, rivals_pandas_kpis, rivals_postgresql
from benchmarks.rivals_bed import ANSWER, FACTS, KEY, MODELS, STAGES, Bed
from benchmarks.stages import run_demo

SIZES = (20_000, 100_000)
_ROUNDS = 3
# Values are rounded to six places, where a half may fall either way; parts and samples agree to the last digit.
_TOLERANCE = 1.5e-6
_NUMBERS = ANSWER[len(KEY) :]
_VALUES = f"""select {", ".join(KEY)}, {", ".join(f"cast({name} as double precision)" for name in _NUMBERS)}
    from kpi.kpi_value where numerator is not null or denominator is not null"""
_COUNTED = " union all ".join(
    f"select '{model}', count(*) from {'core' if model in FACTS else 'kpi'}.{model}"
    for model in MODELS
    if model not in ("kpi_component", "kpi_value")
)

Numbers = tuple[float | None, ...]


class DisagreementError(Exception):
    """Two of them computed something different: there is nothing to time."""


class Found(NamedTuple):
    """What one of them found, to be compared: rows by model, and numbers of every value by what they are of."""

    rows: dict[str, int]
    values: dict[tuple[str | None, ...], Numbers]


class Turn(NamedTuple):
    """One turn: seconds by stage, and what was found."""

    seconds: dict[str, float]
    found: Found


@dataclass(frozen=True)
class Measured:
    """One of them: seconds to load the rows (none where the conformed files are read as they lie), median seconds by stage."""

    name: str
    load_seconds: float
    seconds: dict[str, float]

    @property
    def all_seconds(self) -> float:
        return sum(self.seconds.values())


@dataclass(frozen=True)
class Rivals:
    """All of them over one county; ours stands first and is what the others are compared with."""

    residents: int
    values: int
    measured: list[Measured]


def measure(residents: int) -> Rivals:
    """Run a county from nothing, then measure over its home."""
    with tempfile.TemporaryDirectory(prefix="yigongti-bench-") as name:
        home, *_ = run_demo(Path(name), residents)
        return measure_home(home, residents)


def measure_home(home: Path, residents: int) -> Rivals:
    """All of them in turn over the conformed rows of a home that was run, `_ROUNDS` times.

    Raises DisagreementError as soon as one finds something else than ours.
    """
    with (
        tempfile.TemporaryDirectory(prefix="yigongti-bench-") as name,
        rivals_postgresql.database() as server,
    ):
        folder = Path(name)
        bed = Bed.made(home, folder)
        given = rivals_pandas.Given.read(bed)
        with bed.opened() as ours, rivals_bed.opened(folder / "loaded.duckdb") as loaded:
            in_tables = [model.elsewhere() for model in bed.models()]
            turns: dict[str, tuple[float, Callable[[], Turn]]] = {
                "ours": (0, lambda: _in_duckdb(ours, bed.models())),
                "ours, loaded": (rivals_bed.load(loaded, bed), lambda: _in_duckdb(loaded, in_tables)),
                "PostgreSQL": (rivals_postgresql.load(server, bed), lambda: _in_postgresql(server, bed)),
                "pandas": (0, lambda: _in_pandas(given, folder)),
            }
            return _taken(turns, residents)


def _taken(turns: dict[str, tuple[float, Callable[[], Turn]]], residents: int) -> Rivals:
    taken: dict[str, list[Turn]] = {name: [] for name in turns}
    for _ in range(_ROUNDS):
        for name, (_, turn) in turns.items():
            taken[name].append(turn())
            _agree(name, taken["ours"][0].found, taken[name][-1].found)
    return Rivals(
        residents,
        len(taken["ours"][0].found.values),
        [Measured(name, load, _medians(taken[name])) for name, (load, _) in turns.items()],
    )


def _medians(turns: list[Turn]) -> dict[str, float]:
    return {stage: median(turn.seconds[stage] for turn in turns) for stage in STAGES}


def _in_duckdb(con: DuckDB, models: list[rivals_bed.Model]) -> Turn:
    seconds = rivals_bed.by_stage(rivals_bed.run(con, models))
    return Turn(seconds, _found(con.execute(_COUNTED).fetchall(), con.execute(_VALUES).fetchall()))


def _in_postgresql(con: PostgreSQL, bed: Bed) -> Turn:
    seconds = rivals_bed.by_stage(rivals_postgresql.run(con, bed))
    counted, values = (rivals_postgresql.asked(con, query) for query in (_COUNTED, _VALUES))
    return Turn(seconds, _found(counted, values))


def _in_pandas(given: rivals_pandas.Given, folder: Path) -> Turn:
    made, seconds = rivals_pandas_kpis.run(given, folder)
    values = made["kpi_value"].astype(object).itertuples(index=False, name=None)
    return Turn(seconds, _found(((name, len(rows)) for name, rows in made.items()), values))


def _found(counted: Iterable[tuple], values: Iterable[tuple]) -> Found:
    by_key = {tuple(map(_said, row[: len(KEY)])): tuple(map(_said, row[len(KEY) :])) for row in values}
    return Found(dict(counted), by_key)


def _said(value: Any) -> Any:
    """A number pandas does not have is not equal to itself, a text it does not have is a thing of its own."""
    return value if isinstance(value, str) or (isinstance(value, float | int) and value == value) else None


def _agree(name: str, ours: Found, theirs: Found) -> None:
    """Same rows of every fact and evidence, same values with the same parts."""
    for model, rows in ours.rows.items():
        if rows != theirs.rows[model]:
            raise DisagreementError(f"{name}: {model} has {theirs.rows[model]} rows, ours {rows}")
    for key in ours.values.keys() | theirs.values.keys():
        mine, other = ours.values.get(key), theirs.values.get(key)
        if mine is None or other is None or not all(map(_is_same, _NUMBERS, mine, other)):
            raise DisagreementError(f"{name}: {key} is {other}, ours {mine}")


def _is_same(column: str, mine: float | None, other: float | None) -> bool:
    if mine is None or other is None:
        return mine is other
    return abs(mine - other) <= (_TOLERANCE if column == "value" else 0)
