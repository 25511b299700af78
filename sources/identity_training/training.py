"""`make identity-model`: estimate the weights of the model from simulated registers whose persons are known.

m is the share of each level among pairs of one person, u among random pairs of two persons; Splink compares both. With
known persons this counting is the maximum-likelihood estimate, no expectation-maximisation is needed. The seed is
fixed: the same code gives the same file. Not here: the levels (comparison), the registers (rehearsal).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

import sources.identity
from sources.county.identity_settings import IdentitySettings
from sources.identity import records
from sources.identity.clear import compared_pairs
from sources.identity.comparison import COMPARISONS
from sources.identity.engines import private_connection
from sources.identity.rows import Held, unlock
from sources.identity_training.rehearsal import Rehearsal, rehearse

SEED, RECORDS, RANDOM_PAIRS = 20_250_101, 60_000, 2_000_000
MODEL_VERSION = "1"
# A level never seen still may occur: it is counted as half a pair.
_UNSEEN = 0.5
_PLACES = 10


def train(size: int = RECORDS, random_pairs: int = RANDOM_PAIRS, seed: int = SEED) -> dict[str, Any]:
    """The model as `model.json` holds it."""
    rehearsal = rehearse(size, seed)
    with private_connection() as connection:
        rows = load(connection, rehearsal.attributes, IdentitySettings(), b"training")
        same, other = _pairs(connection, rehearsal, random_pairs, np.random.default_rng(seed))
        m, u = (_shares(_compared(connection, rows, pairs)) for pairs in (same, other))
    levels = {
        comparison.name: {
            level.name: {"m": m[comparison.name][level.name], "u": u[comparison.name][level.name]}
            for level in comparison.levels
        }
        for comparison in COMPARISONS
    }
    return {
        "version": MODEL_VERSION,
        "trained_on": {"records": size, "random_pairs": random_pairs, "seed": seed},
        "matches_per_record": round(2 * len(same) / size, 2),
        "comparisons": levels,
    }


def load(
    connection: duckdb.DuckDBPyConnection, attributes: pa.Table, settings: IdentitySettings, secret: bytes
) -> Held:
    """Table `record` of attributes alone, without any record that only other feeds name; the rows it was made of."""
    rows = Held(attributes, secret)
    unlock(connection, secret)
    records.load(connection, rows, records.KEYS_OF_ROWS, settings)
    return rows


def _pairs(
    connection: duckdb.DuckDBPyConnection, rehearsal: Rehearsal, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of one person, and random pairs of two, as record ids."""
    ids = np.array([int(key[:15], 16) for key in rehearsal.attributes.column("local_key").to_pylist()])
    connection.register("labelled", pa.table({"record_id": ids, "person": rehearsal.person}))
    same = connection.execute("""
        select l.record_id, r.record_id from labelled as l join labelled as r using (person)
        where l.record_id < r.record_id order by 1, 2
    """).fetchnumpy()
    drawn = rng.integers(0, len(ids), (count, 2))
    drawn = drawn[rehearsal.person[drawn[:, 0]] != rehearsal.person[drawn[:, 1]]]
    other = np.unique(np.sort(ids[drawn], axis=1), axis=0)
    return np.column_stack(list(same.values())), other


def _compared(connection: duckdb.DuckDBPyConnection, rows: Held, pairs: np.ndarray) -> pa.Table:
    connection.register("drawn", pa.table({"id_l": pairs[:, 0], "id_r": pairs[:, 1]}))
    connection.execute("create or replace temp table pair as from drawn")
    return pa.concat_tables(compared_pairs(connection, rows, {}, 0.5))


def _shares(compared: pa.Table) -> dict[str, dict[str, float]]:
    """Share of each level of each comparison among the pairs where both sides are known."""
    shares = {}
    for comparison in COMPARISONS:
        gamma = compared.column(f"gamma_{comparison.name}").to_numpy()
        counts = {
            level.name: int((gamma == comparison.gamma(level.name)).sum()) for level in comparison.levels
        }
        total = sum(counts.values()) + _UNSEEN * len(counts)
        shares[comparison.name] = {
            name: round((count + _UNSEEN) / total, _PLACES) for name, count in counts.items()
        }
    return shares


def main() -> None:
    path = Path(sources.identity.__file__).with_name("model.json")
    path.write_text(json.dumps(train(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
