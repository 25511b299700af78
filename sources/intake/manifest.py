"""What is known of a delivery once its bytes are: the file with its hash, and the manifest of what landed of it.

Nothing personal stands here. Not here: the rows (landing), what became of them (outcome).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from sources.conforming.judged import BatchIdentity
from sources.conforming.personal import shown_name
from sources.intake.delivery import Delivery
from sources.mappings.load import MappingFile


@dataclass(frozen=True)
class DeliveredFile:
    """One file found in the inbox for one feed, deliverer and month. `modified_at` is Shanghai wall time.

    `file` is its path below the inbox, names and numbers of persons in it covered: it stands beside every number.
    """

    feed: str
    institution_id: str
    month: str
    file: str
    sheet: str | None
    mapping: str
    mapping_sha256: str
    sha256: str
    bytes: int
    modified_at: datetime

    @classmethod
    def of(
        cls, delivery: Delivery, mapping: MappingFile, sha256: str, size: int, moment: datetime | None = None
    ) -> DeliveredFile:
        """A delivery with its hash and size; `moment` is when a database was read."""
        return cls(
            feed=delivery.feed,
            institution_id=delivery.institution_id,
            month=delivery.month,
            file=shown_name(delivery.file),
            sheet=delivery.sheet,
            mapping=mapping.name,
            mapping_sha256=mapping.sha256,
            sha256=sha256,
            bytes=size,
            modified_at=moment or delivery.modified_at,
        )

    @property
    def batch_id(self) -> str:
        """First 16 hex digits of SHA-256 over feed, deliverer, month, file hash and sheet."""
        parts = (self.feed, self.institution_id, self.month, self.sha256, self.sheet or "")
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Manifest:
    """What is known of a landed batch; nothing personal. `landed_at` is the file's own time, so that reruns agree.

    `key_id` names the key its rows are encrypted under; empty means the batch id. `remarks` are what reading it told of the
    whole (sources.connectors.remarks: rule, part or column, how often). `database` says how an extraction was
    made (sources.intake.extracted.DatabaseRecord), `parts` of which sheets it was joined (sources.connectors.joined), `retires`
    that its rows are lines of another batch that people retired (sources.intake.retirement.Retirement).
    """

    batch_id: str
    feed: str
    institution_id: str
    month: str
    connector: str
    mapping: str
    mapping_sha256: str
    file: str
    sha256: str
    bytes: int
    modified_at: str
    encoding: str
    dialect: str
    sheet: str | None
    delivered_rows: int
    malformed_rows: int
    delivered_fen: int | None
    landed_at: str
    contract_version: str
    key_id: str = ""
    database: dict[str, Any] | None = None
    remarks: Sequence[Sequence[Any]] = ()
    parts: Sequence[str] = ()
    retires: dict[str, str] | None = None

    @classmethod
    def of(cls, file: DeliveredFile, **found: Any) -> Manifest:
        """The manifest of a delivery: what the file tells, and `found`, what reading it told."""
        told = asdict(file) | {"modified_at": file.modified_at.isoformat()}
        return cls(batch_id=file.batch_id, landed_at=file.modified_at.isoformat(), **told, **found)

    @property
    def delivery(self) -> DeliveredFile:
        """The file the batch came in."""
        told = {field.name: getattr(self, field.name) for field in fields(DeliveredFile)}
        return DeliveredFile(**told | {"modified_at": self.first_landed_at})

    @property
    def identity(self) -> BatchIdentity:
        """What conforming must know of the batch."""
        return BatchIdentity(self.batch_id, self.institution_id, self.month, self.file)

    @property
    def first_landed_at(self) -> datetime:
        return datetime.fromisoformat(self.landed_at)


def read_manifest(path: Path) -> Manifest:
    return Manifest(**json.loads(path.read_text(encoding="utf-8")))
