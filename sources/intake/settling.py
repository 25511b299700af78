"""Settling: a group of landed batches judged piece by piece, or a batch refused, and what became of each written down.

Small batches share a statement, large ones are taken chunk by chunk, so that memory stays the same however large a file
is. Rows first, the outcome last: a batch without an outcome is judged again after a kill. Not here: landing (receiving) or
the rules (conforming).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.base.home import Home
from sources.conforming.accounting import AccountingError
from sources.conforming.batch import Conformer
from sources.conforming.duplicates import EarlierRows
from sources.conforming.judged import Piece
from sources.intake.batch import InForce, Landed, Refused
from sources.intake.batch_files import BatchFiles
from sources.intake.intact import KEPT, KeptFiles
from sources.intake.landing import Landing
from sources.intake.ledger import Ledger
from sources.intake.manifest import DeliveredFile
from sources.intake.outcome import (
    BatchOutcome,
    conformed_outcome,
    refused_outcome,
    write_batch_outcome,
    write_column_profile,
    write_rule_outcome,
)

# One statement judges at most this much: little enough to keep memory bounded.
_RUN_ROWS = 100_000
_RUN_BYTES = 16 << 20


@dataclass(frozen=True)
class _Part:
    """One piece of a batch on its way through a statement."""

    files: BatchFiles
    table: pa.Table
    earlier: EarlierRows | None
    is_last: bool


class Settling:
    """Writes fates down: one home, one landing, one conformer."""

    def __init__(self, home: Home, landing: Landing, conformer: Conformer) -> None:
        self._home = home
        self._landing = landing
        self._conformer = conformer
        self._ledgers: dict[str, Ledger] = {}

    def refuse(self, file: DeliveredFile, fate: Refused) -> BatchOutcome:
        """Say why, and leave nothing of the batch among the conformed."""
        self._landing.refuse(file, fate.refusal)
        self.ledger(file.feed).forget(file.batch_id)
        place = (file.feed, file.institution_id, file.month, file.batch_id)
        self._home.conformed_batch(*place).unlink(missing_ok=True)
        self._home.quarantined_batch(*place).unlink(missing_ok=True)
        (self._home.column_profile / f"{file.batch_id}.parquet").unlink(missing_ok=True)
        outcome = refused_outcome(file, fate.refusal, fate.landed)
        write_rule_outcome(self._home, outcome, [])
        write_batch_outcome(self._home, outcome, fate.fingerprint)
        return outcome

    def ledger(self, feed: str) -> Ledger:
        return self._ledgers.setdefault(feed, Ledger(self._home, feed))

    def conform(self, group: Sequence[Landed]) -> Iterator[BatchOutcome]:
        """Judge batches of one kind; an outcome for each, in order. Raises AccountingError."""
        in_force = group[0].in_force
        opened: list[BatchFiles] = []
        try:
            run: list[_Part] = []
            for part in self._parts(group, opened):
                run.append(part)
                rows, size = (
                    sum(getattr(each.table, name) for each in run) for name in ("num_rows", "nbytes")
                )
                if rows >= _RUN_ROWS or size >= _RUN_BYTES:
                    yield from self._judge(run, in_force)
                    run = []
            yield from self._judge(run, in_force)
        finally:
            for files in opened:
                files.drop()

    def _parts(self, group: Iterable[Landed], opened: list[BatchFiles]) -> Iterator[_Part]:
        """Every piece of every batch, in order; the last one of each is marked."""
        for batch in group:
            files = BatchFiles(self._home, batch)
            opened.append(files)
            pieces = iter(batch.held or self._landing.chunks(batch.manifest))
            table = next(pieces)
            following = next(pieces, None)
            earlier = None if following is None else EarlierRows()
            while table is not None:
                yield _Part(files, table, earlier, following is None)
                table, following = following, next(pieces, None) if following is not None else None

    def _judge(self, run: Sequence[_Part], in_force: InForce) -> Iterator[BatchOutcome]:
        if not run:
            return
        pieces = [Piece(part.files.batch.manifest.identity, part.table, part.earlier) for part in run]
        for part, conformed in zip(run, self._conformer.conform(in_force.plan, pieces), strict=True):
            part.files.add(conformed)
            if part.is_last:
                reused = part.earlier.reused if part.earlier is not None else []
                yield self._once_more(part.files.batch, reused) if reused else self._keep(part.files)

    def _once_more(self, batch: Landed, reused: Sequence[np.ndarray]) -> BatchOutcome:
        """The batch judged anew, knowing which keys it uses again: rows with them had been accepted before that showed."""
        files, earlier = BatchFiles(self._home, batch), EarlierRows(reused)
        try:
            for table in self._landing.chunks(batch.manifest):
                piece = Piece(batch.manifest.identity, table, earlier)
                for conformed in self._conformer.conform(batch.in_force.plan, [piece]):
                    files.add(conformed)
            return self._keep(files)
        finally:
            files.drop()

    def _keep(self, files: BatchFiles) -> BatchOutcome:
        batch, tally = files.batch, files.tally
        _hold_against_manifest(files)
        tally.tell(batch.manifest.remarks)
        outcome = conformed_outcome(batch.manifest, tally.account, batch.in_force.mapping, batch.landed)
        files.keep()
        write_column_profile(self._home, outcome, files.profile)
        write_rule_outcome(self._home, outcome, tally.rules)
        self.ledger(outcome.feed).note(batch.manifest)
        kept = {KEPT: KeptFiles.of(self._home, batch.manifest).text()}
        write_batch_outcome(self._home, outcome, batch.in_force.fingerprint, kept)
        self._landing.forget_refusal(outcome.batch_id)
        return outcome


def _hold_against_manifest(files: BatchFiles) -> None:
    """What was counted on landing must be what was accounted for, unless the mapping makes more rows of a line or takes
    only some of a file.
    """
    manifest, in_force, account = files.batch.manifest, files.batch.in_force, files.tally.account
    if in_force.plan.feed_mapping.repeat is not None or in_force.plan.feed_mapping.select:
        return
    if account.delivered_rows != manifest.delivered_rows:
        raise AccountingError(
            f"{manifest.batch_id}: rows landed {manifest.delivered_rows}, seen {account.delivered_rows}"
        )
    same_mapping = in_force.mapping.sha256 == manifest.mapping_sha256
    if same_mapping and account.delivered_fen != manifest.delivered_fen:
        raise AccountingError(
            f"{manifest.batch_id}: fen landed {manifest.delivered_fen}, seen {account.delivered_fen}"
        )
