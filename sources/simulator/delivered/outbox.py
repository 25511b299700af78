"""The outbox: frames of a month become the files of every deliverer, and the defect log says what is wrong where.

Not here: what a file holds (rendering.py, formats.py) and what is spoilt in it (defects.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from sources.simulator.delivered.defects import Damaged, damage, untouched
from sources.simulator.delivered.formats import WRITERS, csv_bytes, csv_lines, workbook_bytes
from sources.simulator.delivered.rendering import TextTable, render
from sources.simulator.delivered.vendor_database import VendorDatabase
from sources.simulator.delivered.vendors import Vendor, vendors_of
from sources.simulator.delivered.writing import ControlFile, save
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.styles import Style
from sources.simulator.state.anomalies import anomaly_rows

LOG_COLUMNS = (
    "feed", "institution_id", "file", "line", "rule_id", "anomaly_id", "gate_rule", "disposition", "month"
)  # fmt: skip
_SAVED_BY_HAND = ("vendor_b", "his_op_visit")
_SENT_LATE, _DAYS_LATE = ("vendor_b", "his_satisfaction"), 9


@dataclass
class Segment:
    """The lines of one deliverer within a table: `order` in file order, duplicates from `originals` on."""

    deliverer: str
    order: np.ndarray
    originals: int
    page: int  # lines at the end that repeat a page
    start: int  # first line of the table that belongs to the deliverer


@dataclass(frozen=True)
class Delivery:
    """What came of one feed from one deliverer (index of the institution, or PLATFORM) for a month."""

    deliverer: int
    month: int
    rows: int  # without those told twice
    rejected: int
    late: bool


@dataclass
class Parcel:
    """What one vendor's deliverers send this month besides single files: control files and sheets of workbooks."""

    control: dict[str, ControlFile]  # deliverer →
    sheets: dict[str, list[tuple[str, TextTable, np.ndarray]]]  # file → (sheet, table, order)


class Outbox:
    """Writes `inbox/` of a county folder month by month and collects the rows of truth/defect.csv."""

    def __init__(self, directory: Path, county: Path, layout: Layout, seed: int, defects: bool):
        self.directory, self.layout, self.seed, self.defects = directory, layout, seed, defects
        self.vendors = vendors_of(county, layout)
        self.log: list[tuple] = []
        self.anomalies: list[tuple] = []
        self.deliveries: list[Delivery] = []
        self.databases = {
            row["institution"]: VendorDatabase(directory.parent / row["database"]["sqlite"])
            for row in layout.text["deliveries"]
            if "sqlite" in row.get("database", {})
        }

    def deliver(self, month: CalendarMonth, frames: dict[str, Frame]) -> list[tuple[str, np.ndarray]]:
        """Write all files of the month; return the numbers of lost events by subject of the diary."""
        for feed in sorted(frames):
            self.anomalies += anomaly_rows(month, frames[feed], self.layout.code_list())
        lost = []
        for vendor in self.vendors:
            codes = [code for _, code in vendor.deliverers if code not in self.databases]
            parcel = Parcel({code: ControlFile() for code in codes}, {})
            for feed in vendor.mapping.feeds:
                table, damaged = self._prepared(month, vendor, frames[feed])
                if len(damaged.lost):
                    lost.append((frames[feed].subject, damaged.lost))
                rejected = self._write(month, vendor, table, damaged, parcel)
                self._remember(month, vendor, frames[feed], rejected)
            self._send(month, parcel)
        return lost

    def close(self, month: CalendarMonth) -> None:
        """The last month is delivered: close the databases."""
        for database in self.databases.values():
            database.close(month)

    def _prepared(self, month: CalendarMonth, vendor: Vendor, frame: Frame) -> tuple[TextTable, Damaged]:
        """The frame's rows that this vendor delivers, as text, damaged or not."""
        numbers = np.array([n for n, _ in vendor.deliverers])
        rows = np.flatnonzero(np.isin(frame.deliverer, numbers))
        rows = rows[np.argsort(frame.deliverer[rows], kind="stable")]
        table = render(frame, vendor.plan(frame.feed), vendor.spelling, rows)
        if not self.defects:
            return table, untouched()
        times = {name: column[rows] for name, column in _times(frame)}
        medium = vendor.place(frame.feed).medium
        return table, damage(self.seed, month, vendor.name, table, times, vendor.style, medium)

    def _write(
        self, month: CalendarMonth, vendor: Vendor, table: TextTable, damaged: Damaged, parcel: Parcel
    ) -> dict[str, int]:
        """Write what each deliverer sends; return how many of its lines are to be rejected."""
        place = vendor.place(table.feed)
        segments = list(_segments(table, damaged, vendor.deliverers))
        if place.medium == "database":
            for segment in segments:
                self.databases[segment.deliverer].add(place.table, table, segment.order, month)
        elif place.medium == "text":
            lines = _broken(csv_lines(table, vendor.style), damaged, vendor.style)
            for segment in segments:
                style = self._style(month, vendor, table.feed, segment.deliverer)
                data = csv_bytes(table, style, lines, segment.order)
                late = self._days_late(month, vendor, table.feed, segment.deliverer)
                save(self.directory / place.file(segment.deliverer, month), data, month, late)
        elif place.medium == "sheet":
            for segment in segments:
                sheets = parcel.sheets.setdefault(place.file(segment.deliverer, month), [])
                sheets.append((place.sheet, table, segment.order))
        else:
            for segment in segments:
                data = WRITERS[place.medium](table, segment.order)
                save(self.directory / place.file(segment.deliverer, month), data, month)
        for segment in segments:
            if place.medium != "database":
                file = place.file(segment.deliverer, month)
                parcel.control[segment.deliverer].add(file, place.sheet, table, segment.order)
        return {segment.deliverer: self._note(month, vendor, table, segment) for segment in segments}

    def _remember(self, month: CalendarMonth, vendor: Vendor, frame: Frame, rejected: dict[str, int]) -> None:
        """Rows are those of the frame: a line may hold several side by side."""
        for number, code in vendor.deliverers:
            rows = int((frame.deliverer == number).sum())
            late = self._days_late(month, vendor, frame.feed, code) > 0
            self.deliveries.append(Delivery(number, month.number, rows, rejected[code], late))

    def _days_late(self, month: CalendarMonth, vendor: Vendor, feed: str, deliverer: str) -> int:
        """Of one feed one deliverer a month is late."""
        own = [code for _, code in vendor.deliverers]
        late = (
            self.defects and (vendor.name, feed) == _SENT_LATE and deliverer == own[month.number % len(own)]
        )
        return _DAYS_LATE if late else 0

    def _style(self, month: CalendarMonth, vendor: Vendor, feed: str, deliverer: str) -> Style:
        """The vendor's style; one file a month was saved by hand in the encoding of the clerk's computer (V04)."""
        own = [code for _, code in vendor.deliverers]
        by_hand = self.defects and (vendor.name, feed) == _SAVED_BY_HAND
        odd = by_hand and deliverer == own[month.number % len(own)]
        return replace(vendor.style, encoding="gb18030") if odd else vendor.style

    def _send(self, month: CalendarMonth, parcel: Parcel) -> None:
        for file, sheets in parcel.sheets.items():
            save(self.directory / file, workbook_bytes(sheets), month)
        for code, control in parcel.control.items():
            save(self.directory / code / month.name / "control.csv", control.text(), month)

    def _note(self, month: CalendarMonth, vendor: Vendor, table: TextTable, segment: Segment) -> int:
        """Log notes and duplicates of one deliverer with file and line; return how many lines are to be rejected."""
        place, start = vendor.place(table.feed), segment.start
        file, first = place.file(segment.deliverer, month), place.first_line
        entries = [
            (int(row) - start + first, note.rule_id, note.gate_rule, note.disposition)
            for note in table.notes
            for row in note.rows
            if start <= row < start + segment.originals
        ]
        paged = len(segment.order) - segment.page
        entries += [
            (position + first, "V35" if position >= paged else "V12", "DUPLICATE_ROW", "duplicate")
            for position in range(segment.originals, len(segment.order))
        ]
        if self._style(month, vendor, table.feed, segment.deliverer) != vendor.style:
            entries.append((1, "V04", "", "harmless"))
        for line, rule, gate, disposition in sorted(entries):
            anomaly = f"D{len(self.log) + 1:07d}"
            self.log.append(
                (table.feed, segment.deliverer, file, line, rule, anomaly, gate, disposition, month.name)
            )
        return len({line for line, _, _, disposition in entries if disposition == "quarantined"})


def _times(frame: Frame) -> Iterator[tuple[str, np.ndarray]]:
    """The columns of days and times."""
    for name in frame.columns:
        column = frame.column(name)
        if isinstance(column, np.ndarray) and column.dtype.kind == "M":
            yield name, column


def _segments(table: TextTable, damaged: Damaged, deliverers: list[tuple[int, str]]) -> Iterator[Segment]:
    """Cut the table by deliverer; a deliverer without rows still delivers an empty file."""
    for number, code in deliverers:
        start, stop = np.searchsorted(table.deliverer, [number, number + 1])
        again, page = (rows[(rows >= start) & (rows < stop)] for rows in (damaged.duplicates, damaged.page))
        order = np.concatenate([np.arange(start, stop), again, page])
        yield Segment(code, order, int(stop - start), len(page), int(start))


def _broken(lines: pa.Array, damaged: Damaged, style: Style) -> pa.Array:
    """Take the last two columns off the ragged lines; leave a quotation mark open at the start of others."""
    for rows, spoil in (
        (damaged.ragged, lambda text: text.rsplit(style.delimiter, 2)[0] + style.newline),
        (damaged.unclosed, lambda text: '"' + text),
    ):
        if len(rows):
            mask = np.zeros(len(lines), bool)
            mask[rows] = True
            new = [spoil(lines[int(i)].as_py()) for i in np.sort(rows)]
            lines = pa.compute.replace_with_mask(lines, pa.array(mask), pa.array(new, pa.large_string()))
    return lines
