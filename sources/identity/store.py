"""What the person index remembers between runs, under `<home>/identity`: pseudonyms and numbers only.

`state.json` names the current tables and the length of the event log; it is written last, so a killed run leaves the
former state whole. `records`: digest and person of every record; `persons`: every key ever given; `pairs`: levels of
agreement of every compared pair. `events.jsonl` only grows. Not here: clear values (attributes).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
from pyarrow import dataset

from sources.base.files import parquet_dataset, replacing, write_json, write_parquet
from sources.base.home import Home
from sources.identity.comparison import GAMMAS
from sources.identity.persons import Event

RECORDS_SCHEMA = pa.schema(
    [
        ("record_id", pa.int64()),
        ("digest", pa.uint64()),
        ("person_key", pa.string()),
    ]
)
PERSONS_SCHEMA = pa.schema(
    [("key", pa.string()), ("anchor", pa.string()), ("since", pa.int64()), ("into", pa.string())]
)
PAIRS_SCHEMA = pa.schema(
    [("id_l", pa.int64()), ("id_r", pa.int64()), *((name, pa.int8()) for name in GAMMAS)]
)
_TABLES = {"records": RECORDS_SCHEMA, "persons": PERSONS_SCHEMA, "pairs": PAIRS_SCHEMA}


# A remembered table: what was read lies in a file and is streamed, what is to be written is in memory.
Remembered: TypeAlias = pa.Table | dataset.Dataset


@dataclass(frozen=True)
class State:
    """Everything remembered. `fingerprint` tells under which model and keys the pairs were compared."""

    run: int
    events: int
    fingerprint: str
    records: Remembered
    persons: Remembered
    pairs: Remembered


class Store:
    """The remembered state of one home folder."""

    def __init__(self, home: Home) -> None:
        self._folder = home.identity
        self._state = home.identity / "state.json"

    @property
    def event_log(self) -> Path:
        return self._folder / "events.jsonl"

    def read(self) -> State:
        """The last committed state; empty for a home that has none."""
        if not self._state.is_file():
            return State(0, 0, "", **{name: schema.empty_table() for name, schema in _TABLES.items()})
        content = json.loads(self._state.read_text(encoding="utf-8"))
        tables = {name: parquet_dataset(self._folder / content[name]) for name in _TABLES}
        return State(content["run"], content["events"], content["fingerprint"], **tables)

    def write(self, state: State, events: Sequence[Event], model_version: str) -> None:
        """Commit `state` and append `events` after the ones it counts."""
        self._append(state, events, model_version)
        content: dict[str, Any] = {
            "run": state.run,
            "events": state.events + len(events),
            "fingerprint": state.fingerprint,
        }
        for name in _TABLES:
            content[name] = self._write_table(name, getattr(state, name))
        write_json(self._state, content)
        for name in _TABLES:
            for path in self._folder.glob(f"{name}-*.parquet"):
                if path.name != content[name]:
                    path.unlink()

    def _write_table(self, name: str, table: pa.Table) -> str:
        """Write a table under a name made from its content."""
        temporary = self._folder / f"{name}.parquet"
        write_parquet(temporary, table)
        digest = hashlib.sha256(temporary.read_bytes()).hexdigest()[:16]
        temporary.replace(self._folder / f"{name}-{digest}.parquet")
        return f"{name}-{digest}.parquet"

    def _append(self, state: State, events: Sequence[Event], model_version: str) -> None:
        """What a killed run appended without committing goes first."""
        lines = []
        if self.event_log.is_file():
            lines = self.event_log.read_text(encoding="utf-8").splitlines()[: state.events]
        for number, event in enumerate(events, start=len(lines) + 1):
            content = {"seq": number, "run": state.run, "model_version": model_version, **asdict(event)}
            lines.append(json.dumps(content, ensure_ascii=False))
        with replacing(self.event_log) as temporary:
            temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
