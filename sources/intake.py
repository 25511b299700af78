"""Intake: lands deliveries one by one and conforms them in groups, so that small files do not cost a statement each.

Safe to be killed anywhere: every file appears whole or not at all, and a batch's outcome is written last; what has no
outcome is done again. Not here: which deliveries (inbox), formats (connectors), rules (conforming), order of feeds.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from sources.admission import admit_control, admit_header, admit_lines
from sources.conforming.accounting import AccountingError
from sources.conforming.batch import BatchIdentity, Conformed, Conformer
from sources.conforming.rules import CONFORMING_VERSION
from sources.connectors.delivered import LINE, MALFORMED, Delivered
from sources.connectors.files import CONNECTOR, read_file
from sources.contract import contract_sha256
from sources.county import County
from sources.home import Home, write_parquet
from sources.inbox import Delivery, control_total
from sources.landing import DeliveredFile, Landing, Manifest
from sources.mapping import FeedPlan, MappingFile
from sources.outcome import (
    CONFORMED_STATUS,
    BatchOutcome,
    conformed_outcome,
    forget,
    read_batch_outcome,
    refused_outcome,
    unchanged,
    write_batch_outcome,
    write_rule_outcome,
)
from sources.privacy import key_check
from sources.refusal import RefusedError

# A group is conformed when it holds this many rows or batches: enough to spread the cost of planning a statement,
# little enough to keep memory bounded.
_GROUP_ROWS = 200_000
_GROUP_BATCHES = 64


def identify(county: County, delivery: Delivery) -> tuple[DeliveredFile, bytes]:
    """A delivery with its hash, and its bytes."""
    raw = (county.inbox / delivery.file).read_bytes()
    file = DeliveredFile(
        feed=delivery.feed,
        institution_id=delivery.institution_id,
        month=delivery.month,
        file=delivery.file,
        sheet=delivery.sheet,
        mapping=delivery.mapping,
        mapping_sha256=county.mappings[delivery.mapping].sha256,
        sha256=hashlib.sha256(raw).hexdigest(),
        bytes=len(raw),
        modified_at=delivery.modified_at,
    )
    return file, raw


@dataclass(frozen=True)
class _Landed:
    """A landed batch that waits to be conformed."""

    manifest: Manifest
    rows: pa.Table
    landed: str


@dataclass
class _Group:
    """Landed batches of one feed under one mapping."""

    mapping: MappingFile
    plan: FeedPlan
    batches: list[_Landed] = field(default_factory=list)

    def is_full(self) -> bool:
        rows = sum(batch.rows.num_rows for batch in self.batches)
        return rows >= _GROUP_ROWS or len(self.batches) >= _GROUP_BATCHES


class Intake:
    """One pass over deliveries with one connection and one key."""

    def __init__(self, county: County, home: Home) -> None:
        secret = county.pseudonym_key(os.environ)
        self.county = county
        self.home = home
        self.landing = Landing(home, secret)
        self._conformer = Conformer(secret, county.institution_ids)
        self._ground = [CONFORMING_VERSION, key_check(secret), sorted(county.institution_ids)]
        self._groups: dict[tuple[str, str], _Group] = {}
        self._outcomes: dict[str, BatchOutcome] = {}

    def __enter__(self) -> Intake:
        self.landing.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._conformer.close()

    def take(self, deliveries: Iterable[Delivery], full: bool) -> list[BatchOutcome]:
        """Land what is new, conform what is new or was judged by other rules; one outcome per delivery, in order."""
        taken = [self._take(delivery, full) for delivery in deliveries]
        self._conform_all()
        return [
            self._outcomes[batch] if first else unchanged(self._outcomes[batch]) for batch, first in taken
        ]

    def conform_again(self, manifests: Iterable[Manifest]) -> list[BatchOutcome]:
        """Conform landed batches with today's mappings of their deliverers; one outcome per batch, in order."""
        batches = list(manifests)
        for manifest in batches:
            self._queue_again(manifest)
        self._conform_all()
        return [self._outcomes[manifest.batch_id] for manifest in batches]

    # -- landing

    def _take(self, delivery: Delivery, full: bool) -> tuple[str, bool]:
        """Batch id, and whether this is the first time the pass meets it (the same bytes may lie there twice)."""
        file, raw = identify(self.county, delivery)
        if file.batch_id in self._outcomes or self._is_queued(file.batch_id):
            return file.batch_id, False
        mapping = self.county.mappings[delivery.mapping]
        plan = mapping.mapping.plan(delivery.feed)
        manifest = self.landing.manifest(file)
        try:
            if manifest is None:
                batch = self._land(delivery, file, raw, plan)
                self._queue(batch, mapping, plan)
            elif not self._is_done(manifest, plan, full):
                self._queue(_Landed(manifest, self.landing.rows(manifest), "unchanged"), mapping, plan)
        except RefusedError as error:
            self._refuse(file, error, self._fingerprint(plan), "new" if manifest is None else "unchanged")
        return file.batch_id, True

    def _land(self, delivery: Delivery, file: DeliveredFile, raw: bytes, plan: FeedPlan) -> _Landed:
        """Read, admit and keep a delivery. Raises RefusedError."""
        control = control_total(self.county.inbox, delivery)
        delivered = read_file(file.file, raw, plan)
        admit_header(delivered.header, plan)
        admit_lines(delivered, self.county.settings)
        fen = self._conformer.delivered_fen(delivered.rows, plan)
        admit_control(delivered.rows.num_rows, fen, control)
        manifest = _manifest(file, delivered, fen, plan)
        self.landing.write(manifest, delivered)
        return _Landed(manifest, delivered.rows, "new")

    def _refuse(self, file: DeliveredFile, error: RefusedError, fingerprint: str, landed: str) -> None:
        """Say why, and leave nothing of the batch among the conformed."""
        self.landing.refuse(file, error.refusal)
        place = (file.feed, file.institution_id, file.month, file.batch_id)
        self.home.conformed_batch(*place).unlink(missing_ok=True)
        self.home.quarantined_batch(*place).unlink(missing_ok=True)
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
        mapping = self._mapping_today(manifest)
        if mapping is None:
            self._refuse(_as_file(manifest), _no_mapping(manifest), "", "unchanged")
            return
        plan = mapping.mapping.plan(manifest.feed)
        try:
            self._queue(_Landed(manifest, self.landing.rows(manifest), "unchanged"), mapping, plan)
        except RefusedError as error:
            self._refuse(_as_file(manifest), error, self._fingerprint(plan), "unchanged")

    def _mapping_today(self, manifest: Manifest) -> MappingFile | None:
        """The mapping the batch landed with if the deliverer still uses it, else another of his with that feed."""
        candidates = self.county.mappings_of(manifest.institution_id)
        for mapping in sorted(candidates, key=lambda candidate: candidate.name != manifest.mapping):
            if manifest.feed in mapping.mapping.feeds:
                return mapping
        return None

    def _is_queued(self, batch_id: str) -> bool:
        return any(b.manifest.batch_id == batch_id for group in self._groups.values() for b in group.batches)

    def _queue(self, batch: _Landed, mapping: MappingFile, plan: FeedPlan) -> None:
        admit_header([name for name in batch.rows.column_names if name not in (LINE, MALFORMED)], plan)
        group = self._groups.setdefault((plan.contract.feed, mapping.name), _Group(mapping, plan))
        group.batches.append(batch)
        if group.is_full():
            self._conform_group(group)

    def _conform_all(self) -> None:
        for group in self._groups.values():
            self._conform_group(group)

    def _conform_group(self, group: _Group) -> None:
        if not group.batches:
            return
        batches, group.batches = group.batches, []
        fingerprint = self._fingerprint(group.plan)
        identified = [(_identity(batch.manifest), batch.rows) for batch in batches]
        for batch, conformed in zip(batches, self._conformer.conform(group.plan, identified), strict=True):
            manifest, mapping = batch.manifest, group.mapping
            _hold_against_manifest(conformed, manifest, mapping, group.plan)
            outcome = conformed_outcome(
                manifest, conformed.account, mapping.name, mapping.sha256, batch.landed
            )
            self._write(outcome, conformed, fingerprint)
            self._outcomes[manifest.batch_id] = outcome

    def _write(self, outcome: BatchOutcome, conformed: Conformed, fingerprint: str) -> None:
        """Rows first, the outcome last: a batch without an outcome is conformed again after a kill."""
        place = (outcome.feed, outcome.institution_id, outcome.month, outcome.batch_id)
        write_parquet(self.home.conformed_batch(*place), conformed.accepted)
        quarantined = self.home.quarantined_batch(*place)
        if conformed.quarantined.num_rows:
            write_parquet(quarantined, conformed.quarantined)
        else:
            quarantined.unlink(missing_ok=True)
        write_rule_outcome(self.home, outcome, conformed.rules)
        write_batch_outcome(self.home, outcome, fingerprint)
        self.landing.forget_refusal(outcome.batch_id)

    def _fingerprint(self, plan: FeedPlan) -> str:
        """Hash of everything besides the rows that decides how a batch is conformed."""
        text = json.dumps([*self._ground, contract_sha256(plan.contract.feed), plan.fingerprint])
        return hashlib.sha256(text.encode()).hexdigest()


def _identity(manifest: Manifest) -> BatchIdentity:
    return BatchIdentity(manifest.batch_id, manifest.institution_id, manifest.month, manifest.file)


def _no_mapping(manifest: Manifest) -> RefusedError:
    return RefusedError(
        "NO_MAPPING",
        f"{manifest.institution_id} 的映射文件里已没有 {manifest.feed},批次 {manifest.batch_id} 无法重放;请恢复映射",
        f"no mapping of {manifest.institution_id} has {manifest.feed} any more: batch {manifest.batch_id} "
        "cannot be replayed, restore the mapping",
    )


def _as_file(manifest: Manifest) -> DeliveredFile:
    return DeliveredFile(
        feed=manifest.feed,
        institution_id=manifest.institution_id,
        month=manifest.month,
        file=manifest.file,
        sheet=manifest.sheet,
        mapping=manifest.mapping,
        mapping_sha256=manifest.mapping_sha256,
        sha256=manifest.sha256,
        bytes=manifest.bytes,
        modified_at=manifest.first_landed_at,
    )


def _manifest(file: DeliveredFile, delivered: Delivered, fen: int | None, plan: FeedPlan) -> Manifest:
    return Manifest(
        batch_id=file.batch_id,
        feed=file.feed,
        institution_id=file.institution_id,
        month=file.month,
        connector=CONNECTOR,
        mapping=file.mapping,
        mapping_sha256=file.mapping_sha256,
        file=file.file,
        sha256=file.sha256,
        bytes=file.bytes,
        modified_at=file.modified_at.isoformat(),
        encoding=delivered.encoding,
        dialect=delivered.dialect,
        sheet=file.sheet,
        delivered_rows=delivered.rows.num_rows,
        malformed_rows=delivered.malformed,
        delivered_fen=fen,
        landed_at=file.modified_at.isoformat(),
        contract_version=plan.contract.version,
    )


def _hold_against_manifest(
    conformed: Conformed, manifest: Manifest, mapping: MappingFile, plan: FeedPlan
) -> None:
    """What was counted on landing must be what was accounted for, unless the mapping makes more rows of a line or takes
    only some of a file."""
    account = conformed.account
    if plan.feed_mapping.repeat is not None or plan.feed_mapping.select:
        return
    if account.delivered_rows != manifest.delivered_rows:
        raise AccountingError(
            f"{manifest.batch_id}: rows landed {manifest.delivered_rows}, seen {account.delivered_rows}"
        )
    same_mapping = mapping.sha256 == manifest.mapping_sha256
    if same_mapping and account.delivered_fen != manifest.delivered_fen:
        raise AccountingError(
            f"{manifest.batch_id}: fen landed {manifest.delivered_fen}, seen {account.delivered_fen}"
        )
