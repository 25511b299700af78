"""Intake: deliveries received one by one, conformed in groups, settled; an outcome comes back for every batch.

Safe to be killed anywhere: every file appears whole or not at all, and a batch's outcome is written last; what has no
outcome is done again. Not here: which deliveries (inbox), how one is received (receiving, extraction), conforming and
writing (settling), order of feeds (ingest).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from sources.base.home import Home
from sources.base.privacy import key_check
from sources.base.refusal import RefusedError
from sources.conforming.batch import Conformer
from sources.conforming.rules import CONFORMING_VERSION
from sources.connectors.databases import CONNECTOR as DATABASES
from sources.connectors.delivered import header_of
from sources.contracts.load import contract_sha256
from sources.county.county import County
from sources.intake.admission import Admission, admit_header
from sources.intake.arrivals import Arrivals
from sources.intake.batch import Batch, InForce, Landed, Refused
from sources.intake.deciding import write_standing
from sources.intake.deletions import deleting
from sources.intake.delivery import Delivery
from sources.intake.extracted import deletes
from sources.intake.extraction import Extraction, unread
from sources.intake.groups import in_groups
from sources.intake.landing import Landing
from sources.intake.manifest import Manifest
from sources.intake.outcome import CONFORMED_STATUS, BatchOutcome, forget, read_batch_outcome, unchanged
from sources.intake.receiving import land_file, never_opened, opened, refuse_contested
from sources.intake.retirement import Retirement, land_retired
from sources.intake.settling import Settling
from sources.mappings.load import MappingFile


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
        self._conformer = Conformer(secret, county.institution_ids, county.speaks_for, county.settings.dates)
        spoken_for = {who: sorted(whose) for who, whose in sorted(county.speaks_for.items())}
        self._ground = [CONFORMING_VERSION, key_check(secret), sorted(county.institution_ids), spoken_for]
        self._ground.append(county.settings.dates.model_dump(mode="json"))
        self._settling = Settling(home, self.landing, self._conformer)
        self._extraction = Extraction(county, self.landing)
        self._arrivals: dict[str, Arrivals] = {}

    def __enter__(self) -> Intake:
        self.landing.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._conformer.close()

    def take(self, deliveries: Iterable[Delivery], full: bool) -> list[BatchOutcome]:
        """Land what is new, conform what is new or was judged by other rules; one outcome per batch of a delivery, in order.

        A file is one batch; a database has one for every extraction that found something new.
        """
        found = list(deliveries)
        outcomes = self._settled(batch for delivery in found for batch in self._received(delivery, full))
        self._decide_standing((each.feed, each.institution_id, each.month) for each in found)
        return outcomes

    def conform_again(self, manifests: Iterable[Manifest]) -> list[BatchOutcome]:
        """Conform landed batches with today's mappings of their deliverers; one outcome per batch, in order."""
        found = list(manifests)
        outcomes = self._settled(self._landed_before(manifest, full=True) for manifest in found)
        self._decide_standing((each.feed, each.institution_id, each.month) for each in found)
        return outcomes

    def retire(self, origin: Manifest, lines: Collection[int], said: Retirement) -> BatchOutcome:
        """Let lines of a landed batch count no longer; the outcome of the batch of deletions that says so."""
        mapping = mapping_today(self.county, origin)
        if mapping is None:
            raise _no_mapping(origin)
        plan = mapping.plan(origin.feed)
        landed = land_retired(
            self.landing, origin, lines, said, lambda rows: self._conformer.delivered_fen(rows, plan)
        )
        self._arrivals_of(origin.feed).note(landed.delivery, only_adds=True)
        (outcome,) = self.conform_again([landed])
        return outcome

    def _decide_standing(self, touched: Iterable[tuple[str, str, str]]) -> None:
        places: dict[str, set[tuple[str, str]]] = {}
        for feed, *place in touched:
            places.setdefault(feed, set()).add((place[0], place[1]))
        for feed, own in sorted(places.items()):
            write_standing(self.county, self.home, self._arrivals_of(feed), feed, own)

    def _arrivals_of(self, feed: str) -> Arrivals:
        return self._arrivals.setdefault(feed, Arrivals(self.home, feed))

    def forget_withdrawn(
        self,
        feed: str,
        months: Collection[str],
        institutions: Collection[str] | None,
        met: Iterable[BatchOutcome],
    ) -> None:
        """Forget refusals of deliveries that have been taken out of the inbox; `met` are the outcomes of what lies there."""
        there = {outcome.batch_id for outcome in met}
        for path in sorted(self.home.refused.glob("*.json")):
            try:
                refusal = json.loads(path.read_text(encoding="utf-8"))
            except FileNotFoundError:  # of another feed, which is taken in beside this one
                continue
            ours = refusal["feed"] == feed and refusal["month"] in months
            ours = ours and (institutions is None or refusal["institution_id"] in institutions)
            if ours and path.stem not in there:
                self._settling.ledger(feed).forget(path.stem)
                forget(self.home, path.stem)
                path.unlink()

    # -- receiving: every delivery becomes batches with a fate

    def _received(self, delivery: Delivery, full: bool) -> Iterator[Batch]:
        if delivery.is_database:
            yield from self._from_database(delivery, full)
        else:
            yield self._from_file(delivery, full)

    def _from_file(self, delivery: Delivery, full: bool) -> Batch:
        in_force = self._in_force(self.county.mappings[delivery.mapping], delivery.feed)
        file, manifest = never_opened(self.county, delivery), None
        try:
            with opened(self.county, delivery) as (file, source):
                refuse_contested(delivery)
                self._arrivals_of(file.feed).note(file, only_adds=False)
                manifest = self.landing.manifest(file)
                if manifest is not None:
                    return Batch(file, self._standing(manifest, in_force, full))
                admission = Admission(self.county, delivery, in_force.plan, self._conformer.delivered_fen)
                return Batch(file, land_file(self.landing, file, source, in_force, admission))
        except RefusedError as error:
            return Batch(
                file, Refused(error.refusal, "unchanged" if manifest else "new", in_force.fingerprint)
            )

    def _from_database(self, delivery: Delivery, full: bool) -> Iterator[Batch]:
        """What landed of that place before, and what lands now."""
        in_force = self._in_force(self.county.mappings[delivery.mapping], delivery.feed)
        place = (delivery.feed, delivery.institution_id, delivery.month)
        landed = [each for each in self.landing.manifests_of(*place) if each.connector == DATABASES]
        for manifest in landed:
            yield self._landed_before(manifest, full)
        try:
            fen_of = self._conformer.delivered_fen
            extracted = self._extraction.land(delivery, in_force, fen_of, landed, full)
        except RefusedError as error:
            yield Batch(unread(self.county, delivery), Refused(error.refusal, "new", in_force.fingerprint))
            return
        for each in extracted:
            manifest = each.manifest
            self._arrivals_of(delivery.feed).note(manifest.delivery, only_adds=True)
            own = self._in_force(in_force.mapping, delivery.feed, deletes(manifest))
            yield Batch(manifest.delivery, replace(each, in_force=own))

    def _landed_before(self, manifest: Manifest, full: bool) -> Batch:
        mapping = mapping_today(self.county, manifest)
        if mapping is None:
            return Batch(manifest.delivery, Refused(_no_mapping(manifest).refusal, "unchanged", ""))
        in_force = self._in_force(mapping, manifest.feed, deletes(manifest))
        try:
            return Batch(manifest.delivery, self._standing(manifest, in_force, full))
        except RefusedError as error:
            return Batch(manifest.delivery, Refused(error.refusal, "unchanged", in_force.fingerprint))

    def _standing(self, manifest: Manifest, in_force: InForce, full: bool) -> Landed | BatchOutcome:
        """The outcome of a landed batch if nothing that led to it has changed, else the batch to be conformed again.

        Raises RefusedError when its header no longer fits the mapping.
        """
        kept = None if full else read_batch_outcome(self.home, manifest.batch_id)
        place = (manifest.feed, manifest.institution_id, manifest.month, manifest.batch_id)
        if kept is not None:
            outcome, fingerprint = kept
            holds = fingerprint == in_force.fingerprint and outcome.status == CONFORMED_STATUS
            if holds and self.home.conformed_batch(*place).is_file():
                return unchanged(outcome)
        admit_header(header_of(self.landing.schema(manifest)), in_force.plan, in_force.mapping.name)
        return Landed(manifest, in_force, "unchanged")

    def _in_force(self, mapping: MappingFile, feed: str, deletes: bool = False) -> InForce:
        plan = deleting(mapping.plan(feed)) if deletes else mapping.plan(feed)
        text = json.dumps([*self._ground, contract_sha256(feed), plan.fingerprint])
        return InForce(mapping, plan, hashlib.sha256(text.encode()).hexdigest())

    # -- settling: every fate is written down once

    def _settled(self, batches: Iterable[Batch]) -> list[BatchOutcome]:
        """An outcome for every batch, in order; the same bytes may lie there twice and are settled once."""
        met: list[tuple[str, bool]] = []
        outcomes: dict[str, BatchOutcome] = {}
        for group in in_groups(self._waiting(batches, met, outcomes)):
            for outcome in self._settling.conform(group):
                outcomes[outcome.batch_id] = outcome
        return [outcomes[batch] if first else unchanged(outcomes[batch]) for batch, first in met]

    def _waiting(
        self, batches: Iterable[Batch], met: list[tuple[str, bool]], outcomes: dict[str, BatchOutcome]
    ) -> Iterator[Landed]:
        """The batches that wait to be conformed; of all, ids go to `met`, outcomes that are certain to `outcomes`."""
        seen: set[str] = set()
        for batch in batches:
            met.append((batch.batch_id, batch.batch_id not in seen))
            if batch.batch_id in seen:
                continue
            seen.add(batch.batch_id)
            match batch.fate:
                case Landed():
                    yield batch.fate
                case Refused():
                    outcomes[batch.batch_id] = self._settling.refuse(batch.file, batch.fate)
                case BatchOutcome():
                    outcomes[batch.batch_id] = batch.fate


def _no_mapping(manifest: Manifest) -> RefusedError:
    return RefusedError(
        "NO_MAPPING",
        f"{manifest.institution_id} 的映射文件里已没有 {manifest.feed},批次 {manifest.batch_id} 无法重放;请恢复映射",
        f"no mapping of {manifest.institution_id} has {manifest.feed} any more: batch {manifest.batch_id} "
        "cannot be replayed, restore the mapping",
    )
