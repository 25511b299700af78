"""The manifest of a release: what it is made of and from, with a SHA-256 for every file. No clock, no
machine path. Its own hash stands beside it, and in the manifest of the release that was built upon it.

Belongs here: writing and reading it, and whether a release is still what was published. Does not: what a release holds.
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
# In the form of `sha256sum`: people check it with `sha256sum -c manifest.sha256`.
OWN_HASH = "manifest.sha256"
# Signatures over all files, this one's too (publishing/proof): added when a release is whole, and again by who signs later.
ENVELOPE = "release.dsse.json"
_TOOLS = ("duckdb", "pyarrow", "dbt-core", "dbt-duckdb", "great-expectations", "dagster")

_SHOWN = 5

Manifest = dict[str, Any]


class NotIntactError(ValueError):
    """A release is not what was published: a file was altered, added or removed."""


def write(directory: Path, content: Manifest) -> None:
    """Add the list of files to `content`, write `manifest.json` and its own hash into the release."""
    complete = {**content, "own_hash": OWN_HASH, "tools": tools(), "files": list(files_of(directory))}
    path = directory / FILE
    path.write_text(json.dumps(complete, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    (directory / OWN_HASH).write_text(f"{sha256(path)}  {FILE}\n", "utf-8")


def read(directory: Path) -> Manifest:
    """The manifest of a release, as it was written. Raises NotIntactError if there is none or it was altered."""
    try:
        text = (directory / FILE).read_bytes()
        found = json.loads(text)
        # Releases of 0.2.0 name no hash of their own.
        written = (
            (directory / found["own_hash"]).read_text("utf-8").split()[0] if "own_hash" in found else None
        )
    except (OSError, ValueError, IndexError, TypeError) as error:
        raise NotIntactError(_said(directory, [FILE])) from error
    if written is not None and written != hashlib.sha256(text).hexdigest():
        raise NotIntactError(_said(directory, [FILE]))
    return found


def require_intact(directory: Path) -> Manifest:
    """The manifest of a release of which every file is as published. Raises NotIntactError naming those that are not."""
    found = read(directory)
    published, there = (
        {file["path"]: file["sha256"] for file in files} for files in (found["files"], files_of(directory))
    )
    moved = sorted(path for path in {*published, *there} if published.get(path) != there.get(path))
    if moved:
        raise NotIntactError(_said(directory, moved))
    return found


def require_published(home: Home, directory: Path) -> Manifest:
    """The manifest of an intact release that is also the one its successor was built upon. Raises NotIntactError otherwise."""
    found = require_intact(directory)
    known = _known_to_successor(home, directory.name)
    if known is not None and known != sha256(directory / FILE):
        raise NotIntactError(_said(directory, [FILE, OWN_HASH]))
    return found


def _known_to_successor(home: Home, name: str) -> str | None:
    """Hash of a release's manifest as the release after it names it, walking back from the current one."""
    at = home.current.resolve() if home.current.is_symlink() else None
    while at is not None and at.is_dir():
        try:
            found = read(at)
        except NotIntactError:
            return None
        if found["previous"] == name:
            return found.get("previous_manifest")
        at = home.releases / found["previous"] if found["previous"] else None
    return None


def require_base(home: Home) -> None:
    """What is published now can be built upon: a revision keeps its closed months. Raises NotIntactError if it cannot."""
    if home.current.is_symlink():
        require_intact(home.current.resolve())


def _said(directory: Path, moved: list[str]) -> str:
    shown = ", ".join(moved[:_SHOWN]) + (f" …({len(moved)})" if len(moved) > _SHOWN else "")
    return (
        f"版本 {directory.name} 与发布时不同:{shown};请从备份恢复 {directory},或把 current 指回一个完好的版本后重算 / "
        f"release {directory.name} is not what was published: {shown}; restore it from a backup, or point `current` at a "
        "release that is intact and run its months again"
    )


def published_months(home: Home) -> list[str]:
    """Months of the release that is published now, sorted; none if there is no release."""
    return read(home.current)["months_published"] if home.current.exists() else []


def county_of(home: Home) -> dict[str, Any] | None:
    """Name and region code of the county whose release is published; None without a release, or in one that does not say so."""
    if not home.current.exists():
        return None
    try:
        return read(home.current)["inputs"].get("county")
    except NotIntactError:
        return None  # whoever needs the release says so; what it names cannot be relied on


def files_of(directory: Path) -> Iterable[dict[str, Any]]:
    """Path, size and SHA-256 of every file of a release but the manifest, its hash and the signatures, sorted."""
    own = tuple(directory / name for name in (FILE, OWN_HASH, ENVELOPE))
    for path in sorted(path for path in directory.rglob("*") if path.is_file() and path not in own):
        yield {
            "path": path.relative_to(directory).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": sha256(path),
        }


def is_intact(directory: Path) -> bool:
    """Whether every file of a release is there and as the manifest says."""
    try:
        require_intact(directory)
    except NotIntactError:
        return False
    return True


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tools() -> dict[str, str]:
    """Versions of what computed and wrote the release."""
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in _TOOLS},
    }
