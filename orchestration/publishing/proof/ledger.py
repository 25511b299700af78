"""The ledger: one line for everything that was done to what is published, who did it, when and why. Lines are only ever added.

Every line names the SHA-256 of the line before it; all of them are the leaves of a Merkle tree (merkle.py) whose root is signed
(head.py). Here: adding and reading. Not here: what the lines prove (verify.py).
"""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.publishing.proof import merkle
from sources.base.home import Home

FILE = "ledger.jsonl"
KINDS = {
    "release": "发布",
    "approval": "审批",
    "waiver": "豁免",
    "policy": "政策版本",
    "correction": "更正",
    "replay": "重放",
    "identity": "身份裁定",
    "export": "导出",
}
_NOBODY_BEFORE = "0" * 64
_PERSON = "YIGONGTI_PERSON"  # who works, where the account of the machine does not say so


class LedgerError(ValueError):
    """The ledger does not have what was asked of it."""


@dataclass(frozen=True)
class Checkpoint:
    """A ledger at a moment: how many lines, and the root of their tree."""

    size: int
    root: bytes


@dataclass(frozen=True)
class Ledger:
    """The lines of a home's ledger, without their ends."""

    lines: list[bytes]

    @property
    def hashes(self) -> list[bytes]:
        return [merkle.leaf_hash(line) for line in self.lines]

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """Of the first `size` lines; of all if not given."""
        first = self.hashes[:size]
        return Checkpoint(len(first), merkle.root(first))


def read(home: Home) -> Ledger:
    """The ledger as it stands; a line without an end was cut off while it was written and never counted."""
    try:
        text = (home.root / FILE).read_bytes()
    except FileNotFoundError:
        return Ledger([])
    return Ledger(text.split(b"\n")[:-1])


def add(
    home: Home, kind: str, subject: Mapping[str, Any], why: str, *, now: dt.datetime | None = None
) -> None:
    """Add a line. The caller holds the lock of the home."""
    assert kind in KINDS, f"no kind of entry: {kind}"
    before = read(home).lines
    entry = {
        "number": len(before),
        "kind": kind,
        "subject": dict(subject),
        "who": os.environ.get(_PERSON) or getpass.getuser(),
        "when": (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds"),
        "why": why,
        "previous": hashlib.sha256(before[-1]).hexdigest() if before else _NOBODY_BEFORE,
    }
    line = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    whole = sum(len(each) + 1 for each in before)
    descriptor = os.open(home.root / FILE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        os.ftruncate(descriptor, whole)
        os.lseek(descriptor, 0, os.SEEK_END)
        os.write(descriptor, line + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def broken_at(ledger: Ledger) -> int | None:
    """Number of the first line that is none, or that the line after it does not know; None if they all follow each other."""
    previous = _NOBODY_BEFORE
    for number, line in enumerate(ledger.lines):
        try:
            entry = json.loads(line)
            follows = entry["number"] == number
            known = entry["previous"] == previous
        except (ValueError, KeyError, TypeError):
            return number
        if not known:
            return max(number - 1, 0)
        if not follows:
            return number
        previous = hashlib.sha256(line).hexdigest()
    return None
