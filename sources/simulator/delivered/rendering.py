"""From a frame to the text a vendor would deliver: the mapping file read backwards.

Headers, dictionaries, units, joined columns and wide sheets all come from the county's mapping YAML, so mapping and
files cannot drift apart. What stays here is pure spelling (dates, decimals), told by styles.py.
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.mappings.plan import FeedPlan
from sources.simulator.ground.frames import Frame, Note
from sources.simulator.ground.styles import Style
from sources.simulator.ground.text import digits, from_bytes, join, pick, scaled

_FIRST_DAY = np.datetime64("1880-01-01")
_DAYS = np.append(np.arange(_FIRST_DAY, np.datetime64("2101-01-01")), np.datetime64("9999-12-31"))
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SERIALS = (
    20_000,
    80_000,
)  # outside, a number is not recognised as a date (V06), so a clerk would have typed the date
_SHANGHAI_SECONDS = np.timedelta64(8 * 3_600, "s")
_NULL_TEXT = pa.scalar(None, pa.string())


@dataclass
class TextTable:
    """Delivered text of one feed for all deliverers of one mapping, ordered by deliverer.

    `headers` and `columns` belong together; `kinds` ('text' | 'number' | 'serial') matters to workbooks only.
    `deliverer`, `event` and `fragile` have one entry per line; notes count lines. `owner` maps a contract column to
    the position of its header (first block of a wide sheet), -1 where it is spread over two.
    """

    feed: str
    headers: list[str]
    columns: list[pa.Array]
    kinds: list[str]
    owner: dict[str, int]
    deliverer: np.ndarray
    event: np.ndarray | None
    fragile: np.ndarray | None
    control: np.ndarray | None  # fen of the control column, before anything was damaged
    notes: list[Note] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return len(self.deliverer)


class Spelling:
    """Day and time tables of one style, built once."""

    def __init__(self, style: Style):
        self.style = style
        self._tables: dict[str, pa.Array] = {}

    def dates(self, days: np.ndarray) -> pa.Array:
        """datetime64[D] → text; NaT → null."""
        return self._lookup(f"date/{self.style.date}", days)

    def datetimes(self, times: np.ndarray) -> pa.Array:
        """datetime64[s] → text; NaT → null."""
        if self.style.datetime == "utc":
            times = times - _SHANGHAI_SECONDS
        days = times.astype("datetime64[D]")
        seconds = (times - days.astype("datetime64[s]")).astype(np.int64)
        known = ~np.isnat(times)
        clock = self._clock()
        text = clock.take(pa.array(np.where(known, seconds, 0), mask=~known))
        if self.style.datetime == "java":
            return join(self._lookup("date/java", days), text, self._lookup("date/java year", days))
        if self.style.datetime == "utc":
            return join(self._lookup("date/iso", days), "T", pc.utf8_trim_whitespace(text), "Z")
        return join(self._lookup(f"date/{self.style.datetime}", days), text)

    def hours(self, times: np.ndarray) -> pa.Array:
        """The hour of the day as a plain number (V08)."""
        known = ~np.isnat(times)
        seconds = (times - times.astype("datetime64[D]").astype("datetime64[s]")).astype(np.int64)
        return pa.array(np.where(known, seconds, 0) // 3_600, mask=~known).cast(pa.string())

    def _lookup(self, name: str, days: np.ndarray) -> pa.Array:
        if name not in self._tables:
            self._tables[name] = _day_table(name.split("/")[1])
        known = ~np.isnat(days)
        position = (np.where(known, days, _FIRST_DAY) - _FIRST_DAY).astype(np.int64)
        position = np.where(position >= len(_DAYS), len(_DAYS) - 1, position)
        return self._tables[name].take(pa.array(position, mask=~known))

    def _clock(self) -> pa.Array:
        if "clock" not in self._tables:
            self._tables["clock"] = _clock_table(self.style)
        return self._tables["clock"]


def _day_table(kind: str) -> pa.Array:
    if kind == "serial":
        serial = (_DAYS - np.datetime64("1899-12-30")).astype(np.int64)
        readable = (serial >= _SERIALS[0]) & (serial <= _SERIALS[1])
        return pc.if_else(pa.array(readable), pa.array(serial).cast(pa.string()), _day_table("iso"))
    years = _DAYS.astype("datetime64[Y]").astype(np.int64) + 1970
    months = _DAYS.astype("datetime64[M]").astype(np.int64) % 12 + 1
    days = (_DAYS - _DAYS.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    if kind == "chinese":
        year, month, day = (pa.array(n).cast(pa.string()) for n in (years, months, days))
        return join(year, "年", month, "月", day, "日")
    year, month, day = (
        from_bytes(digits(years, 4)),
        from_bytes(digits(months, 2)),
        from_bytes(digits(days, 2)),
    )
    if kind == "dmy":
        return join(day, month, year, sep="/")
    if kind == "java year":
        return join(" CST ", year)
    if kind == "java":
        weekday = (_DAYS.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
        return join(pick(_WEEKDAYS, weekday), pick(_MONTHS, months - 1), day, sep=" ")
    return join(year, month, day, sep={"compact": "", "iso": "-", "slash": "/"}[kind])


def _clock_table(style: Style) -> pa.Array:
    seconds = np.arange(86_400)
    if style.datetime == "serial":
        fraction = from_bytes(digits(np.round(seconds / 86_400 * 10**10).astype(np.int64), 10))
        return pc.if_else(pa.array(seconds == 0), "", join(".", fraction))
    parts = [from_bytes(digits(n, 2)) for n in (seconds // 3_600, seconds // 60 % 60, seconds % 60)]
    kept = parts if style.time == "seconds" else parts[:2]
    return join(" ", join(*kept, sep=":"))


def render(frame: Frame, plan: FeedPlan, spelling: Spelling, rows: np.ndarray) -> TextTable:
    """Write the chosen rows (indices, ordered by deliverer) of a frame as the vendor of `plan` would."""
    part = _Part(frame, plan, spelling, rows)
    table = part.wide() if plan.feed_mapping.repeat else part.long()
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
        headers, columns, kinds, owner = [], [], [], {}
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

    def wide(self) -> TextTable:
        """One line per leading row (`start` in the counted column); its followers fill the next blocks."""
        repeat = self.plan.feed_mapping.repeat
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
        notes = [Note(np.unique(line_of[n.rows]), n.rule_id, n.gate_rule, n.disposition) for n in long.notes]
        return TextTable(
            feed=long.feed,
            headers=headers,
            columns=columns,
            kinds=kinds,
            owner=owner,
            deliverer=long.deliverer[leaders],
            event=_chosen(long.event, leaders),
            fragile=_chosen(long.fragile, leaders),
            control=None,
            notes=[n for n in notes if len(n.rows)],
        )

    def _values(self, name: str):
        values = self.frame.column(name)
        if values is None:
            return None
        if isinstance(values, np.ndarray):
            return values[self.rows]
        return values.take(pa.array(self.rows))

    def _texts(self, name: str, values) -> tuple[str, list[pa.Array]]:
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

    def _dates(self, name: str, values: np.ndarray, source) -> tuple[str, list[pa.Array]]:
        kind = "serial" if self.spelling.style.date == "serial" else "text"
        if source and source.join == "date_hour":
            return kind, [self.spelling.dates(values.astype("datetime64[D]")), self.spelling.hours(values)]
        if values.dtype == np.dtype("datetime64[D]"):
            return kind, [self.spelling.dates(values)]
        return kind, [self.spelling.datetimes(values.astype("datetime64[s]"))]

    def _numbers(self, name: str, values) -> tuple[str, pa.Array]:
        money = name in self._money()
        if isinstance(values, np.ndarray) or pa.types.is_integer(values.type):
            if money and self.plan.money_unit(name) == "yuan":
                return "number", self._yuan(values)
            text = (
                pa.array(values).cast(pa.string())
                if isinstance(values, np.ndarray)
                else values.cast(pa.string())
            )
            return "number", text
        return "text", values

    def _yuan(self, values) -> pa.Array:
        places = self.spelling.style.places(self.frame.feed)
        array = values if isinstance(values, pa.Array) else pa.array(values)
        text = scaled(array.fill_null(0).to_numpy(zero_copy_only=False), 2)
        if places > 2:
            text = join(text, "0" * (places - 2))
        return pc.if_else(array.is_valid(), text, _NULL_TEXT)

    def _money(self) -> set[str]:
        return {column.name for column in self.plan.contract.columns if column.is_money}

    def _control(self) -> np.ndarray | None:
        name = self.plan.contract.control_money
        values = self._values(name) if name else None
        if values is None:
            return None
        array = values if isinstance(values, pa.Array) else pa.array(values)
        return array.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)

    def _notes(self) -> list[Note]:
        position = np.full(self.frame.rows, -1)
        position[self.rows] = np.arange(len(self.rows))
        notes = [Note(position[n.rows], n.rule_id, n.gate_rule, n.disposition) for n in self.frame.notes]
        notes = [Note(n.rows[n.rows >= 0], n.rule_id, n.gate_rule, n.disposition) for n in notes]
        return [n for n in notes if len(n.rows)]


def _chosen(values: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    return None if values is None else values[rows]


def _backwards(dictionary: dict[str, str], text: pa.Array) -> pa.Array:
    """Contract value → vendor value; the first vendor value of a contract value wins, unknown values stay as they are."""
    inverse: dict[str, str] = {}
    for vendor, contract in dictionary.items():
        inverse.setdefault(contract, vendor)
    position = pc.index_in(text, value_set=pa.array(list(inverse)))
    return pc.coalesce(pa.array(list(inverse.values())).take(position), text)
