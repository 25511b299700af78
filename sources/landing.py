"""Landing: every delivery kept once, as delivered, encrypted, with a manifest that says what came.

A batch is one file (or one sheet) of one feed from one deliverer for one month. It is written into a temporary folder
that is renamed when complete: a batch is there whole or not at all, and is never written again. Rows hold personal
identifiers, therefore `rows.parquet` is encrypted under a key of its own derived from the county's secret.
Not here: reading vendor files (connectors), meaning of columns (conforming).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from sources.connectors.delivered import Delivered
from sources.home import Home, write_json
from sources.privacy import derived_key, key_check
from sources.refusal import Refusal

SHANGHAI = timedelta(hours=8)


class KeyMismatchError(RuntimeError):
    """The home folder was filled under another secret."""


@dataclass(frozen=True)
class DeliveredFile:
    """One file found in the inbox for one feed, deliverer and month. `modified_at` is Shanghai wall time."""

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

    @property
    def batch_id(self) -> str:
        """First 16 hex digits of SHA-256 over feed, deliverer, month, file hash and sheet."""
        parts = (self.feed, self.institution_id, self.month, self.sha256, self.sheet or "")
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Manifest:
    """What is known of a landed batch; nothing personal. `landed_at` is the file's own time, so that reruns agree."""

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

    @property
    def first_landed_at(self) -> datetime:
        return datetime.fromisoformat(self.landed_at)


def shanghai_time(seconds: float) -> datetime:
    """Wall time in Shanghai (no time zone attached) of a POSIX time, whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None) + SHANGHAI


class Landing:
    """The landing area of one home folder under one secret."""

    def __init__(self, home: Home, secret: bytes) -> None:
        self.home = home
        self._secret = secret

    def open(self) -> None:
        """Make sure this secret is the one the home folder was filled with. Raises KeyMismatchError."""
        path = self.home.landing / "key_check.json"
        check = key_check(self._secret)
        if not path.is_file():
            write_json(path, {"key_check": check})
        elif json.loads(path.read_text(encoding="utf-8"))["key_check"] != check:
            raise KeyMismatchError(
                "数据目录是用另一把密钥建立的:请恢复原来的 YIGONGTI_PSEUDONYM_KEY,或换一个数据目录 / "
                "this home folder was filled under another key: restore YIGONGTI_PSEUDONYM_KEY or use another home"
            )

    def folder(self, file: DeliveredFile | Manifest) -> Path:
        return self.home.landed_batch(file.feed, file.institution_id, file.month, file.batch_id)

    def manifest(self, file: DeliveredFile) -> Manifest | None:
        """The manifest of that delivery if it has landed before."""
        path = self.folder(file) / "manifest.json"
        return read_manifest(path) if path.is_file() else None

    def manifests(self) -> Iterator[Manifest]:
        """Manifests of every landed batch, in the order of feed, deliverer, month and batch."""
        for path in sorted(self.home.landing.glob("*/institution_id=*/month=*/*/manifest.json")):
            yield read_manifest(path)

    def write(self, manifest: Manifest, delivered: Delivered) -> None:
        """Keep a batch: rows and manifest appear together or not at all."""
        target = self.folder(manifest)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".tmp-", dir=target.parent))
        try:
            self._write_rows(temporary / "rows.parquet", manifest.batch_id, delivered.rows)
            text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True)
            (temporary / "manifest.json").write_text(text + "\n", encoding="utf-8")
            temporary.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def rows(self, manifest: Manifest) -> pa.Table:
        """Rows of a landed batch as delivered, with `source_line` and `malformed_text`."""
        path = self.folder(manifest) / "rows.parquet"
        decryption = pe.create_decryption_properties(self._key(manifest.batch_id))
        return pq.ParquetFile(path, decryption_properties=decryption).read()

    def _write_rows(self, path: Path, batch_id: str, rows: pa.Table) -> None:
        encryption = pe.create_encryption_properties(self._key(batch_id), aad_prefix=batch_id.encode())
        pq.write_table(rows, path, compression="snappy", encryption_properties=encryption)

    def _key(self, batch_id: str) -> bytes:
        return derived_key(self._secret, f"landing {batch_id}")

    def refuse(self, file: DeliveredFile, refusal: Refusal) -> None:
        """Keep why a delivery was not taken in; its rows are not kept."""
        content: dict[str, Any] = {
            "file": file.file,
            "sha256": file.sha256,
            "sheet": file.sheet,
            "feed": file.feed,
            "institution_id": file.institution_id,
            "month": file.month,
            "mapping": file.mapping,
            **asdict(refusal),
        }
        write_json(self.home.refused / f"{file.batch_id}.json", content)

    def forget_refusal(self, batch_id: str) -> None:
        (self.home.refused / f"{batch_id}.json").unlink(missing_ok=True)

    def sweep(self, feed: str, institution: str, month: str) -> None:
        """Remove what a killed run left half written of one feed, deliverer and month."""
        home = self.home
        for place in (home.landed_batch, home.conformed_batch, home.quarantined_batch):
            for leftover in place(feed, institution, month, "-").parent.glob(".tmp-*"):
                if leftover.is_dir():
                    shutil.rmtree(leftover)
                else:
                    leftover.unlink()


def read_manifest(path: Path) -> Manifest:
    return Manifest(**json.loads(path.read_text(encoding="utf-8")))
