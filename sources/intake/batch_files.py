"""The files of one batch while it is judged: accepted rows, quarantined lines, and what is counted of both.

Kept together at the end or dropped together. Not here: judging (settling), the outcome (outcome).
"""

from __future__ import annotations

from sources.base.files import ParquetInPieces
from sources.base.home import Home
from sources.conforming.fullness import Fullness
from sources.conforming.judged import QUARANTINE_SCHEMA, Conformed
from sources.conforming.tally import Tally
from sources.intake.batch import Landed


class BatchFiles:
    """The accepted and the quarantined rows of one batch on their way to their files."""

    def __init__(self, home: Home, batch: Landed) -> None:
        manifest, contract = batch.manifest, batch.in_force.plan.contract
        place = (manifest.feed, manifest.institution_id, manifest.month, manifest.batch_id)
        self.batch = batch
        self.tally = Tally()
        self.profile = Fullness(contract)
        self._accepted = ParquetInPieces(home.conformed_batch(*place), contract.arrow_schema())
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
