"""What is signed of a release: an in-toto Statement that names every file with its SHA-256 and says what the release is made from.

Here: making and reading it. Not here: signatures (envelope), whether the files are as it says (verify).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from orchestration.publishing import manifest
from orchestration.publishing.proof.ledger import Checkpoint

FILE = manifest.ENVELOPE
STATEMENT_TYPE, PREDICATE_TYPE = "https://in-toto.io/Statement/v1", "urn:yigongti:release:v1"
_WAIVERS = "lineage/policy/waiver.parquet"
Statement = dict[str, Any]


def state(release: Path, before: Checkpoint) -> bytes:
    """The statement of a written release; `before`: the ledger as it was when the release was made."""
    told = manifest.read(release)
    batches = json.dumps(told["inputs"]["batches"], sort_keys=True, ensure_ascii=False)
    statement: Statement = {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": digest}} for name, digest in sorted(files_of(release))
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "release": {name: told[name] for name in ("release_id", "months_computed", "months_published")},
            "previous": {"release_id": told["previous"], "manifest": told["previous_manifest"]},
            "inputs": {
                "batches": len(told["inputs"]["batches"]),
                "batches_digest": hashlib.sha256(batches.encode()).hexdigest(),
                **{name: told["inputs"].get(name) for name in ("county", "policy", "texts", "code_version")},
            },
            "tools": told["tools"],
            "gates": told["gates"],
            "waivers": _waivers(release),
            "checkpoint": {"size": before.size, "root": before.root.hex()},
        },
    }
    return (json.dumps(statement, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def files_of(release: Path) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of everything in a release but the envelope; what is no file or folder has no digest."""
    for path in release.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            continue
        name = path.relative_to(release).as_posix()
        if name != FILE:
            yield name, manifest.sha256(path) if path.is_file() else ""


def _waivers(release: Path) -> list[dict[str, str]]:
    """Waivers of the policy as it was, every cell as text."""
    path = release / _WAIVERS
    rows = pq.ParquetFile(path).read().to_pylist() if path.is_file() else []
    return [{name: str(value) for name, value in row.items() if value is not None} for row in rows]
