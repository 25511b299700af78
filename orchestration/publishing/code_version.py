"""Which code computed a release: one hash over the files of the four rooms.

A git commit would not do: it says nothing of an edited working tree, and it changes when only a document
does.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_ROOMS = ("sources", "dbt_project", "expectations", "orchestration")
_SUFFIXES = {".py", ".sql", ".yml", ".csv", ".j2"}
_MADE = {"__pycache__", "target", "logs", "dbt_packages"}


@functools.cache
def code_version() -> str:
    """SHA-256 over path and content of every source file of the rooms."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(path.relative_to(_ROOT).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for room in _ROOMS:
        found = (path for path in (_ROOT / room).rglob("*") if path.suffix in _SUFFIXES and path.is_file())
        yield from sorted(path for path in found if _MADE.isdisjoint(path.relative_to(_ROOT).parts))
