"""The manifest of a release: what it is made of and from, with a SHA-256 for every file. No clock, no
machine path.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sources.base.home import Home

FILE = "manifest.json"
_TOOLS = ("duckdb", "pyarrow", "dbt-core", "dbt-duckdb", "great-expectations", "dagster")

Manifest = dict[str, Any]


def write(directory: Path, content: Manifest) -> None:
    """Add the list of files to `content` and write `manifest.json` into the release."""
    complete = {**content, "tools": tools(), "files": list(files_of(directory))}
    (directory / FILE).write_text(
        json.dumps(complete, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8"
    )


def read(directory: Path) -> Manifest:
    """The manifest of a release. Raises FileNotFoundError if the release was never finished."""
    return json.loads((directory / FILE).read_text("utf-8"))


def published_months(home: Home) -> list[str]:
    """Months of the release that is published now, sorted; none if there is no release."""
    return read(home.current)["months_published"] if home.current.exists() else []


def files_of(directory: Path) -> Iterable[dict[str, Any]]:
    """Path, size and SHA-256 of every file of a release but the manifest, sorted."""
    for path in sorted(path for path in directory.rglob("*") if path.is_file() and path.name != FILE):
        yield {
            "path": path.relative_to(directory).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": sha256(path),
        }


def is_intact(directory: Path) -> bool:
    """Whether every file of a release is there and as the manifest says."""
    return read(directory)["files"] == list(files_of(directory))


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tools() -> dict[str, str]:
    """Versions of what computed and wrote the release."""
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in _TOOLS},
    }
