"""A frame: the true rows of one feed in one month, in contract columns and contract units, not yet anyone's file.

Columns are numpy arrays, pyarrow arrays or one constant for all rows. A frame says who delivers each row, which true
event a row tells of, and which rows carry something that belongs into the defect log.
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Note:
    """Rows of a frame that deserve a line in truth/defect.csv."""

    rows: np.ndarray
    rule_id: str  # V01 … V40 of the feed specification
    gate_rule: str  # the rule of conforming that must notice it, '' when nothing has to
    disposition: str  # quarantined | duplicate | nulled | marked | harmless | late


@dataclass(frozen=True)
class Mark:
    """Rows of a frame that are part of an injected anomaly and deserve a line each in truth/anomaly.csv."""

    rows: np.ndarray
    kind: str
    institution: np.ndarray  # index of the institution it is about, per row
    description: str


@dataclass
class Frame:
    """`deliverer` holds institution indices, or -1 for a platform. `event` numbers the true events of `subject`."""

    feed: str
    rows: int
    deliverer: np.ndarray
    columns: dict
    event: np.ndarray | None = None
    fragile: np.ndarray | None = (
        None  # rows whose loss has consequences elsewhere: never destroyed by a defect
    )
    notes: list[Note] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        """What belongs to an anomaly must arrive."""
        for mark in self.marks:
            fragile = np.zeros(self.rows, bool) if self.fragile is None else self.fragile.copy()
            fragile[mark.rows] = True
            self.fragile = fragile

    def column(self, name: str) -> np.ndarray | pa.Array | None:
        """The column with one entry per row; None when the frame does not have it."""
        value = self.columns.get(name)
        if value is None or isinstance(value, np.ndarray | pa.Array | pa.ChunkedArray):
            return value
        if isinstance(value, str):
            return pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(self.rows, np.int32)), pa.array([value])
            ).cast(pa.string())
        return np.full(self.rows, value)


def stack(frames: list[Frame]) -> Frame:
    """Put frames of one feed and the same columns on top of each other (numpy and pyarrow columns alike)."""
    first = frames[0]
    offsets = np.cumsum([0, *[f.rows for f in frames]])
    notes = [
        Note(n.rows + int(offset), n.rule_id, n.gate_rule, n.disposition)
        for f, offset in zip(frames, offsets[:-1], strict=True)
        for n in f.notes
    ]
    marks = [
        Mark(k.rows + int(offset), k.kind, k.institution, k.description)
        for f, offset in zip(frames, offsets[:-1], strict=True)
        for k in f.marks
    ]
    return Frame(
        feed=first.feed,
        rows=int(offsets[-1]),
        deliverer=np.concatenate([f.deliverer for f in frames]),
        columns={name: _stack_column([f.column(name) for f in frames]) for name in first.columns},
        event=None if first.event is None else np.concatenate([f.event for f in frames]),
        fragile=None if first.fragile is None else np.concatenate([f.fragile for f in frames]),
        notes=notes,
        marks=marks,
    )


def _stack_column(parts: list):
    if all(isinstance(p, np.ndarray) for p in parts):
        return np.concatenate(parts)
    return pa.concat_arrays([p if isinstance(p, pa.Array) else pa.array(p) for p in parts])
