"""The county's texts in a release (`lineage/county`), and two releases' mappings held against each other line by line.

Not here: policy, which is compared row by row (policy_rows).
"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterator
from pathlib import Path

from orchestration.publishing import manifest
from sources.base.home import Home
from sources.county.policy_tables import PERSONAL

FOLDER = Path("lineage") / "county"
_LINES_SHOWN = 200


def write_texts(home: Home, release: Path) -> None:
    """The texts that the run read, byte by byte, but policy of single people."""
    if home.county_texts.is_dir():
        ignored = shutil.ignore_patterns(*(f"{name}.csv" for name in PERSONAL))
        shutil.copytree(home.county_texts, release / FOLDER, ignore=ignored)


def hashes(home: Home) -> dict[str, str]:
    """{path: SHA-256} of county.yml and the mappings: inputs, as policy is."""
    return {name: manifest.sha256(path) for name, path in _compared(home.county_texts).items()}


def changed_texts(old: Path, new: Path) -> list[str]:
    """Names of county.yml and mappings that differ; those of a release that kept none are not known."""
    before, after = _compared(old / FOLDER), _compared(new / FOLDER)
    if not before or not after:
        return []
    return sorted(name for name in {*before, *after} if _lines(before.get(name)) != _lines(after.get(name)))


def changed_lines(old: Path, new: Path, name: str) -> Iterator[str]:
    """Lines of one text that differ, with three lines around, as `diff -u` says it."""
    before, after = (_lines(_compared(side / FOLDER).get(name)) for side in (old, new))
    lines = list(difflib.unified_diff(before, after, f"{old.name}/{name}", f"{new.name}/{name}", lineterm=""))
    yield from lines[:_LINES_SHOWN]
    if len(lines) > _LINES_SHOWN:
        yield f"…… 另有 {len(lines) - _LINES_SHOWN} 行 more lines"


def _compared(folder: Path) -> dict[str, Path]:
    paths = [*folder.glob("county.yml"), *folder.glob("mappings/*.yml")]
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _lines(path: Path | None) -> list[str]:
    return path.read_text("utf-8").splitlines() if path else []
