"""What is known of the extractions of one place: what each left in its manifest, from when on to read, what passes now.

Not here: reading and landing (extraction).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from sources.connectors.databases.reading import Reading
from sources.connectors.databases.selection import Selection
from sources.intake.change_times import earlier, newest
from sources.intake.deletions import Present
from sources.intake.landed_rows import ContentDigest
from sources.intake.manifest import Manifest
from sources.mappings.databases import DatabaseSettings

# Ends the file name of a batch of rows that are no longer at the source.
GONE = "/deleted"


@dataclass(frozen=True)
class DatabaseRecord:
    """What a manifest says of an extraction. `statement_sha256` names table or query and columns; no address, no user.

    deletes: its rows are those that were no longer at the source.
    """

    server: str
    statement_sha256: str
    since: str | None
    watermark: str | None
    rows_read: int
    rows_known: int
    deletes: bool = False


def deletes(manifest: Manifest) -> bool:
    """Whether the rows of a batch are such that were no longer at the source, or that people retired."""
    return manifest.retires is not None or bool(manifest.database and manifest.database.get("deletes"))


class Progress:
    """What is counted while rows pass: how many, the digest of the new ones, the newest time of change."""

    def __init__(self, found: Reading, watermark: str | None, present: Present | None) -> None:
        self.rows = 0
        self.present = present
        self.digest = ContentDigest(found.header)
        self.watermark = watermark
        self._updated = found.updated
        self._now = found.moment

    def add(self, rows: pa.Table, new: pa.Table) -> None:
        self.rows += rows.num_rows
        self.digest.add(new)
        if self._updated is not None:
            latest = newest(rows.column(self._updated), self._now)
            self.watermark = max(filter(None, (self.watermark, latest)), default=None)


def watermarks(landed: Sequence[Manifest], source: Selection) -> list[str]:
    """Newest times of change of earlier extractions of the same table or query."""
    records = [DatabaseRecord(**manifest.database) for manifest in landed if manifest.database]
    return [r.watermark for r in records if r.watermark and r.statement_sha256 == source.sha256]


def begin_at(landed: Sequence[Manifest], source: Selection, settings: DatabaseSettings) -> str | None:
    """From which time of change on to read; None for everything."""
    newest_landed = max(watermarks(landed, source), default=None) if source.updated is not None else None
    return earlier(newest_landed, settings.late_window_days) if newest_landed else None
