"""Extraction: one feed of one month out of a member's database into the landing; only rows that have not landed before.

Incremental where the mapping names the time of change: then only rows changed since the newest one landed, less a window
for what was written late. A broken connection is tried again from the beginning, so that a batch is one reading of the
source or nothing. Not here: reading a server (connectors.databases), conforming.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from sources.connectors.databases import CONNECTOR
from sources.connectors.databases.address import Address
from sources.connectors.databases.failures import DatabaseError, Kind, refusal
from sources.connectors.databases.reading import Reading, numbered, reading
from sources.connectors.databases.selection import Selection
from sources.connectors.databases.server import Limits
from sources.connectors.delivered import Delivered, schema_of
from sources.county.county import County, Settings
from sources.intake.admission import Arrived, admit_header
from sources.intake.inbox import Delivery
from sources.intake.landed_rows import ContentDigest, LandedRows
from sources.intake.landing import DeliveredFile, Landing, Manifest
from sources.mappings.databases import DatabaseSettings
from sources.mappings.mapping import FeedPlan

_MOST_SECONDS_BETWEEN_TRIES = 60
# Times of change that sort as text, and how to compute with them.
_CHANGE_TIMES = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?"), 19, "%Y-%m-%d %H:%M:%S"),
    (re.compile(r"\d{14}"), 14, "%Y%m%d%H%M%S"),
    (re.compile(r"\d{4}-\d\d-\d\d"), 10, "%Y-%m-%d"),
    (re.compile(r"\d{8}"), 8, "%Y%m%d"),
)
_CHANGE_TIME = (
    "^([0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?)?|[0-9]{8}|[0-9]{14})$"
)


@dataclass(frozen=True)
class Extracted:
    """A landed extraction; `held` are its rows when they came in one piece."""

    manifest: Manifest
    held: tuple[pa.Table, ...] | None


@dataclass(frozen=True)
class DatabaseRecord:
    """What a manifest says of an extraction. `statement_sha256` names table or query and columns; no address, no user."""

    server: str
    statement_sha256: str
    since: str | None
    watermark: str | None
    rows_read: int
    rows_known: int


class Extraction:
    """Extractions of one pass. A server that could not be reached is not asked again by the same pass."""

    def __init__(
        self, county: County, landing: Landing, delivered_fen: Callable[[pa.Table, FeedPlan], int | None]
    ):
        self._county = county
        self._landing = landing
        self._delivered_fen = delivered_fen
        self._unreachable: dict[str, DatabaseError] = {}

    def land(
        self, delivery: Delivery, plan: FeedPlan, landed: Sequence[Manifest], full: bool
    ) -> Extracted | None:
        """Land what is new of a month, None when nothing is. `landed` are the earlier extractions of the same place.

        `full` reads the whole month whatever the times of change say. Raises RefusedError; then nothing is kept.
        """
        settings = self._county.settings.databases
        address, source = addressed(self._county, delivery, plan)
        since = None if full else _since(landed, source, settings)
        known = LandedRows(chunk for manifest in landed for chunk in self._landing.chunks(manifest))
        mapping = self._county.mappings[delivery.mapping].sha256
        attempt = _Attempt(
            self._landing, delivery, plan, source, since, landed, known, mapping, self._delivered_fen
        )
        try:
            if (error := self._unreachable.get(address.secret)) is not None:
                raise error
            for trying in _tries(settings):
                with trying:
                    return attempt.run(address, _limits(self._county.settings))
        except DatabaseError as error:
            if error.kind is Kind.UNREACHABLE:
                self._unreachable[address.secret] = error
            raise refusal(error, delivery.file) from None
        raise AssertionError("every try returns or raises")


def addressed(county: County, delivery: Delivery, plan: FeedPlan) -> tuple[Address, Selection]:
    """Where that delivery comes from and what is read there. Raises RefusedError when the environment does not say."""
    database = county.database_of(delivery.institution_id, delivery.mapping)
    feed = plan.feed_mapping
    source = feed.source(delivery.institution_id, delivery.month, feed.ignore)
    return database.address(county.folder, os.environ), source


@contextmanager
def delivered_month(county: County, delivery: Delivery, plan: FeedPlan) -> Iterator[Delivered]:
    """A month as the database has it now, read without landing anything. Raises RefusedError."""
    address, source = addressed(county, delivery, plan)
    limits = _limits(county.settings)
    try:
        with reading(address, source, delivery.month, None, limits, _spelling(plan)) as found:
            yield Delivered(found.header, _encoding(address), found.kind, _lines_from(found.chunks, 1))
    except DatabaseError as error:
        raise refusal(error, delivery.file) from None


def unread(county: County, delivery: Delivery) -> DeliveredFile:
    """A delivery that could not be read, under an id of its own (its content is not known)."""
    mapping = county.mappings[delivery.mapping]
    feed = mapping.mapping.feeds[delivery.feed]
    source = feed.source(delivery.institution_id, delivery.month, feed.ignore)
    sha256 = hashlib.sha256(f"unread {source.sha256}".encode()).hexdigest()
    return _file(delivery, mapping.sha256, sha256, 0, delivery.modified_at)


def _file(delivery: Delivery, mapping: str, sha256: str, size: int, moment: datetime) -> DeliveredFile:
    return DeliveredFile(
        feed=delivery.feed,
        institution_id=delivery.institution_id,
        month=delivery.month,
        file=delivery.file,
        sheet=None,
        mapping=delivery.mapping,
        mapping_sha256=mapping,
        sha256=sha256,
        bytes=size,
        modified_at=moment,
    )


def _tries(settings: DatabaseSettings) -> Retrying:
    return Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, DatabaseError) and error.is_transient),
        stop=stop_after_attempt(settings.attempts),
        wait=wait_random_exponential(settings.wait_seconds, _MOST_SECONDS_BETWEEN_TRIES),
        reraise=True,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(settings.databases.connect_seconds, settings.databases.statement_seconds, settings)


def _spelling(plan: FeedPlan) -> frozenset[str]:
    return plan.used_headers | plan.ignored_headers


def _encoding(address: Address) -> str:
    return address.text_encoding or "utf-8"


def _lines_from(chunks: Iterator[pa.Table], first: int) -> Iterator[pa.Table]:
    for chunk in chunks:
        yield numbered(chunk, first)
        first += chunk.num_rows


@dataclass
class _Attempt:
    """One reading of one month."""

    landing: Landing
    delivery: Delivery
    plan: FeedPlan
    source: Selection
    since: str | None
    landed: Sequence[Manifest]
    known: LandedRows
    mapping_sha256: str
    delivered_fen: Callable[[pa.Table, FeedPlan], int | None]

    def run(self, address: Address, limits: Limits) -> Extracted | None:
        """Read everything, keep it when there is anything new. Raises DatabaseError, RefusedError; nothing stays."""
        delivery = self.delivery
        place = (delivery.feed, delivery.institution_id, delivery.month)
        with (
            self.landing.arriving(*place, self._key_id()) as arriving,
            reading(address, self.source, delivery.month, self.since, limits, _spelling(self.plan)) as found,
        ):
            admit_header(found.header, self.plan, delivery.mapping)
            progress = _Progress(found, max(self._watermarks(), default=None))
            fen = None if self.plan.contract.control_money is None else 0
            arrived, held = Arrived(fen=fen), [schema_of(found.header).empty_table()]
            arriving.begin(held[0].schema)
            first = 1 + sum(manifest.delivered_rows for manifest in self.landed)
            for rows in _lines_from(self._new(found, progress), first):
                arrived.add(rows, self.delivered_fen(rows, self.plan))
                arriving.add(rows)
                held = [rows] if arrived.rows == rows.num_rows else []
            if arrived.rows == 0 and self.landed:
                return None
            manifest = self._manifest(found, progress, arrived, _encoding(address))
            arriving.keep(manifest, self.landing.folder(manifest))
        return Extracted(manifest, tuple(held) or None)

    def _new(self, found: Reading, progress: _Progress) -> Iterator[pa.Table]:
        for chunk in found.chunks:
            new = self.known.without(chunk)
            progress.add(chunk, new)
            if new.num_rows:
                yield new

    def _key_id(self) -> str:
        """The key's name must be known before the content is; no two extractions of a place have the same number."""
        delivery = self.delivery
        parts = (
            delivery.feed,
            delivery.institution_id,
            delivery.month,
            self.source.sha256,
            str(len(self.landed)),
        )
        return "database-" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]

    def _watermarks(self) -> list[str]:
        return _watermarks(self.landed, self.source)

    def _manifest(self, found: Reading, progress: _Progress, arrived: Arrived, encoding: str) -> Manifest:
        sha256, size = progress.digest.hexdigest(), progress.digest.bytes
        file = _file(self.delivery, self.mapping_sha256, sha256, size, found.moment)
        record = DatabaseRecord(
            server=found.kind,
            statement_sha256=self.source.sha256,
            since=self.since,
            watermark=progress.watermark,
            rows_read=progress.rows,
            rows_known=progress.rows - arrived.rows,
        )
        return Manifest.of(
            file,
            connector=CONNECTOR,
            encoding=encoding,
            dialect=found.kind,
            delivered_rows=arrived.rows,
            malformed_rows=0,
            delivered_fen=arrived.fen,
            contract_version=self.plan.contract.version,
            key_id=self._key_id(),
            database=asdict(record),
        )


class _Progress:
    """What is counted while rows pass: how many, the digest of the new ones, the newest time of change."""

    def __init__(self, found: Reading, watermark: str | None) -> None:
        self.rows = 0
        self.digest = ContentDigest(found.header)
        self.watermark = watermark
        self._updated = found.updated
        self._now = found.moment

    def add(self, rows: pa.Table, new: pa.Table) -> None:
        self.rows += rows.num_rows
        self.digest.add(new)
        if self._updated is not None:
            newest = _newest(rows.column(self._updated), self._now)
            self.watermark = max(filter(None, (self.watermark, newest)), default=None)


# -- times of change


def _newest(times: pa.ChunkedArray, now: datetime) -> str | None:
    """The newest time of change as text. Times to come (9999-12-31) and what is no time would hide later changes."""
    readable = times.filter(pc.fill_null(pc.match_substring_regex(times, _CHANGE_TIME), False))
    by_length: list[str] = []
    for length in pc.unique(pc.binary_length(readable)).to_pylist():
        same = readable.filter(pc.equal(pc.binary_length(readable), length))
        bound = _written_as(same[0].as_py(), now + timedelta(days=1))
        past = same.filter(pc.less(same, bound))
        by_length += [pc.max(past).as_py()] if len(past) else []
    return max(by_length, default=None)


def _written_as(example: str, moment: datetime) -> str:
    """`moment` in the form of `example`."""
    form = _form(example)
    return moment.strftime(form[1]) if form else ""


def _form(text: str) -> tuple[int, str] | None:
    for pattern, length, form in _CHANGE_TIMES:
        if pattern.fullmatch(text):
            return length, form.replace(" ", text[10]) if length == 19 else form
    return None


def _watermarks(landed: Sequence[Manifest], source: Selection) -> list[str]:
    """Newest times of change of earlier extractions of the same table or query."""
    records = [DatabaseRecord(**manifest.database) for manifest in landed if manifest.database]
    return [r.watermark for r in records if r.watermark and r.statement_sha256 == source.sha256]


def _since(landed: Sequence[Manifest], source: Selection, settings: DatabaseSettings) -> str | None:
    """From which time of change on to read; None for everything."""
    newest = max(_watermarks(landed, source), default=None) if source.updated is not None else None
    form = _form(newest) if newest else None
    if newest is None or form is None:
        return None
    length, written = form
    moment = datetime.strptime(newest[:length], written) - timedelta(days=settings.late_window_days)
    return moment.strftime(written)
