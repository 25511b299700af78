"""Extraction: one feed of one month out of a member's database into the landing; only rows that have not landed before.

Incremental where the mapping names the time of change: then only rows changed since the newest one landed, less a window
for what was written late. A broken connection is tried again from the beginning, so that a batch is one reading of the
source or nothing. Not here: reading a server (connectors.databases), conforming.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from sources.connectors.databases import CONNECTOR
from sources.connectors.databases.address import Address
from sources.connectors.databases.failures import DatabaseError, Kind, refusal
from sources.connectors.databases.reading import Reading, numbered, reading
from sources.connectors.databases.selection import Selection
from sources.connectors.databases.server import Limits
from sources.connectors.delivered import LINE, Delivered
from sources.county.county import County
from sources.county.settings import Settings
from sources.intake.admission import Admission, FenOf
from sources.intake.batch import InForce, Landed
from sources.intake.deletions import Present, refuse_emptied
from sources.intake.delivery import Delivery
from sources.intake.extracted import GONE, DatabaseRecord, Progress, begin_at, deletes, watermarks
from sources.intake.landed_rows import ContentDigest, LandedRows
from sources.intake.landing import Landing
from sources.intake.manifest import DeliveredFile, Manifest
from sources.intake.receiving import receive
from sources.mappings.databases import DatabaseSettings
from sources.mappings.plan import FeedPlan

_MOST_SECONDS_BETWEEN_TRIES = 60


class Extraction:
    """Extractions of one pass. A server that could not be reached is not asked again by the same pass."""

    def __init__(self, county: County, landing: Landing) -> None:
        self._county = county
        self._landing = landing
        self._unreachable: dict[str, DatabaseError] = {}

    def land(
        self, delivery: Delivery, in_force: InForce, fen_of: FenOf, landed: Sequence[Manifest], full: bool
    ) -> list[Landed]:
        """Land what is new of a month, and what is gone where the mapping says that the table replaces its month.

        `landed` are the earlier extractions of the same place. `full` reads the whole month whatever the times of change say.
        Raises RefusedError; then nothing is kept.
        """
        settings = self._county.settings.databases
        address, source = addressed(self._county, delivery, in_force.plan)
        whole = in_force.plan.feed_mapping.replaces == "month"
        since = None if full or whole else begin_at(landed, source, settings)
        known = LandedRows((chunk, deletes(m)) for m in landed for chunk in self._landing.chunks(m))
        attempt = _Attempt(
            self._landing, self._county, delivery, in_force, fen_of, source, since, landed, known, whole
        )
        try:
            if (error := self._unreachable.get(address.secret)) is not None:
                raise error
            for trying in _tries(settings):
                with trying:
                    return attempt.run(address)
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
            yield _delivered(found, address, _lines_from(found.chunks, 1))
    except DatabaseError as error:
        raise refusal(error, delivery.file) from None


def _delivered(found: Reading, address: Address, chunks: Iterator[pa.Table]) -> Delivered:
    return Delivered(found.header, _encoding(address), found.kind, chunks, remarks=found.remarks)


def unread(county: County, delivery: Delivery) -> DeliveredFile:
    """A delivery that could not be read, under an id of its own (its content is not known)."""
    mapping = county.mappings[delivery.mapping]
    feed = mapping.mapping.feeds[delivery.feed]
    source = feed.source(delivery.institution_id, delivery.month, feed.ignore)
    sha256 = hashlib.sha256(f"unread {source.sha256}".encode()).hexdigest()
    return DeliveredFile.of(delivery, mapping, sha256, 0)


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
    county: County
    delivery: Delivery
    in_force: InForce
    fen_of: FenOf
    source: Selection
    since: str | None
    landed: Sequence[Manifest]
    known: LandedRows
    whole: bool

    def run(self, address: Address) -> list[Landed]:
        """Read everything, keep it when there is anything new. Raises DatabaseError, RefusedError; nothing stays."""
        delivery, plan, limits = self.delivery, self.in_force.plan, _limits(self.county.settings)
        place = (delivery.feed, delivery.institution_id, delivery.month)
        admission = Admission(self.county, delivery, plan, self.fen_of)
        with (
            self.landing.arriving(*place, self._key_id()) as arriving,
            reading(address, self.source, delivery.month, self.since, limits, _spelling(plan)) as found,
        ):
            progress = Progress(
                found,
                max(watermarks(self.landed, self.source), default=None),
                Present.of(plan, found.header) if self.whole else None,
            )
            first = 1 + sum(manifest.delivered_rows for manifest in self.landed)
            new = _lines_from(self._new(found, progress), first)
            held = receive(_delivered(found, address, new), admission, arriving)
            if progress.present is not None:
                limit = self.county.settings.databases.gone_share_limit
                refuse_emptied(progress.present.rows, len(self.known), limit, delivery.file)
            arrived = admission.arrived.rows
            kept: list[Landed] = []
            if arrived or not self.landed:
                manifest = self._manifest(found, progress, admission, _encoding(address))
                arriving.keep(manifest, self.landing.folder(manifest))
                kept.append(Landed(manifest, self.in_force, "new", held))
        if progress.present is not None and self.landed:
            kept += self._land_gone(found, progress.present, first + arrived, _encoding(address))
        return kept

    def _land_gone(self, found: Reading, present: Present, first: int, encoding: str) -> Iterator[Landed]:
        """Keep the rows that are no longer at the source as a batch of its own, if there are any."""
        gone = present.gone(self._accepted(), self.known)
        one = next(gone, None)
        if one is None:
            return
        delivery, key_id = self.delivery, f"{self._key_id()}-gone"
        place = (delivery.feed, delivery.institution_id, delivery.month)
        digest, rows, fen = ContentDigest(one.column_names), 0, None
        with self.landing.arriving(*place, key_id) as arriving:
            for number, chunk in enumerate(_lines_from(chain([one], gone), first)):
                if number == 0:
                    arriving.begin(chunk.schema)
                arriving.add(chunk)
                digest.add(chunk)
                rows += chunk.num_rows
                money = self.fen_of(chunk, self.in_force.plan)
                fen = fen if money is None else (fen or 0) + money
            record = DatabaseRecord(found.kind, self.source.sha256, None, None, present.rows, 0, deletes=True)
            content = hashlib.sha256(f"gone {key_id} {digest.hexdigest()}".encode()).hexdigest()
            file = DeliveredFile.of(delivery, self.in_force.mapping, content, digest.bytes, found.moment)
            manifest = Manifest.of(
                replace(file, file=f"{delivery.file}{GONE}"),
                connector=CONNECTOR,
                encoding=encoding,
                dialect=found.kind,
                delivered_rows=rows,
                malformed_rows=0,
                delivered_fen=fen,
                contract_version=self.in_force.plan.contract.version,
                key_id=key_id,
                database=asdict(record),
            )
            arriving.keep(manifest, self.landing.folder(manifest))
        yield Landed(manifest, self.in_force, "new", None)

    def _accepted(self) -> Iterator[pa.Table]:
        """Landed rows that were accepted; what lies in quarantine counts nowhere."""
        for manifest in self.landed:
            place = (manifest.feed, manifest.institution_id, manifest.month, manifest.batch_id)
            path = self.landing.home.conformed_batch(*place)
            if deletes(manifest) or not path.is_file():
                continue
            lines = pq.ParquetFile(path).read(columns=[LINE]).column(LINE)
            for chunk in self.landing.chunks(manifest):
                yield chunk.filter(pc.is_in(chunk.column(LINE), lines.combine_chunks()))

    def _new(self, found: Reading, progress: Progress) -> Iterator[pa.Table]:
        for chunk in found.chunks:
            new = self.known.without(chunk)
            progress.add(chunk, new)
            if progress.present is not None:
                progress.present.add(chunk)
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

    def _manifest(self, found: Reading, progress: Progress, admission: Admission, encoding: str) -> Manifest:
        arrived = admission.arrived
        sha256, size = progress.digest.hexdigest(), progress.digest.bytes
        if any(deletes(manifest) for manifest in self.landed):
            # What was gone and came back may be what an earlier batch held: it is another batch all the same.
            sha256 = hashlib.sha256(f"{len(self.landed)} {sha256}".encode()).hexdigest()
        file = DeliveredFile.of(self.delivery, self.in_force.mapping, sha256, size, found.moment)
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
            contract_version=self.in_force.plan.contract.version,
            key_id=self._key_id(),
            database=asdict(record),
            remarks=list(admission.remarks),
        )
