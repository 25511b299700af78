"""Landing: every delivery kept once, as delivered, encrypted, with a manifest that says what came.

A batch is one file (or one sheet) of one feed from one deliverer for one month. It is written into a temporary folder,
chunk by chunk, that is renamed when complete: a batch is there whole or not at all, and is never written again. Rows hold personal
identifiers, therefore `rows.parquet` is encrypted under a key of its own derived from the county's secret.
Not here: reading vendor files (connectors), meaning of columns (conforming).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from sources.base.files import synchronise, write_json
from sources.base.home import Home
from sources.base.privacy import derived_key, key_check
from sources.base.refusal import Refusal
from sources.intake.manifest import DeliveredFile, Manifest, read_manifest

# Columns with more different values than this are written plainly: half the time of trying, and smaller.
_DICTIONARY_BYTES = 64 << 10


class KeyMismatchError(RuntimeError):
    """The home folder was filled under another secret."""


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

    def manifests_of(self, feed: str, institution: str, month: str) -> list[Manifest]:
        """Manifests of what has landed of one feed, deliverer and month, the earliest first."""
        parent = self.home.landed_batch(feed, institution, month, "-").parent
        found = [read_manifest(path) for path in parent.glob("*/manifest.json")]
        return sorted(found, key=lambda manifest: (manifest.landed_at, manifest.batch_id))

    @contextmanager
    def arriving(self, feed: str, institution: str, month: str, key_id: str) -> Iterator[Arriving]:
        """A place for a batch that is still being read; what was not kept at the end is gone.

        `key_id` names the encryption key: the batch id, or anything unique while that is not known yet.
        """
        parent = self.home.landed_batch(feed, institution, month, "-").parent
        parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".tmp-", dir=parent))
        arriving = Arriving(temporary, key_id, self._key(key_id))
        try:
            yield arriving
        finally:
            arriving.close()
            shutil.rmtree(temporary, ignore_errors=True)

    def chunks(self, manifest: Manifest) -> Iterator[pa.Table]:
        """Rows of a landed batch as delivered, with `source_line` and `malformed_text`, in the chunks they came in.

        At least one table, empty when nothing was delivered.
        """
        with self._rows(manifest) as file:
            if file.num_row_groups == 0:
                yield file.schema_arrow.empty_table()
            for number in range(file.num_row_groups):
                yield file.read_row_group(number)

    def schema(self, manifest: Manifest) -> pa.Schema:
        """Columns of a landed batch."""
        with self._rows(manifest) as file:
            return file.schema_arrow

    def _rows(self, manifest: Manifest) -> pq.ParquetFile:
        decryption = pe.create_decryption_properties(self._key(manifest.key_id or manifest.batch_id))
        return pq.ParquetFile(self.folder(manifest) / "rows.parquet", decryption_properties=decryption)

    def _key(self, key_id: str) -> bytes:
        return derived_key(self._secret, f"landing {key_id}")

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


class Arriving:
    """A batch on its way in: chunks are written as they come, and kept with their manifest or not at all."""

    def __init__(self, folder: Path, key_id: str, key: bytes) -> None:
        self._folder = folder
        self._key_id = key_id
        self._key = key
        self._writer: pq.ParquetWriter | None = None

    def begin(self, schema: pa.Schema) -> None:
        """State the columns before the first chunk; needed even when no chunk follows."""
        encryption = pe.create_encryption_properties(self._key, aad_prefix=self._key_id.encode())
        self._writer = pq.ParquetWriter(
            self._folder / "rows.parquet",
            schema,
            compression="snappy",
            dictionary_pagesize_limit=_DICTIONARY_BYTES,
            write_statistics=False,
            encryption_properties=encryption,
        )

    def add(self, chunk: pa.Table) -> None:
        """Write one chunk, as a row group of its own."""
        assert self._writer is not None, "begin() comes first"
        self._writer.write_table(chunk, row_group_size=max(chunk.num_rows, 1))

    def keep(self, manifest: Manifest, target: Path) -> None:
        """Rows and manifest appear together."""
        self.close()
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True)
        (self._folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
        for path in (self._folder / "rows.parquet", self._folder / "manifest.json", self._folder):
            synchronise(path)
        self._folder.rename(target)
        synchronise(target.parent)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
