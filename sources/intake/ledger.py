"""Ledger: every batch that was taken in, one line each, never rewritten, beside landing and conformed, so that a batch of
which both are gone is still missed.

Here: writing and reading lines. Not here: what is said of a batch that is gone (intact).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from sources.base.files import append_line, read_lines
from sources.base.home import Home
from sources.intake.manifest import Manifest, read_manifest
from sources.intake.outcome import CONFORMED_STATUS, read_batch_outcome


@dataclass(frozen=True)
class TakenIn:
    """A batch that was conformed. `is_there`: whether anything is expected of it; not of one that is refused."""

    batch_id: str
    institution_id: str
    month: str
    file: str
    is_there: bool = True


class Ledger:
    """The lines of one feed in one home."""

    def __init__(self, home: Home, feed: str) -> None:
        self._home, self._feed = home, feed

    @property
    def _path(self) -> Path:
        return self._home.taken_in(self._feed)

    @cached_property
    def _lines(self) -> dict[str, TakenIn]:
        """The last line of every batch."""
        lines = (TakenIn(**json.loads(line)) for line in read_lines(self._path))
        return {each.batch_id: each for each in lines}

    @property
    def batches(self) -> list[TakenIn]:
        """What has to be there, by id."""
        return [each for _, each in sorted(self._lines.items()) if each.is_there]

    def note(self, manifest: Manifest) -> None:
        """Write down a batch, unless it is."""
        if not self._path.is_file():
            for path in sorted(
                self._home.landing.glob(f"{self._feed}/institution_id=*/month=*/*/manifest.json")
            ):
                earlier = read_manifest(path)
                # What landed before there was a ledger is in it from the start.
                kept = read_batch_outcome(self._home, earlier.batch_id)
                if kept is not None and kept[0].status == CONFORMED_STATUS:
                    self._write(_line(earlier))
        if self._lines.get(manifest.batch_id) != (line := _line(manifest)):
            self._write(line)

    def forget(self, batch_id: str) -> None:
        """Expect nothing of a batch any more."""
        line = self._lines.get(batch_id)
        if line is not None and line.is_there:
            self._write(replace(line, is_there=False))

    def _write(self, line: TakenIn) -> None:
        append_line(self._path, json.dumps(asdict(line), ensure_ascii=False, sort_keys=True))
        self._lines[line.batch_id] = line


def _line(manifest: Manifest) -> TakenIn:
    return TakenIn(manifest.batch_id, manifest.institution_id, manifest.month, manifest.file)


def taken_in(home: Home) -> Iterator[tuple[str, TakenIn]]:
    """(feed, batch) of every batch that has to be there."""
    for path in sorted(home.intake.glob("*/taken_in.jsonl")):
        for each in Ledger(home, path.parent.name).batches:
            yield path.parent.name, each


def find_batch(home: Home, batch_id: str) -> tuple[str, TakenIn] | None:
    """(feed, batch) that was ever taken in or refused, also of one that is gone; None of one that is none."""
    # People type it, and it names a file.
    kept = read_batch_outcome(home, batch_id) if batch_id.isalnum() else None
    if kept is not None:
        outcome = kept[0]
        return outcome.feed, TakenIn(batch_id, outcome.institution_id, outcome.month, outcome.source_file)
    return next((found for found in taken_in(home) if found[1].batch_id == batch_id), None)
