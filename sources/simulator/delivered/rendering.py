"""From a frame to the text a vendor would deliver: the mapping file read backwards.

Headers, dictionaries, units, joined columns and wide sheets all come from the county's mapping YAML, so mapping and
files cannot drift apart. Belongs here: what a cell says. Not here: how days and times are spelt (spelling.py), the bytes
of a file (formats.py).
"""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.mappings.language import ColumnSource, Repeat
from sources.mappings.plan import FeedPlan
from sources.simulator.delivered.spelling import Spelling
from sources.simulator.ground.frames import Frame, Note
from sources.simulator.ground.text import join, scaled

Values: TypeAlias = np.ndarray | pa.Array
_NULL_TEXT = pa.scalar(None, pa.string())


@dataclass
class TextTable:
    """Delivered text of one feed for all deliverers of one mapping, ordered by deliverer.

    `headers` and `columns` belong together; `kinds` ('text' | 'number' | 'serial') matters to workbooks only.
    `deliverer`, `event` and `fragile` have one entry per line; notes count lines. `owner` maps a contract column to
    the position of its header (first block of a wide sheet), -1 where it is spread over two. `control` is the fen of
    the control column, before anything was damaged.
    """

    feed: str
    headers: list[str]
    columns: list[pa.Array]
    kinds: list[str]
    owner: dict[str, int]
    deliverer: np.ndarray
    event: np.ndarray | None
    fragile: np.ndarray | None
    control: np.ndarray | None
    notes: list[Note] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return len(self.deliverer)


def render(frame: Frame, plan: FeedPlan, spelling: Spelling, rows: np.ndarray) -> TextTable:
    """Write the chosen rows (indices, ordered by deliverer) of a frame as the vendor of `plan` would."""
    part = _Part(frame, plan, spelling, rows)
    repeat = plan.feed_mapping.repeat
    table = part.wide(repeat) if repeat else part.long()
    for header in () if plan.feed_mapping.is_database else plan.feed_mapping.ignore:
        table.headers.append(header)
        table.columns.append(pa.array(["1"] * table.lines, pa.string()))
        table.kinds.append("text")
    return table


class _Part:
    """The rows of a frame that one mapping delivers."""

    def __init__(self, frame: Frame, plan: FeedPlan, spelling: Spelling, rows: np.ndarray):
        self.frame, self.plan, self.spelling, self.rows = frame, plan, spelling, rows

    def long(self) -> TextTable:
        headers: list[str] = []
        columns: list[pa.Array] = []
        kinds: list[str] = []
        owner: dict[str, int] = {}
        for name, source in self.plan.columns.items():
            if source.const is not None:
                continue
            values = self._values(name)
            kind, texts = self._texts(name, values)
            owner[name] = len(headers) if len(source.from_) == 1 else -1
            headers += source.from_
            columns += texts
            kinds += [kind] * len(texts)
        return TextTable(
            feed=self.frame.feed,
            headers=headers,
            columns=columns,
            kinds=kinds,
            owner=owner,
            deliverer=self.frame.deliverer[self.rows],
            event=_chosen(self.frame.event, self.rows),
            fragile=_chosen(self.frame.fragile, self.rows),
            control=self._control(),
            notes=self._notes(),
        )

    def wide(self, repeat: Repeat) -> TextTable:
        """One line per leading row (`start` in the counted column); its followers fill the next blocks."""
        assert repeat.into is not None, "the simulator's own mappings number their blocks"
        long = self.long()
        counted = np.asarray(self._values(repeat.into)) - repeat.start
        leaders = np.flatnonzero(counted == 0)
        line_of = np.searchsorted(leaders, np.arange(len(self.rows)), side="right") - 1
        headers, kinds = list(long.headers), list(long.kinds)
        columns = [column.take(pa.array(leaders)) for column in long.columns]
        owner = dict(long.owner)
        for number, block in enumerate(repeat.expanded):
            source = np.full(len(leaders), -1)
            here = np.flatnonzero(counted == number)
            source[line_of[here]] = here
            for name, header in block.items():
                kind, (text,) = self._texts(name, self._values(name))
                owner.setdefault(name, len(headers))
                headers.append(header)
                kinds.append(kind)
                columns.append(text.take(pa.array(source, mask=source < 0)))
        return replace(
            long,
            headers=headers,
            columns=columns,
            kinds=kinds,
            owner=owner,
            deliverer=long.deliverer[leaders],
            event=_chosen(long.event, leaders),
            fragile=_chosen(long.fragile, leaders),
            control=None,
            notes=[note.at(np.unique(line_of[note.rows])) for note in long.notes],
        )

    def _values(self, name: str) -> Values | None:
        values = self.frame.column(name)
        if values is None:
            return None
        if isinstance(values, np.ndarray):
            return values[self.rows]
        return values.take(pa.array(self.rows))

    def _texts(self, name: str, values: Values | None) -> tuple[str, list[pa.Array]]:
        """The delivered text of one contract column: one array per header, and what a workbook cell would hold."""
        source = self.plan.columns.get(name)
        size = len(self.rows)
        if values is None:
            return "text", [pa.nulls(size, pa.string())] * (len(source.from_) if source else 1)
        if isinstance(values, np.ndarray) and values.dtype.kind == "M":
            return self._dates(name, values, source)
        kind, text = self._numbers(name, values)
        if self.spelling.style.short_codes:
            text = self._national(name, text)
        if source and source.dictionary:
            text = _backwards(self.plan.mapping.dictionaries[source.dictionary], text)
        return kind, [text]

    def _national(self, name: str, text: pa.Array) -> pa.Array:
        """Diagnoses by the national standard: three characters, or four where the fourth says something."""
        column = self.plan.contract.columns_by_name.get(name)
        if name == "code_ver":
            return pc.if_else(pc.is_valid(text), "GB", text)
        if column is None or column.terminology != "diagnosis" or name.endswith("_nhsa"):
            return text
        return pc.replace_substring_regex(text, r"^([A-Z]\d\d)(?:\.x\w*|(\.\d)\w*)$", r"\1\2")

    def _dates(
        self, name: str, values: np.ndarray, source: ColumnSource | None
    ) -> tuple[str, list[pa.Array]]:
        kind = "serial" if self.spelling.style.date == "serial" else "text"
        if source and source.join == "date_hour":
            return kind, [self.spelling.dates(values.astype("datetime64[D]")), self.spelling.hours(values)]
        if values.dtype == np.dtype("datetime64[D]"):
            return kind, [self.spelling.dates(values)]
        return kind, [self.spelling.datetimes(values.astype("datetime64[s]"))]

    def _numbers(self, name: str, values: Values) -> tuple[str, pa.Array]:
        column = self.plan.contract.columns_by_name.get(name)
        if isinstance(values, np.ndarray) or pa.types.is_integer(values.type):
            if column and column.is_money and self.plan.money_unit(name) == "yuan":
                return "number", self._yuan(values)
            array = values if isinstance(values, pa.Array) else pa.array(values)
            return "number", array.cast(pa.string())
        return "text", values

    def _yuan(self, values: Values) -> pa.Array:
        places = self.spelling.style.places(self.frame.feed)
        array = values if isinstance(values, pa.Array) else pa.array(values)
        text = scaled(_numbers(array), 2)
        if places > 2:
            text = join(text, "0" * (places - 2))
        return pc.if_else(array.is_valid(), text, _NULL_TEXT)

    def _control(self) -> np.ndarray | None:
        name = self.plan.contract.control_money
        values = self._values(name) if name else None
        if values is None:
            return None
        return _numbers(values if isinstance(values, pa.Array) else pa.array(values))

    def _notes(self) -> list[Note]:
        position = np.full(self.frame.rows, -1)
        position[self.rows] = np.arange(len(self.rows))
        told = [(note, position[note.rows]) for note in self.frame.notes]
        return [note.at(lines[lines >= 0]) for note, lines in told if (lines >= 0).any()]


def _numbers(array: pa.Array) -> np.ndarray:
    """Integers, 0 for null."""
    return array.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)


def _chosen(values: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    return None if values is None else values[rows]


def _backwards(dictionary: dict[str, str], text: pa.Array) -> pa.Array:
    """Contract value → vendor value; the first vendor value of a contract value wins, unknown values stay as they are."""
    inverse: dict[str, str] = {}
    for vendor, contract in dictionary.items():
        inverse.setdefault(contract, vendor)
    position = pc.index_in(text, value_set=pa.array(list(inverse)))
    return pc.coalesce(pa.array(list(inverse.values())).take(position), text)
