"""Arrivals: which batch was found under which name, in the order in which it was found, one line each, never rewritten.

The time of a file says when it was written; a corrected file may bear an older one. What arrived last under a name is
therefore written down here. Not here: what follows from it (standing).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from sources.base.files import append_line, read_lines
from sources.base.home import Home
from sources.connectors.databases import CONNECTOR as DATABASES
from sources.intake.manifest import DeliveredFile, read_manifest

Place = tuple[str, str]


@dataclass(frozen=True)
class Arrival:
    """One batch found under one name. `modified_at` is the time the file bore (of a database: when it was read). `only_adds`: it takes the
    place of no other (rows of a database, lines that people retired).
    """

    institution_id: str
    month: str
    file: str
    sheet: str | None
    only_adds: bool
    batch_id: str
    modified_at: str

    @classmethod
    def of(cls, file: DeliveredFile, only_adds: bool) -> Arrival:
        return cls(
            institution_id=file.institution_id,
            month=file.month,
            file=file.file,
            sheet=file.sheet,
            only_adds=only_adds,
            batch_id=file.batch_id,
            modified_at=file.modified_at.isoformat(),
        )

    @property
    def place(self) -> Place:
        return self.institution_id, self.month

    @property
    def name(self) -> tuple[str, str | None]:
        return self.file, self.sheet


def arrived_feeds(home: Home) -> list[str]:
    """Feeds of which anything ever arrived, sorted."""
    return sorted(path.parent.name for path in home.intake.glob(f"*/{home.arrivals('-').name}"))


class Arrivals:
    """The arrivals of one feed in one home."""

    def __init__(self, home: Home, feed: str) -> None:
        self._home, self._feed = home, feed

    @property
    def _path(self) -> Path:
        return self._home.arrivals(self._feed)

    @cached_property
    def places(self) -> dict[Place, list[Arrival]]:
        """Arrivals by deliverer and month, the earliest first."""
        found: dict[Place, list[Arrival]] = {}
        for line in read_lines(self._path):
            arrival = Arrival(**json.loads(line))
            found.setdefault(arrival.place, []).append(arrival)
        return found

    def note(self, file: DeliveredFile, only_adds: bool) -> None:
        """Write down what was found, unless it is what was found last under that name."""
        arrival = Arrival.of(file, only_adds)
        if arrival.place not in self.places:
            self._write(each for each in self._landed_before(arrival) if each.batch_id != arrival.batch_id)
        same = [each for each in self.places.get(arrival.place, ()) if each.name == arrival.name]
        if only_adds:
            same = [each for each in same if each.batch_id == arrival.batch_id]
        if not same or same[-1].batch_id != arrival.batch_id:
            self._write([arrival])

    def _landed_before(self, arrival: Arrival) -> list[Arrival]:
        """What landed there before arrivals were written down, by the times of the files."""
        folder = self._home.landed_batch(self._feed, *arrival.place, "-").parent
        manifests = [read_manifest(path) for path in folder.glob("*/manifest.json")]
        found = [
            Arrival.of(each.delivery, each.connector == DATABASES or each.retires is not None)
            for each in manifests
        ]
        return sorted(found, key=lambda each: (each.modified_at, each.file, each.batch_id))

    def _write(self, arrivals: Iterable[Arrival]) -> None:
        for arrival in arrivals:
            append_line(self._path, json.dumps(asdict(arrival), ensure_ascii=False, sort_keys=True))
            self.places.setdefault(arrival.place, []).append(arrival)
