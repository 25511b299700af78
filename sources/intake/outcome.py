"""Outcomes: what became of every delivery, as small tables that the warehouse and the gates read.

Here: `batch_outcome` (one row per batch), `rule_outcome` (one row per batch, rule and column) and `column_profile` (one row
per batch and column): their columns, writing and reading. Not here: how outcomes come about (ingest).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import pyarrow as pa

from sources.base.files import read_parquet, write_parquet
from sources.base.home import Home
from sources.base.refusal import Refusal
from sources.conforming.accounting import REFUSED, Account
from sources.conforming.fullness import Fullness
from sources.conforming.judged import RuleCount
from sources.intake.manifest import DeliveredFile, Manifest
from sources.mappings.load import MappingFile

CONFORMED_STATUS, REFUSED_STATUS = "conformed", "refused"
_FINGERPRINT = b"conforming_fingerprint"

BATCH_SCHEMA = pa.schema(
    [
        ("feed", pa.string()),
        ("institution_id", pa.string()),
        ("month", pa.string()),
        ("batch_id", pa.string()),
        ("status", pa.string()),
        ("source_file", pa.string()),
        ("source_sha256", pa.string()),
        ("encoding", pa.string()),
        ("mapping", pa.string()),
        ("mapping_sha256", pa.string()),
        ("delivered_rows", pa.int64()),
        ("accepted_rows", pa.int64()),
        ("quarantined_rows", pa.int64()),
        ("duplicate_rows", pa.int64()),
        ("delivered_fen", pa.int64()),
        ("accepted_fen", pa.int64()),
        ("quarantined_fen", pa.int64()),
        ("duplicate_fen", pa.int64()),
        ("first_landed_at", pa.timestamp("us")),
    ]
)
RULE_SCHEMA = pa.schema(
    [
        ("feed", pa.string()),
        ("institution_id", pa.string()),
        ("month", pa.string()),
        ("batch_id", pa.string()),
        ("rule_id", pa.string()),
        ("column_name", pa.string()),
        ("disposition", pa.string()),
        ("violated", pa.int64()),
        ("total", pa.int64()),
        ("message_zh", pa.string()),
        ("message_en", pa.string()),
    ]
)
PROFILE_SCHEMA = pa.schema(
    [
        ("feed", pa.string()),
        ("institution_id", pa.string()),
        ("month", pa.string()),
        ("batch_id", pa.string()),
        ("column_name", pa.string()),
        ("required", pa.bool_()),
        ("accepted_rows", pa.int64()),
        ("filled_rows", pa.int64()),
    ]
)


@dataclass(frozen=True)
class BatchOutcome:
    """One delivery's outcome. `landed` is 'new' or 'unchanged'; `refusal` says why a refused one was refused."""

    feed: str
    institution_id: str
    month: str
    batch_id: str
    status: str
    source_file: str
    source_sha256: str
    encoding: str | None
    mapping: str
    mapping_sha256: str
    delivered_rows: int
    accepted_rows: int
    quarantined_rows: int
    duplicate_rows: int
    delivered_fen: int | None
    accepted_fen: int | None
    quarantined_fen: int | None
    duplicate_fen: int | None
    first_landed_at: datetime
    landed: str = "new"
    refusal: Refusal | None = None


def refused_outcome(file: DeliveredFile, refusal: Refusal, landed: str = "new") -> BatchOutcome:
    """The outcome of a delivery that was not taken in: no rows are accounted for."""
    return BatchOutcome(
        feed=file.feed,
        institution_id=file.institution_id,
        month=file.month,
        batch_id=file.batch_id,
        status=REFUSED_STATUS,
        source_file=file.file,
        source_sha256=file.sha256,
        encoding=None,
        mapping=file.mapping,
        mapping_sha256=file.mapping_sha256,
        first_landed_at=file.modified_at,
        landed=landed,
        refusal=refusal,
        **asdict(REFUSED),
    )


def conformed_outcome(
    manifest: Manifest, account: Account, mapping: MappingFile, landed: str
) -> BatchOutcome:
    """The outcome of a batch conformed with a mapping (today's, which need not be the one it landed with)."""
    return BatchOutcome(
        feed=manifest.feed,
        institution_id=manifest.institution_id,
        month=manifest.month,
        batch_id=manifest.batch_id,
        status=CONFORMED_STATUS,
        source_file=manifest.file,
        source_sha256=manifest.sha256,
        encoding=manifest.encoding,
        mapping=mapping.name,
        mapping_sha256=mapping.sha256,
        first_landed_at=manifest.first_landed_at,
        landed=landed,
        **asdict(account),
    )


def write_batch_outcome(
    home: Home, outcome: BatchOutcome, fingerprint: str, said: Mapping[bytes, bytes] | None = None
) -> None:
    """Write one row; the fingerprint of everything that led to it goes into the file's metadata, beside what else is `said`."""
    columns = {name: [getattr(outcome, name)] for name in BATCH_SCHEMA.names}
    schema = BATCH_SCHEMA.with_metadata({_FINGERPRINT: fingerprint.encode(), **(said or {})})
    write_parquet(home.batch_outcome / f"{outcome.batch_id}.parquet", pa.table(columns, schema=schema))


def read_batch_outcome(home: Home, batch_id: str) -> tuple[BatchOutcome, str] | None:
    """The outcome kept for a batch and its fingerprint, None when there is none (the file that only gives columns has none)."""
    path = home.batch_outcome / f"{batch_id}.parquet"
    if not path.is_file():
        return None
    table = read_parquet(path)
    if table.num_rows == 0:
        return None
    metadata = table.schema.metadata or {}
    return BatchOutcome(**table.to_pylist()[0]), metadata.get(_FINGERPRINT, b"").decode()


def read_outcomes(home: Home) -> list[BatchOutcome]:
    """Every batch's outcome, in the order of feed, deliverer, month, file and batch."""
    read = (read_batch_outcome(home, path.stem) for path in sorted(home.batch_outcome.glob("*.parquet")))
    found = [kept[0] for kept in read if kept is not None]
    return sorted(found, key=lambda o: (o.feed, o.institution_id, o.month, o.source_file, o.batch_id))


def read_refusals(home: Home) -> dict[str, str]:
    """{batch id: why that delivery was refused}."""
    kept = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(home.refused.glob("*.json"))}
    return {
        batch: f"[{said['code']}] {said['message_zh']} / {said['message_en']}" for batch, said in kept.items()
    }


def unchanged(outcome: BatchOutcome) -> BatchOutcome:
    return replace(outcome, landed="unchanged")


def write_rule_outcome(home: Home, outcome: BatchOutcome, rules: Sequence[RuleCount]) -> None:
    """Write the rules broken in a batch; a batch without any has no file."""
    path = home.rule_outcome / f"{outcome.batch_id}.parquet"
    if not rules:
        path.unlink(missing_ok=True)
        return
    same = (outcome.feed, outcome.institution_id, outcome.month, outcome.batch_id)
    rows = [
        (*same, r.rule_id, r.column_name, r.disposition, r.violated, r.total, r.message_zh, r.message_en)
        for r in rules
    ]
    columns = [
        pa.array(column, field.type)
        for column, field in zip(zip(*rows, strict=True), RULE_SCHEMA, strict=True)
    ]
    write_parquet(path, pa.Table.from_arrays(columns, schema=RULE_SCHEMA))


def write_column_profile(home: Home, outcome: BatchOutcome, profile: Fullness) -> None:
    """Write how full each column of a batch is."""
    same = (outcome.feed, outcome.institution_id, outcome.month, outcome.batch_id)
    rows = [(*same, name, required, profile.rows, filled) for name, required, filled in profile.columns()]
    columns = [
        pa.array(column, field.type)
        for column, field in zip(zip(*rows, strict=True), PROFILE_SCHEMA, strict=True)
    ]
    path = home.column_profile / f"{outcome.batch_id}.parquet"
    write_parquet(path, pa.Table.from_arrays(columns, schema=PROFILE_SCHEMA))


def forget(home: Home, batch_id: str) -> None:
    """Remove what is said of a batch (a refused delivery that is no longer in the inbox)."""
    for folder in (home.batch_outcome, home.rule_outcome, home.column_profile):
        (folder / f"{batch_id}.parquet").unlink(missing_ok=True)
