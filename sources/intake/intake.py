"""Intake: lands deliveries one by one and has them judged.

Safe to be killed anywhere: every file appears whole or not at all, and a batch's outcome is written last; what has no
outcome is done again. Not here: which deliveries (inbox), formats (connectors), conforming in groups (judging), order
of feeds.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pyarrow as pa

from sources.base.home import Home
from sources.base.privacy import key_check
from sources.base.refusal import RefusedError
from sources.conforming.batch import Conformer
from sources.conforming.rules import CONFORMING_VERSION
from sources.connectors.databases import CONNECTOR as DATABASES
from sources.connectors.delivered import Delivered, header_of
from sources.connectors.files import CONNECTOR
from sources.connectors.source import Source, open_source
from sources.contracts.load import contract_sha256
from sources.county.county import County
from sources.intake.admission import Arrived, admit_control, admit_header, admit_lines
from sources.intake.extraction import Extraction, unread
from sources.intake.groups import Judging, Landed
from sources.intake.inbox import Delivery, control_total
from sources.intake.landing import Arriving, DeliveredFile, Landing, Manifest
from sources.intake.outcome import (
    CONFORMED_STATUS,
    BatchOutcome,
    forget,
    read_batch_outcome,
    refused_outcome,
    unchanged,
    write_batch_outcome,
    write_rule_outcome,
)
from sources.mappings.load import MappingFile
from sources.mappings.plan import FeedPlan
from sources.mappings.wanted import read_file


@contextmanager
def opened(county: County, delivery: Delivery) -> Iterator[tuple[DeliveredFile, Source]]:
    """A delivery with its hash, and its bytes. Raises RefusedError when they cannot be had."""
    path = county.inbox / delivery.file
    if not path.resolve().is_relative_to(county.inbox.resolve()):
        raise RefusedError(
            "OUTSIDE_INBOX",
            "是指向收件目录之外的链接,不予读取;请放入数据文件本身",
            "a link that leads out of the inbox: put the data file itself there",
        )
    with open_source(path, county.settings) as source:
        yield _described(county, delivery, source.sha256, source.bytes), source


def _described(county: County, delivery: Delivery, sha256: str, size: int) -> DeliveredFile:
    return DeliveredFile(
        feed=delivery.feed,
        institution_id=delivery.institution_id,
        month=delivery.month,
        file=delivery.file,
        sheet=delivery.sheet,
        mapping=delivery.mapping,
        mapping_sha256=county.mappings[delivery.mapping].sha256,
        sha256=sha256,
        bytes=size,
        modified_at=delivery.modified_at,
    )


def _never_opened(county: County, delivery: Delivery) -> DeliveredFile:
    """A delivery whose bytes cannot be had is told from others by its path."""
    sha256 = hashlib.sha256(f"unread {delivery.file}".encode()).hexdigest()
    return _described(county, delivery, sha256, delivery.bytes)


def mapping_today(county: County, manifest: Manifest) -> MappingFile | None:
    """The mapping the batch landed with if the deliverer still uses it, else another of his with that feed."""
    candidates = county.mappings_of(manifest.institution_id)
    for mapping in sorted(candidates, key=lambda candidate: candidate.name != manifest.mapping):
        if manifest.feed in mapping.mapping.feeds:
            return mapping
    return None


class Intake:
    """One pass over deliveries with one connection and one key."""

    def __init__(self, county: County, home: Home) -> None:
        secret = county.pseudonym_key(os.environ)
        self.county = county
        self.home = home
        self.landing = Landing(home, secret)
        self._conformer = Conformer(secret, county.institution_ids)
        self._ground = [CONFORMING_VERSION, key_check(secret), sorted(county.institution_ids)]
        self._judging = Judging(home, self.landing, self._conformer, self._fingerprint)
        self._outcomes = self._judging.outcomes
        self._extraction = Extraction(county, self.landing, self._conformer.delivered_fen)

    def __enter__(self) -> Intake:
        self.landing.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._conformer.close()

    def take(self, deliveries: Iterable[Delivery], full: bool) -> list[BatchOutcome]:
        """Land what is new, conform what is new or was judged by other rules; one outcome per batch of a delivery, in order.

        A file is one batch; a database has one for every extraction that found something new.
        """
        taken = [batch for delivery in deliveries for batch in self._take(delivery, full)]
        self._judging.finish()
        return [
            self._outcomes[batch] if first else unchanged(self._outcomes[batch]) for batch, first in taken
        ]

    def conform_again(self, manifests: Iterable[Manifest]) -> list[BatchOutcome]:
        """Conform landed batches with today's mappings of their deliverers; one outcome per batch, in order."""
        batches = list(manifests)
        for manifest in batches:
            self._queue_again(manifest)
        self._judging.finish()
        return [self._outcomes[manifest.batch_id] for manifest in batches]

    # -- landing

    def _take(self, delivery: Delivery, full: bool) -> list[tuple[str, bool]]:
        """Batch ids, and whether this is the first time the pass meets them (the same bytes may lie there twice)."""
        if delivery.is_database:
            return [(batch, True) for batch in self._take_database(delivery, full)]
        return [self._take_one(delivery, full)]

    def _take_one(self, delivery: Delivery, full: bool) -> tuple[str, bool]:
        try:
            with opened(self.county, delivery) as (file, source):
                if self._judging.knows(file.batch_id):
                    return file.batch_id, False
                self._take_file(delivery, file, source, full)
                return file.batch_id, True
        except RefusedError as error:
            plan = self.county.mappings[delivery.mapping].plan(delivery.feed)
            file = _never_opened(self.county, delivery)
            self._refuse(file, error, self._fingerprint(plan), "new")
            return file.batch_id, True

    def _take_database(self, delivery: Delivery, full: bool) -> list[str]:
        """Ids of what landed of that place before, and of what lands now."""
        mapping = self.county.mappings[delivery.mapping]
        plan = mapping.plan(delivery.feed)
        place = (delivery.feed, delivery.institution_id, delivery.month)
        landed = [each for each in self.landing.manifests_of(*place) if each.connector == DATABASES]
        for manifest in landed:
            if not self._judging.knows(manifest.batch_id) and not self._is_done(manifest, plan, full):
                self._queue_again(manifest)
        taken = [manifest.batch_id for manifest in landed]
        try:
            extracted = self._extraction.land(delivery, plan, landed, full)
        except RefusedError as error:
            file = unread(self.county, delivery)
            self._refuse(file, error, self._fingerprint(plan), "new")
            return [*taken, file.batch_id]
        if extracted is None:
            return taken
        self._queue(Landed(extracted.manifest, "new", extracted.held), mapping, plan)
        return [*taken, extracted.manifest.batch_id]

    def _take_file(self, delivery: Delivery, file: DeliveredFile, source: Source, full: bool) -> None:
        mapping = self.county.mappings[delivery.mapping]
        plan = mapping.plan(delivery.feed)
        manifest = self.landing.manifest(file)
        try:
            if manifest is None:
                self._queue(self._land(delivery, file, source, plan), mapping, plan)
            elif not self._is_done(manifest, plan, full):
                self._queue(Landed(manifest, "unchanged"), mapping, plan)
        except RefusedError as error:
            self._refuse(file, error, self._fingerprint(plan), "new" if manifest is None else "unchanged")

    def _land(self, delivery: Delivery, file: DeliveredFile, source: Source, plan: FeedPlan) -> Landed:
        """Read, admit and keep a delivery. Raises RefusedError."""
        control = control_total(self.county.inbox, delivery)
        delivered = read_file(source, plan)
        place = (file.feed, file.institution_id, file.month)
        with self.landing.arriving(*place, file.batch_id) as arriving:
            arrived, held = self._receive(delivered, plan, arriving, delivery.mapping)
            admit_lines(arrived, self.county.settings, delivered.dialect)
            admit_control(arrived, control)
            source.verify()
            manifest = _manifest(file, delivered, arrived, plan)
            arriving.keep(manifest, self.landing.folder(manifest))
        return Landed(manifest, "new", held)

    def _receive(
        self, delivered: Delivered, plan: FeedPlan, arriving: Arriving, mapping: str
    ) -> tuple[Arrived, tuple[pa.Table, ...] | None]:
        """Write and count every chunk; hands back the rows of a batch that came in one piece. Raises RefusedError."""
        admit_header(delivered.header, plan, mapping)
        arrived = Arrived(fen=None if plan.contract.control_money is None else 0)
        held = [delivered.schema.empty_table()]
        arriving.begin(delivered.schema)
        for number, chunk in enumerate(delivered.chunks):
            arrived.add(chunk, self._conformer.delivered_fen(chunk, plan))
            arriving.add(chunk)
            held = [chunk] if number == 0 else []
        return arrived, tuple(held) or None

    def _refuse(self, file: DeliveredFile, error: RefusedError, fingerprint: str, landed: str) -> None:
        """Say why, and leave nothing of the batch among the conformed."""
        self.landing.refuse(file, error.refusal)
        place = (file.feed, file.institution_id, file.month, file.batch_id)
        self.home.conformed_batch(*place).unlink(missing_ok=True)
        self.home.quarantined_batch(*place).unlink(missing_ok=True)
        (self.home.column_profile / f"{file.batch_id}.parquet").unlink(missing_ok=True)
        outcome = refused_outcome(file, error.refusal, landed)
        write_rule_outcome(self.home, outcome, [])
        write_batch_outcome(self.home, outcome, fingerprint)
        self._outcomes[file.batch_id] = outcome

    def forget_withdrawn(self, feed: str, months: list[str], institutions: list[str] | None) -> None:
        """Forget refusals of deliveries that have been taken out of the inbox (replaced by a mended file)."""
        for path in sorted(self.home.refused.glob("*.json")):
            refusal = json.loads(path.read_text(encoding="utf-8"))
            ours = refusal["feed"] == feed and refusal["month"] in months
            ours = ours and (institutions is None or refusal["institution_id"] in institutions)
            if ours and path.stem not in self._outcomes:
                forget(self.home, path.stem)
                path.unlink()

    # -- conforming

    def _is_done(self, manifest: Manifest, plan: FeedPlan, full: bool) -> bool:
        kept = None if full else read_batch_outcome(self.home, manifest.batch_id)
        if kept is None or kept[1] != self._fingerprint(plan) or kept[0].status != CONFORMED_STATUS:
            return False
        place = (manifest.feed, manifest.institution_id, manifest.month, manifest.batch_id)
        if not self.home.conformed_batch(*place).is_file():
            return False
        self._outcomes[manifest.batch_id] = unchanged(kept[0])
        return True

    def _queue_again(self, manifest: Manifest) -> None:
        mapping = mapping_today(self.county, manifest)
        if mapping is None:
            self._refuse(manifest.delivery, _no_mapping(manifest), "", "unchanged")
            return
        plan = mapping.plan(manifest.feed)
        try:
            self._queue(Landed(manifest, "unchanged"), mapping, plan)
        except RefusedError as error:
            self._refuse(manifest.delivery, error, self._fingerprint(plan), "unchanged")

    def _queue(self, batch: Landed, mapping: MappingFile, plan: FeedPlan) -> None:
        """Have a batch judged, when its header still fits the mapping. Raises RefusedError."""
        schema = batch.held[0].schema if batch.held else self.landing.schema(batch.manifest)
        admit_header(header_of(schema), plan, mapping.name)
        self._judging.queue(batch, mapping, plan)

    def _fingerprint(self, plan: FeedPlan) -> str:
        """Hash of everything besides the rows that decides how a batch is conformed."""
        text = json.dumps([*self._ground, contract_sha256(plan.contract.feed), plan.fingerprint])
        return hashlib.sha256(text.encode()).hexdigest()


def _no_mapping(manifest: Manifest) -> RefusedError:
    return RefusedError(
        "NO_MAPPING",
        f"{manifest.institution_id} 的映射文件里已没有 {manifest.feed},批次 {manifest.batch_id} 无法重放;请恢复映射",
        f"no mapping of {manifest.institution_id} has {manifest.feed} any more: batch {manifest.batch_id} "
        "cannot be replayed, restore the mapping",
    )


def _manifest(file: DeliveredFile, delivered: Delivered, arrived: Arrived, plan: FeedPlan) -> Manifest:
    return Manifest.of(
        file,
        connector=CONNECTOR,
        encoding=delivered.encoding,
        dialect=delivered.dialect,
        delivered_rows=arrived.rows,
        malformed_rows=arrived.malformed,
        delivered_fen=arrived.fen,
        contract_version=plan.contract.version,
    )
