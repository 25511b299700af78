"""Records of people written by hand, and what linking makes of rehearsed ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from sources.base.home import Home
from sources.county.identity_settings import IdentitySettings
from sources.identity import linking, names
from sources.identity.engines import private_connection
from sources.identity.linking import Linked
from sources.identity.rows import ATTRIBUTES_SCHEMA
from sources.identity.store import State, Store
from sources.identity_training import training
from sources.identity_training.rehearsal import Rehearsal

SETTINGS = IdentitySettings()


def local_key(label: str) -> str:
    """Something that looks like a pseudonym."""
    return blake2b(label.encode(), digest_size=16).hexdigest()


def record(label: str, written: str | None, card: str | None = None, **more: Any) -> dict[str, Any]:
    """One register entry. `card` is an own card unless card_status says otherwise."""
    read = names.columns(pa.chunked_array([pa.array([written], pa.string())])) if written else {}
    row = dict.fromkeys(ATTRIBUTES_SCHEMA.names) | {
        "key_type": "patient",
        "local_key": local_key(label),
        "card": card,
        "card_status": "valid" if card else "missing",
        "sex": "2",
        "birth": date(1984, 3, 17),
        "division": "340621104203",
        "is_test": False,
        "source_line": 2,
    }
    row |= {name: column[0].as_py() for name, column in read.items()} | more
    return row | {"id_card_key": local_key(row["card"]) if row["card_status"] == "valid" else None}


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), ATTRIBUTES_SCHEMA)


def empty_state() -> State:
    return Store(Home("/nowhere")).read()


def link(
    attributes: pa.Table,
    state: State | None = None,
    settings: IdentitySettings = SETTINGS,
    decisions: dict[str, str] | None = None,
) -> Linked:
    """Link these rows and nothing else."""
    with private_connection() as connection:
        rows = training.load(connection, attributes, settings, b"secret of the tests")
        return linking.link(connection, rows, state or empty_state(), settings, decisions or {})


def partition(linked: Linked) -> list[list[str]]:
    """The people as sorted groups of local keys."""
    groups: dict[int, list[str]] = {}
    for key, person in zip(
        linked.records.column("local_key").to_pylist(),
        linked.records.column("cluster").to_pylist(),
        strict=True,
    ):
        groups.setdefault(person, []).append(key)
    return sorted(sorted(group) for group in groups.values())


def together(linked: Linked, *labels: str) -> bool:
    """Are these records one person?"""
    wanted = {local_key(label) for label in labels}
    return any(wanted <= set(group) for group in partition(linked))


@dataclass(frozen=True)
class Measured:
    """Pairwise counts: pairs found that are right, pairs found, pairs that are there."""

    right: int
    found: int
    there: int


def measure(linked: Linked, rehearsal: Rehearsal) -> Measured:
    """Pairs of records put together, held against the persons they were written for."""
    ids = np.array([int(key[:15], 16) for key in rehearsal.attributes.column("local_key").to_pylist()])
    truth = rehearsal.person[np.argsort(ids)]
    found = np.asarray(linked.records.column("cluster"))
    return Measured(_pairs(truth * (len(found) + 1) + found), _pairs(found), _pairs(truth))


def _pairs(label: np.ndarray) -> int:
    count = np.unique(label, return_counts=True)[1].astype(np.int64)
    return int((count * (count - 1) // 2).sum())
