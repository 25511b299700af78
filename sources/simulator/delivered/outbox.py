"""The inbox: frames of a month become the files of every deliverer, and the defect log says what is wrong where."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from sources.mappings.mapping import FeedMapping, FeedPlan, Mapping, load_mapping
from sources.simulator.delivered.defects import Damaged, damage, untouched
from sources.simulator.delivered.formats import WRITERS
from sources.simulator.delivered.rendering import Spelling, TextTable, render
from sources.simulator.delivered.vendor_database import VendorDatabase
from sources.simulator.delivered.writing import (
    ControlFile,
    csv_bytes,
    csv_lines,
    save,
    workbook_bytes,
)
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.styles import STYLES, Style
from sources.simulator.state.anomalies import anomaly_rows

LOG_COLUMNS = (
    "feed", "institution_id", "file", "line", "rule_id", "anomaly_id", "gate_rule", "disposition", "month"
)  # fmt: skip


# headers take the first line of a text or a sheet; everything else counts its rows from 1
_FIRST_LINE = {"text": 2, "sheet": 2}
_SAVED_BY_HAND = ("vendor_b", "his_op_visit")


@dataclass(frozen=True)
class Vendor:
    """One mapping file, the style that goes with it, and who delivers by it (institution index, -1 = platform)."""

    name: str
    mapping: Mapping
    style: Style
    spelling: Spelling
    deliverers: list[tuple[int, str]]

    def plan(self, feed: str) -> FeedPlan:
        return self.mapping.plan(feed)


@dataclass
class Segment:
    """The lines of one deliverer within a table: `order` in file order, duplicates from `originals` on."""

    deliverer: str
    order: np.ndarray
    originals: int
    page: int  # lines at the end that repeat a page
    start: int  # first line of the table that belongs to the deliverer


class Outbox:
    """Writes `inbox/` of a county folder month by month and collects the rows of truth/defect.csv."""

    def __init__(self, directory: Path, county: Path, layout: Layout, seed: int, defects: bool):
        self.directory, self.layout, self.seed, self.defects = directory, layout, seed, defects
        self.vendors = _vendors(county, layout)
        self.log: list[tuple] = []
        self.anomalies: list[tuple] = []
        self.databases = {
            row["institution"]: VendorDatabase(directory.parent / row["database"]["sqlite"])
            for row in layout.text["deliveries"]
            if "sqlite" in row.get("database", {})
        }

    def deliver(self, month: CalendarMonth, frames: dict[str, Frame]) -> dict[str, np.ndarray]:
        """Write all files of the month; return the numbers of lost events by feed."""
        for feed in sorted(frames):
            self.anomalies += anomaly_rows(month, frames[feed], self.layout.code_list())
        lost: dict[str, list[np.ndarray]] = {}
        for vendor in self.vendors:
            control = {code: ControlFile() for _, code in vendor.deliverers if code not in self.databases}
            books: dict[str, list] = {code: [] for _, code in vendor.deliverers}
            for feed in vendor.mapping.feeds:
                table, damaged = self._prepared(month, vendor, frames[feed])
                if len(damaged.lost):
                    lost.setdefault(feed, []).append(damaged.lost)
                self._write(month, vendor, feed, table, damaged, control, books)
            self._close(month, vendor, control, books)
        return {feed: np.concatenate(parts) for feed, parts in lost.items()}

    def close(self, month: CalendarMonth) -> None:
        """The last month is delivered: close the databases."""
        for database in self.databases.values():
            database.close(month)

    def _prepared(self, month: CalendarMonth, vendor: Vendor, frame: Frame) -> tuple[TextTable, Damaged]:
        """The frame's rows that this vendor delivers, as text, damaged or not."""
        numbers = np.array([n for n, _ in vendor.deliverers])
        rows = np.flatnonzero(np.isin(frame.deliverer, numbers))
        rows = rows[np.argsort(frame.deliverer[rows], kind="stable")]
        plan = vendor.plan(frame.feed)
        table = render(frame, plan, vendor.spelling, rows)
        if not self.defects:
            return table, untouched()
        times = {n: frame.column(n)[rows] for n in frame.columns if _is_time(frame.column(n))}
        return table, damage(
            self.seed, month, vendor.name, table, times, vendor.style, _medium(plan.feed_mapping)
        )

    def _write(
        self,
        month: CalendarMonth,
        vendor: Vendor,
        feed: str,
        table: TextTable,
        damaged: Damaged,
        control,
        books,
    ) -> None:
        feed_mapping = vendor.mapping.feeds[feed]
        medium, lines = _medium(feed_mapping), None
        if medium == "text":
            lines = _broken(csv_lines(table, vendor.style), damaged, vendor.style)
        segments = list(_segments(table, damaged, vendor.deliverers))
        for segment in segments:
            if medium == "database":
                self.databases[segment.deliverer].add(feed_mapping.table, table, segment.order, month)
                continue
            file = _file_name(feed_mapping.file, segment.deliverer, month)
            control[segment.deliverer].add(file, feed_mapping.sheet or "", table, segment.order)
            if medium == "sheet":
                books[segment.deliverer].append((file, feed_mapping.sheet, table, segment.order))
            elif medium == "text":
                style = self._style(month, vendor, feed, segment.deliverer)
                save(self.directory / file, csv_bytes(table, style, lines, segment.order), month)
            else:
                save(self.directory / file, WRITERS[medium](table, segment.order), month)
        self._note(month, vendor, feed, table, segments)

    def _style(self, month: CalendarMonth, vendor: Vendor, feed: str, deliverer: str) -> Style:
        """The vendor's style; one file a month was saved by hand in the encoding of the clerk's computer (V04)."""
        own = [code for _, code in vendor.deliverers]
        odd = (
            self.defects
            and (vendor.name, feed) == _SAVED_BY_HAND
            and deliverer == own[month.number % len(own)]
        )
        return replace(vendor.style, encoding="gb18030") if odd else vendor.style

    def _close(self, month: CalendarMonth, vendor: Vendor, control: dict, books: dict) -> None:
        for sheets in books.values():
            for file in sorted({s[0] for s in sheets}):
                here = [(name, table, order) for path, name, table, order in sheets if path == file]
                save(self.directory / file, workbook_bytes(here), month)
        for code, file in control.items():
            save(self.directory / code / month.name / "control.csv", file.text(), month)

    def _note(
        self, month: CalendarMonth, vendor: Vendor, feed: str, table: TextTable, segments: list[Segment]
    ) -> None:
        """Log notes and duplicates with file and line."""
        feed_mapping = vendor.mapping.feeds[feed]
        first = _FIRST_LINE.get(_medium(feed_mapping), 1)
        for segment in segments:
            file = _file_name(
                feed_mapping.file or "database/{institution}/" + feed_mapping.table, segment.deliverer, month
            )
            entries = [
                (int(row) - segment.start + first, note.rule_id, note.gate_rule, note.disposition)
                for note in table.notes
                for row in note.rows
                if segment.start <= row < segment.start + segment.originals
            ]
            extra = range(segment.originals, len(segment.order))
            paged = len(segment.order) - segment.page
            entries += [
                (position + first, "V35" if position >= paged else "V12", "DUPLICATE_ROW", "duplicate")
                for position in extra
            ]
            if self._style(month, vendor, feed, segment.deliverer) != vendor.style:
                entries.append((1, "V04", "", "harmless"))
            for line, rule, gate, disposition in sorted(entries):
                anomaly = f"D{len(self.log) + 1:07d}"
                self.log.append(
                    (feed, segment.deliverer, file, line, rule, anomaly, gate, disposition, month.name)
                )


def _is_time(values) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind == "M"


def _vendors(county: Path, layout: Layout) -> list[Vendor]:
    platforms = set(layout.platforms.values())
    number = {code: i for i, code in enumerate(layout.code_list())}
    vendors = []
    for name in sorted(set(layout.mapping_of.values())):
        path = county / "mappings" / f"{name}.yml"
        loaded, problems = load_mapping(path, path.name)
        if loaded is None or problems:
            raise ValueError(f"{path.name}: {problems}")
        members = [code for code, mapping in layout.mapping_of.items() if mapping == name]
        deliverers = sorted((-1 if c in platforms else number[c], c) for c in members)
        vendors.append(Vendor(name, loaded.mapping, STYLES[name], Spelling(STYLES[name]), deliverers))
    return vendors


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


def _medium(feed_mapping: FeedMapping) -> str:
    """What the feed's rows are written into: database | sheet | text | parquet | jsonl | dbf."""
    if feed_mapping.is_database:
        return "database"
    suffix = feed_mapping.file.rsplit(".", 1)[-1]
    return "sheet" if feed_mapping.sheet else suffix if suffix in WRITERS else "text"


def _file_name(pattern: str, deliverer: str, month: CalendarMonth) -> str:
    text = (
        pattern.replace("{institution}", deliverer)
        .replace("{month}", month.name)
        .replace("{yyyymm}", month.compact)
    )
    return text.replace("*", "")
