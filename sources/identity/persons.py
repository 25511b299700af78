"""Person keys that last: what happens to them when people join, merge and split, and the log that says so.

A key once given stays with the person. A new record joins the person it belongs to. When persons merge, the oldest key
survives (the smallest of equally old ones). When a person splits, the key stays with the part that holds its anchor:
the record it was given for; if that record is gone, with the part that holds most of its records. The other part gets a
key of its own, or takes back the one it had before a merge. Keys are never given twice. Not here: who is one person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A key that was given: to which record, in which run; `into` is the key it was merged into, if it was."""

    key: str
    anchor: str
    since: int
    into: str | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened to keys already published. `records` are `kind|pseudonym`."""

    event: str
    person_key: str
    other_key: str
    records: tuple[str, ...] = ()


@dataclass(frozen=True)
class Keyed:
    """Key of every cluster, every key ever given, and what happened."""

    key: list[str]
    persons: list[Person]
    events: list[Event]


def assign(
    clusters: Sequence[Sequence[str]],
    before: Mapping[str, str],
    persons: Sequence[Person],
    run: int,
    new_key: Callable[[str, int], str],
    anchor_of: Callable[[Sequence[str]], str],
    others: Collection[str] = frozenset(),
) -> Keyed:
    """Keys for `clusters` (records, sorted) given each record's key `before` and all `persons` that concern them.

    `new_key(record, attempt)` names a person after its anchor; `anchor_of(cluster)` picks the record to name it after;
    `others` are keys of persons that do not concern these clusters, never to be given again.
    """
    keeper = _Keeper(clusters, before, persons, run, others)
    keys: list[str] = []
    for number, cluster in enumerate(clusters):
        key = keeper.kept(number)
        if key is None:
            anchor = anchor_of(cluster)
            key = keeper.give(anchor, new_key)
        keys.append(key)
    return Keyed(keys, keeper.all_persons(keys), list(_events(clusters, keys, before, keeper)))


class _Keeper:
    """Which cluster keeps which key."""

    def __init__(
        self,
        clusters: Sequence[Sequence[str]],
        before: Mapping[str, str],
        persons: Sequence[Person],
        run: int,
        others: Collection[str],
    ) -> None:
        self.run, self._others = run, others
        self.persons = {person.key: person for person in persons}
        self.home = {record: number for number, cluster in enumerate(clusters) for record in cluster}
        self._largest = self._largest_parts(clusters, before)
        living: dict[int, list[Person]] = defaultdict(list)
        retired: dict[int, list[Person]] = defaultdict(list)
        for person in persons:
            number = self.home.get(person.anchor, self._largest.get(person.key))
            if number is not None:
                (living if person.into is None else retired)[number].append(person)
        self._claims = {**{n: p for n, p in retired.items() if n not in living}, **living}

    @staticmethod
    def _largest_parts(clusters: Sequence[Sequence[str]], before: Mapping[str, str]) -> dict[str, int]:
        """Cluster with most records of every former person; the first of equally large ones."""
        parts: dict[str, Counter[int]] = defaultdict(Counter)
        for number, cluster in enumerate(clusters):
            for record in cluster:
                if record in before:
                    parts[before[record]][number] += 1
        return {key: min(count, key=lambda n: (-count[n], n)) for key, count in parts.items()}

    def kept(self, number: int) -> str | None:
        """The oldest of the keys that claim a cluster."""
        claims = self._claims.get(number)
        return min(claims, key=lambda person: (person.since, person.key)).key if claims else None

    def give(self, anchor: str, new_key: Callable[[str, int], str]) -> str:
        attempt = 1
        while (key := new_key(anchor, attempt)) in self.persons or key in self._others:
            attempt += 1
        self.persons[key] = Person(key, anchor, self.run)
        return key

    def all_persons(self, keys: Sequence[str]) -> list[Person]:
        """Every key ever given; those that no cluster carries point to the one their anchor went to."""
        carried, known = set(keys), []
        for key, person in sorted(self.persons.items()):
            number = self.home.get(person.anchor, self._largest.get(key))
            into = person.into if number is None else keys[number]
            known.append(Person(key, person.anchor, person.since, None if key in carried else into))
        return known


def _events(
    clusters: Sequence[Sequence[str]], keys: Sequence[str], before: Mapping[str, str], keeper: _Keeper
) -> Iterator[Event]:
    """Merges, splits and moves of records that had a key before, in the order of the keys."""
    went: dict[tuple[str, str], list[str]] = defaultdict(list)
    stayed = set()
    for cluster, key in zip(clusters, keys, strict=True):
        for record in cluster:
            former = before.get(record)
            if former is not None and former != key:
                went[former, key].append(record)
            elif former is not None:
                stayed.add(former)
    carried = set(keys)
    inherited = {before[record] for record in before}
    for (former, key), records in sorted(went.items()):
        if former not in carried:
            yield Event("merged", key, former, tuple(sorted(records)))
        elif key in inherited:
            yield Event("moved", key, former, tuple(sorted(records)))
        else:
            yield Event("split", former, key, tuple(sorted(records)))
