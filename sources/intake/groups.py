"""Judging: landed batches conformed in groups, piece by piece, and what became of them written down.

Small batches share a statement, large ones are taken chunk by chunk, so that memory stays the same however large a file
is. Rows first, the outcome last: a batch without an outcome is judged again after a kill. Not here: landing (intake) or
the rules (conforming).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from sources.base.files import ParquetInPieces
from sources.base.home import Home
from sources.conforming.accounting import AccountingError
from sources.conforming.batch import QUARANTINE_SCHEMA, BatchIdentity, Conformed, Conformer, Piece
from sources.conforming.duplicates import SeenRows
from sources.conforming.fullness import Fullness
from sources.conforming.tally import Tally
from sources.intake.landing import Landing, Manifest
from sources.intake.outcome import (
    BatchOutcome,
    conformed_outcome,
    write_batch_outcome,
    write_column_profile,
    write_rule_outcome,
)
from sources.mappings.mapping import FeedPlan, MappingFile

# A group is judged when it holds this many rows or batches: enough to spread the cost of planning a statement.
_GROUP_ROWS = 200_000
_GROUP_BATCHES = 64
# One statement judges at most this much: little enough to keep memory bounded.
_RUN_ROWS = 100_000
_RUN_BYTES = 16 << 20


@dataclass(frozen=True)
class Landed:
    """A landed batch that waits to be judged; `held` are its rows when they are few enough to stay in memory."""

    manifest: Manifest
    landed: str
    held: tuple[pa.Table, ...] | None = None


@dataclass
class _Group:
    """Landed batches of one feed under one mapping."""

    mapping: MappingFile
    plan: FeedPlan
    batches: list[Landed] = field(default_factory=list)

    def is_full(self) -> bool:
        rows = sum(batch.manifest.delivered_rows for batch in self.batches)
        return rows >= _GROUP_ROWS or len(self.batches) >= _GROUP_BATCHES


class Judging:
    """Judges what is queued; `outcomes` by batch id. `fingerprint` gives the hash of everything that decides a judgement."""

    def __init__(
        self, home: Home, landing: Landing, conformer: Conformer, fingerprint: Callable[[FeedPlan], str]
    ) -> None:
        self._home = home
        self._landing = landing
        self._conformer = conformer
        self._fingerprint = fingerprint
        self._groups: dict[tuple[str, str], _Group] = {}
        self.outcomes: dict[str, BatchOutcome] = {}

    def knows(self, batch_id: str) -> bool:
        """Whether that batch has an outcome or waits for one."""
        queued = (batch.manifest.batch_id for group in self._groups.values() for batch in group.batches)
        return batch_id in self.outcomes or batch_id in queued

    def queue(self, batch: Landed, mapping: MappingFile, plan: FeedPlan) -> None:
        """Judge a landed batch together with others of its kind, now or at the end."""
        group = self._groups.setdefault((plan.contract.feed, mapping.name), _Group(mapping, plan))
        group.batches.append(batch)
        if group.is_full():
            self._judge(group)

    def finish(self) -> None:
        """Judge everything that still waits."""
        for group in self._groups.values():
            self._judge(group)

    def _judge(self, group: _Group) -> None:
        batches, group.batches = group.batches, []
        opened: list[_Writing] = []
        try:
            run: list[_Judged] = []
            for judged in self._pieces(batches, group, opened):
                run.append(judged)
                rows, size = (sum(getattr(j.table, name) for j in run) for name in ("num_rows", "nbytes"))
                if rows >= _RUN_ROWS or size >= _RUN_BYTES:
                    self._judge_run(run, group)
                    run = []
            self._judge_run(run, group)
        finally:
            for writing in opened:
                writing.drop()

    def _pieces(self, batches: Iterable[Landed], group: _Group, opened: list[_Writing]) -> Iterator[_Judged]:
        """Every piece of every batch, in order; the last one of each is marked."""
        for batch in batches:
            writing = _Writing(self._home, batch, group.plan)
            opened.append(writing)
            pieces = iter(batch.held or self._landing.chunks(batch.manifest))
            table = next(pieces)
            following = next(pieces, None)
            seen = None if following is None else SeenRows()
            while table is not None:
                yield _Judged(writing, table, seen, following is None)
                table, following = following, next(pieces, None) if following is not None else None

    def _judge_run(self, run: list[_Judged], group: _Group) -> None:
        if not run:
            return
        pieces = [Piece(j.writing.identity, j.table, j.seen) for j in run]
        for judged, conformed in zip(run, self._conformer.conform(group.plan, pieces), strict=True):
            judged.writing.add(conformed)
            if judged.is_last:
                self._keep(judged.writing, group)

    def _keep(self, writing: _Writing, group: _Group) -> None:
        manifest, tally = writing.batch.manifest, writing.tally
        _hold_against_manifest(tally, manifest, group)
        mapping = group.mapping
        outcome = conformed_outcome(
            manifest, tally.account, mapping.name, mapping.sha256, writing.batch.landed
        )
        writing.keep()
        write_column_profile(self._home, outcome, writing.profile)
        write_rule_outcome(self._home, outcome, tally.rules)
        write_batch_outcome(self._home, outcome, self._fingerprint(group.plan))
        self._landing.forget_refusal(outcome.batch_id)
        self.outcomes[outcome.batch_id] = outcome


class _Writing:
    """The accepted and the quarantined rows of one batch on their way to their files."""

    def __init__(self, home: Home, batch: Landed, plan: FeedPlan) -> None:
        manifest = batch.manifest
        place = (manifest.feed, manifest.institution_id, manifest.month, manifest.batch_id)
        self.batch = batch
        self.identity = BatchIdentity(
            manifest.batch_id, manifest.institution_id, manifest.month, manifest.file
        )
        self.tally = Tally()
        self.profile = Fullness(plan.contract)
        self._accepted = ParquetInPieces(home.conformed_batch(*place), plan.contract.arrow_schema())
        self._quarantined_path = home.quarantined_batch(*place)
        self._quarantined: ParquetInPieces | None = None

    def add(self, part: Conformed) -> None:
        self.tally.add(part)
        self.profile.add(part.accepted)
        self._accepted.add(part.accepted)
        if part.quarantined.num_rows:
            if self._quarantined is None:
                self._quarantined = ParquetInPieces(self._quarantined_path, QUARANTINE_SCHEMA)
            self._quarantined.add(part.quarantined)

    def keep(self) -> None:
        self._accepted.keep()
        if self._quarantined is not None:
            self._quarantined.keep()
        else:
            self._quarantined_path.unlink(missing_ok=True)

    def drop(self) -> None:
        """Remove what was not kept."""
        for file in (self._accepted, self._quarantined):
            if file is not None:
                file.drop()


@dataclass(frozen=True)
class _Judged:
    """One piece of a batch on its way through a statement."""

    writing: _Writing
    table: pa.Table
    seen: SeenRows | None
    is_last: bool


def _hold_against_manifest(tally: Tally, manifest: Manifest, group: _Group) -> None:
    """What was counted on landing must be what was accounted for, unless the mapping makes more rows of a line or takes
    only some of a file.
    """
    account, feed_mapping = tally.account, group.plan.feed_mapping
    if feed_mapping.repeat is not None or feed_mapping.select:
        return
    if account.delivered_rows != manifest.delivered_rows:
        raise AccountingError(
            f"{manifest.batch_id}: rows landed {manifest.delivered_rows}, seen {account.delivered_rows}"
        )
    same_mapping = group.mapping.sha256 == manifest.mapping_sha256
    if same_mapping and account.delivered_fen != manifest.delivered_fen:
        raise AccountingError(
            f"{manifest.batch_id}: fen landed {manifest.delivered_fen}, seen {account.delivered_fen}"
        )
