"""A frame: the true rows of one feed in one month, in contract columns and contract units, not yet anyone's file.

Columns are numpy arrays, pyarrow arrays or one constant for all rows. A frame says who delivers each row, which true
event a row tells of, and which rows carry something that belongs into the defect log. Not here: how a vendor writes a
cell (delivered/).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

PLATFORM = -1  # deliverer of what no institution delivers itself


@dataclass(frozen=True)
class Note:
    """Rows of a frame that deserve a line in truth/defect.csv."""

    rows: np.ndarray
    rule_id: str  # V01 … V40 of the feed specification
    gate_rule: str = ""  # the rule of conforming that must notice it, '' when nothing has to
    disposition: str = "harmless"  # quarantined | duplicate | nulled | marked | harmless | late

    @classmethod
    def where(
        cls, mask: np.ndarray, rule_id: str, gate_rule: str = "", disposition: str = "harmless"
    ) -> "Note":
        """The rows at which the mask is true."""
        return cls(np.flatnonzero(mask), rule_id, gate_rule, disposition)

    def at(self, rows: np.ndarray) -> "Note":
        """The same about other rows."""
        return replace(self, rows=rows)


@dataclass(frozen=True)
class Mark:
    """Rows of a frame that are part of an injected anomaly and deserve a line each in truth/anomaly.csv."""

    rows: np.ndarray
    kind: str
    institution: np.ndarray  # index of the institution it is about, per row
    description: str

    @classmethod
    def where(cls, mask: np.ndarray, kind: str, institution: np.ndarray, description: str) -> "Mark":
        """The rows at which the mask is true; `institution` has one entry per row of the frame."""
        rows = np.flatnonzero(mask)
        return cls(rows, kind, institution[rows], description)


@dataclass
class Frame:
    """`deliverer` holds institution indices or PLATFORM. `event` numbers the true events of `subject` in the diary.

    `fragile` marks rows whose loss has consequences elsewhere: never destroyed by a defect. Notes and marks about no
    row are forgotten.
    """

    feed: str
    rows: int
    deliverer: np.ndarray
    columns: dict[str, Any]
    event: np.ndarray | None = None
    subject: str = ""
    fragile: np.ndarray | None = None
    notes: list[Note] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        """What belongs to an anomaly must arrive; who counts events says in which subject of the diary."""
        assert (self.event is None) == (not self.subject), self.feed
        self.notes = [note for note in self.notes if len(note.rows)]
        self.marks = [mark for mark in self.marks if len(mark.rows)]
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


def platform_frame(
    feed: str,
    rows: int,
    columns: dict[str, Any],
    notes: Sequence[Note] = (),
    marks: Sequence[Mark] = (),
    event: np.ndarray | None = None,
    subject: str = "",
) -> Frame:
    """Rows that a platform or the alliance's office delivers for everyone."""
    return Frame(
        feed,
        rows,
        np.full(rows, PLATFORM),
        columns,
        event=event,
        subject=subject,
        notes=list(notes),
        marks=list(marks),
    )


def stack(frames: list[Frame]) -> Frame:
    """Put frames of one feed and the same columns on top of each other (numpy and pyarrow columns alike)."""
    first = frames[0]
    offsets = np.cumsum([0, *[f.rows for f in frames]])
    moved = list(zip(frames, offsets[:-1], strict=True))
    return Frame(
        feed=first.feed,
        rows=int(offsets[-1]),
        deliverer=np.concatenate([f.deliverer for f in frames]),
        columns={name: _stack_column([f.column(name) for f in frames]) for name in first.columns},
        event=_stack_optional([f.event for f in frames]),
        subject=first.subject,
        fragile=_stack_optional([f.fragile for f in frames]),
        notes=[note.at(note.rows + offset) for frame, offset in moved for note in frame.notes],
        marks=[replace(mark, rows=mark.rows + offset) for frame, offset in moved for mark in frame.marks],
    )


def _stack_optional(parts: list[np.ndarray | None]) -> np.ndarray | None:
    """None where no frame has one."""
    known = [part for part in parts if part is not None]
    assert len(known) in (0, len(parts)), "frames of one feed all have it or none has"
    return np.concatenate(known) if known else None


def _stack_column(parts: list[Any]) -> Any:
    if all(isinstance(p, np.ndarray) for p in parts):
        return np.concatenate(parts)
    return pa.concat_arrays([p if isinstance(p, pa.Array) else pa.array(p) for p in parts])
