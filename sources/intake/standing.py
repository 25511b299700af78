"""Standing: which of the batches that were ever taken in count, decided in this one place and written for all to read.

A batch is in force, overtaken by a later one, or withdrawn by a person. A file takes the place of what came earlier under its
name, of everything of its month, or of nothing, as its mapping says (`replaces`); what a database gave is only ever added to.
Only batches of which there is something to say have a row: whoever is not named is in force. Not here: which of the rows in
force counts (dbt's newest_version), how keys are compared (comparison).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sources.base.engine import literal, literals, matching
from sources.base.files import write_parquet
from sources.base.home import Home
from sources.base.privacy import Pseudonymiser
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.intake.arrivals import Arrival, Arrivals, Place
from sources.intake.comparison import Comparison
from sources.intake.outcome import REFUSED_STATUS, BatchOutcome, read_batch_outcome
from sources.intake.resolution import Corrections, Resolved
from sources.intake.withdrawals import Decision, withdrawn
from sources.mappings.language import Replaces

IN_FORCE, OVERTAKEN, WITHDRAWN = "in_force", "overtaken", "withdrawn"
# Raised when the same batches would be decided otherwise.
_RULES = "3"
_BASIS = b"basis"
_COUNTS = ("_keys", "_rows", "_fen")


@dataclass(frozen=True)
class Standing:
    """What is to be said of one batch.

    `ended_keys`: keys that nothing in force of its month has any more. `absent_keys`: keys of a batch in force that a later
    file, which repeats most of them (`common_keys`), leaves out; `compared_with` is that file's batch. `unused_keys`: keys of a later file
    that do not count, because an earlier one with a newer time has them. `moved_keys`: keys whose row stands, later and else the
    same, under another institution too. `resolved_rows` and `resolved_fen`: quarantined rows
    whose record came again in a later batch in force, of the same month or of a later one.
    """

    feed: str
    institution_id: str
    month: str
    batch_id: str
    source_file: str
    standing: str
    overtaken_by: str | None = None
    reason: str | None = None
    decided_by: str | None = None
    decided_on: str | None = None
    ended_keys: int = 0
    absent_keys: int = 0
    common_keys: int = 0
    unused_keys: int = 0
    moved_keys: int = 0
    compared_with: str | None = None
    resolved_rows: int = 0
    resolved_fen: int = 0


STANDING_SCHEMA = pa.schema(
    [(each.name, pa.int64() if each.name.endswith(_COUNTS) else pa.string()) for each in fields(Standing)]
)
# How many rows of a rule and column are no longer open, of batches that have any.
RESOLVED_SCHEMA = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("feed", "institution_id", "month", "batch_id", "rule_id", "column_name")
        ),
        ("resolved", pa.int64()),
    ]
)


def write_standing(
    county: County, home: Home, arrivals: Arrivals, feed: str, touched: Collection[Place] | None = None
) -> None:
    """Decide the standing of every batch of a feed and write it. What did not change is not compared again.

    touched: places of which batches may have been judged anew; None means all. The table of standings is written last: it
    says what was decided on, so that whatever a kill left undone is done again.
    """
    before, now = _Written.read(home, feed), _Written({}, [], [])
    for case in _cases(county, home, arrivals, feed, before):
        if not case.has_something_to_say:
            continue
        name = "/".join(case.place)
        came, judged, _ = before.decided_on(case.place)
        untouched = touched is not None and not case.places & set(touched)
        if came == case.came and (untouched or judged == case.judged):
            now.take_over(before, case.place, name)
        else:
            now.add(case, name)
    now.write(home, feed)


def _cases(county: County, home: Home, arrivals: Arrivals, feed: str, before: _Written) -> Iterator[_Case]:
    """Every deliverer's month, with those after it that may correct a row that it has in quarantine."""
    decided, contract, speaks_for = withdrawn(home), load_contracts()[feed], county.speaks_for
    corrections = Corrections(home, contract, Pseudonymiser(county.pseudonym_key(os.environ)))
    cases = {
        place: _Case(
            home,
            feed,
            place,
            found,
            _replaces(county, feed, place[0]),
            decided,
            corrections,
            tuple(row for row in before.rows if (row.institution_id, row.month) == place),
            before.decided_on(place)[2],
            contract.institution_of_key is not None and len(speaks_for.get(place[0], ())) > 1,
        )
        for place, found in sorted(arrivals.places.items())
    }
    for (who, month), case in cases.items():
        after = [other for (whose, later), other in cases.items() if whose == who and later > month]
        yield (
            replace(case, after=tuple(after))
            if after and case.has_quarantine and not contract.keep_every_month
            else case
        )


def read_standing(home: Home, feed: str | None = None) -> dict[str, Standing]:
    """{batch id: what is to be said of it}, of one feed or of all."""
    feeds = [feed] if feed else sorted(path.stem for path in home.batch_standing.glob("*.parquet"))
    tables = (_read(home.batch_standing / f"{name}.parquet") for name in feeds)
    return {row.batch_id: row for table in tables if table is not None for row in _rows(table)}


def read_resolved(home: Home, feed: str) -> list[dict[str, Any]]:
    """Rows of RESOLVED_SCHEMA: faults of one feed that a later batch mended."""
    table = _read(home.resolved_fault / f"{feed}.parquet")
    return [] if table is None else table.to_pylist()


def out_of_force(home: Home, feed: str | None = None) -> frozenset[str]:
    """Ids of batches whose rows do not count."""
    return frozenset(b for b, row in read_standing(home, feed).items() if row.standing != IN_FORCE)


def rows_in_force(home: Home, feed: str) -> str | None:
    """The accepted rows of a feed that count, as a relation inside a statement; None when nothing was delivered."""
    folder = home.conformed / feed
    if next(folder.glob("*/*/*.parquet"), None) is None:
        return None
    rows = f"read_parquet({literal(matching(folder, '*/*/*.parquet'))}, hive_partitioning = false)"
    dead = literals(sorted(out_of_force(home, feed)))
    return f"(from {rows} where source_batch_id not in ({dead}))" if dead else rows


def _read(path: Path) -> pa.Table | None:
    return pq.ParquetFile(path).read() if path.is_file() else None


@dataclass(frozen=True)
class _Written:
    """What is written of one feed: what was decided on ({place: hashes}), standings, and faults that are no longer open."""

    basis: dict[str, str]
    rows: list[Standing]
    faults: list[dict[str, Any]]

    @classmethod
    def read(cls, home: Home, feed: str) -> _Written:
        standing, faults = (_read(folder / f"{feed}.parquet") for folder in _folders(home))
        if standing is None:
            return cls({}, [], [])
        basis = json.loads((standing.schema.metadata or {}).get(_BASIS, b"{}"))
        return cls(basis, _rows(standing), [] if faults is None else faults.to_pylist())

    def decided_on(self, place: Place) -> tuple[str, str, str]:
        """What came, how it was judged, and both of the place alone; empty where nothing was decided."""
        came, judged, own, *_ = [*self.basis.get("/".join(place), "").split(), "", "", ""]
        return came, judged, own

    def take_over(self, before: _Written, place: Place, name: str) -> None:
        self.basis[name] = before.basis[name]
        self.rows.extend(row for row in before.rows if (row.institution_id, row.month) == place)
        self.faults.extend(f for f in before.faults if (f["institution_id"], f["month"]) == place)

    def add(self, case: _Case, name: str) -> None:
        self.basis[name] = f"{case.came} {case.judged} {case.own}"
        self.rows.extend(case.decided())
        self.faults.extend(case.resolved_faults())

    def write(self, home: Home, feed: str) -> None:
        standing, faults = (folder / f"{feed}.parquet" for folder in _folders(home))
        if not self.basis:
            standing.unlink(missing_ok=True)
            faults.unlink(missing_ok=True)
            return
        write_parquet(faults, pa.Table.from_pylist(self.faults, schema=RESOLVED_SCHEMA))
        schema = STANDING_SCHEMA.with_metadata({_BASIS: json.dumps(self.basis, sort_keys=True).encode()})
        write_parquet(standing, pa.Table.from_pylist([asdict(row) for row in self.rows], schema=schema))


def _folders(home: Home) -> tuple[Path, Path]:
    return home.batch_standing, home.resolved_fault


def _rows(table: pa.Table) -> list[Standing]:
    return [Standing(**row) for row in table.to_pylist()]


def _replaces(county: County, feed: str, institution: str) -> Replaces:
    for mapping in county.mappings_of(institution):
        if feed in mapping.mapping.feeds:
            return mapping.mapping.feeds[feed].replaces
    return "file"


@dataclass(frozen=True)
class _Case:
    """The batches of one feed, deliverer and month, in the order in which they came."""

    home: Home
    feed: str
    place: Place
    arrivals: Sequence[Arrival]
    replaces: Replaces
    withdrawn: Mapping[str, Decision]
    corrections: Corrections
    before: Sequence[Standing]
    own_before: str
    # Whether the deliverer brings rows of several institutions.
    is_of_several: bool
    after: Sequence[_Case] = ()

    @property
    def has_something_to_say(self) -> bool:
        """Of a batch that came alone, was not decided on, and that no later month can correct, there is nothing."""
        ids = {each.batch_id for each in self.arrivals}
        return len(ids) > 1 or bool(ids & set(self.withdrawn)) or bool(self.after) or self.is_of_several

    @property
    def has_quarantine(self) -> bool:
        paths = (self.home.quarantined_batch(self.feed, *self.place, e.batch_id) for e in self.arrivals)
        return any(path.is_file() for path in paths)

    @property
    def places(self) -> set[Place]:
        """On which its standings rest."""
        return {self.place, *(each.place for each in self.after)}

    @cached_property
    def _outcomes(self) -> dict[str, tuple[BatchOutcome, str]]:
        """What was taken in, with the fingerprint of what led to it; a batch without an outcome is no batch yet."""
        ids = sorted({each.batch_id for each in self.arrivals})
        read = {batch_id: read_batch_outcome(self.home, batch_id) for batch_id in ids}
        return {batch_id: kept for batch_id, kept in read.items() if kept is not None}

    @cached_property
    def _came(self) -> list[Any]:
        """What came, what people decided and what the mapping says."""
        said = [
            asdict(self.withdrawn[b])
            for b in sorted({e.batch_id for e in self.arrivals} & set(self.withdrawn))
        ]
        return [[asdict(each) for each in self.arrivals], said, self.replaces, self.is_of_several]

    @cached_property
    def _judged(self) -> list[Any]:
        """How the batches were judged."""
        return [[b, o.status, print_] for b, (o, print_) in sorted(self._outcomes.items())]

    @cached_property
    def came(self) -> str:
        """Hash of what came, here and in the months after."""
        return _hash([_RULES, self._came, [each.came for each in self.after]])

    @cached_property
    def judged(self) -> str:
        """Hash of how it was judged, here and in the months after."""
        return _hash([self._judged, [each.judged for each in self.after]])

    @cached_property
    def own(self) -> str:
        """Hash of both, here alone."""
        return _hash([_RULES, self._came, self._judged])

    def decided(self) -> list[Standing]:
        rows = [self._decided(batch_id) for batch_id in sorted(self._outcomes)]
        compared = Comparison(self.home, load_contracts()[self.feed], self.place)
        rows = [self._unless_repeated(row, compared) for row in rows]
        in_force = [r.batch_id for r in rows if r.standing == IN_FORCE and not self._is_refused(r.batch_id)]
        moved = self._moved(in_force, compared)
        told = [
            replace(
                self._resolved(self._told(row, in_force, compared)), moved_keys=moved.get(row.batch_id, 0)
            )
            for row in rows
        ]
        return [*(row for row in told if row != self._plain(row.batch_id)), *self._gone()]

    def _moved(self, in_force: Sequence[str], compared: Comparison) -> dict[str, int]:
        """As Comparison.moved; not asked again of the same batches."""
        if not self.is_of_several:
            return {}
        dead = {row.batch_id for row in self.before if row.standing != IN_FORCE}
        was = {b for b in self._outcomes if b not in dead and not self._is_refused(b)}
        if self.own == self.own_before and was == set(in_force):
            return {row.batch_id: row.moved_keys for row in self.before}
        return compared.moved([b for b in self._counting if b in in_force])

    def _gone(self) -> Iterator[Standing]:
        """Of batches that are not there any more what keeps them from being missed: withdrawn, or overtaken before."""
        gone = {each.batch_id: each for each in self.arrivals if each.batch_id not in self._outcomes}
        was = {row.batch_id: row for row in self.before if row.standing == OVERTAKEN}
        for batch_id, arrival in sorted(gone.items()):
            row = was.get(batch_id, Standing(self.feed, *self.place, batch_id, arrival.file, IN_FORCE))
            if said := self.withdrawn.get(batch_id):
                row = _taken_back(row, said)
            if row.standing != IN_FORCE:
                yield row

    def resolved_faults(self) -> list[dict[str, Any]]:
        """Rows of RESOLVED_SCHEMA."""
        where = {"feed": self.feed, "institution_id": self.place[0], "month": self.place[1]}
        return [
            {**where, "batch_id": batch_id, "rule_id": rule, "column_name": column, "resolved": count}
            for batch_id, found in sorted(self._resolutions.items())
            for (rule, column), count in sorted(found.faults.items())
        ]

    @cached_property
    def _resolutions(self) -> dict[str, Resolved]:
        """What later batches in force resolve of earlier ones, of this month and of those after it."""
        after = [(each.place, each._counting) for each in self.after]
        return self.corrections.resolved(self.place, self._counting, after)

    @property
    def _counting(self) -> list[str]:
        """Batches whose rows count, in the order in which they came."""
        last = {e.batch_id: n for n, e in enumerate(self._living) if not self._is_refused(e.batch_id)}
        return [b for b in sorted(last, key=last.__getitem__) if b not in self._overtaken]

    def _resolved(self, row: Standing) -> Standing:
        found = self._resolutions.get(row.batch_id)
        return replace(row, resolved_rows=found.rows, resolved_fen=found.fen) if found else row

    def _unless_repeated(self, row: Standing, compared: Comparison) -> Standing:
        """A batch of which every row came again as it was is overtaken by that later one: it is not counted twice."""
        outcome = self._outcomes[row.batch_id][0]
        open_rows = (outcome.quarantined_rows or 0) - self._resolutions.get(row.batch_id, Resolved()).rows
        if row.standing != IN_FORCE or self._is_refused(row.batch_id) or open_rows:
            return row
        last = {each.batch_id: number for number, each in enumerate(self._living)}
        for each in sorted(last, key=last.__getitem__, reverse=True):
            later = last[each] > last[row.batch_id] and each not in self._overtaken
            if later and not self._is_refused(each) and compared.repeats(each, row.batch_id):
                return replace(row, standing=OVERTAKEN, overtaken_by=each)
        return row

    def _is_refused(self, batch_id: str) -> bool:
        return self._outcomes[batch_id][0].status == REFUSED_STATUS

    def _decided(self, batch_id: str) -> Standing:
        plain = self._plain(batch_id)
        if said := self.withdrawn.get(batch_id):
            return _taken_back(plain, said)
        if batch_id in self._overtaken:
            return replace(plain, standing=OVERTAKEN, overtaken_by=self._overtaken[batch_id])
        return plain

    def _plain(self, batch_id: str) -> Standing:
        """In force, and nothing else to be said."""
        file = self._outcomes[batch_id][0].source_file
        return Standing(self.feed, *self.place, batch_id, file, IN_FORCE)

    @cached_property
    def _living(self) -> list[Arrival]:
        """Arrivals of what was taken in and not withdrawn."""
        return [e for e in self.arrivals if e.batch_id in self._outcomes and e.batch_id not in self.withdrawn]

    @cached_property
    def _overtaken(self) -> dict[str, str]:
        """{batch: the last one that took its place}. A batch that lies there under two names has to be overtaken twice."""
        successors: dict[str, list[str | None]] = {}
        for number, each in enumerate(self._living):
            later = [e for e in self._living[number + 1 :] if self._takes_place_of(e, each)]
            again = [
                e for e in self._living[number + 1 :] if (e.batch_id, e.name) == (each.batch_id, each.name)
            ]
            if not again:
                successors.setdefault(each.batch_id, []).append(later[-1].batch_id if later else None)
        return {b: found[-1] for b, found in successors.items() if found[-1] and all(found)}

    def _takes_place_of(self, later: Arrival, earlier: Arrival) -> bool:
        if later.batch_id == earlier.batch_id or self._is_refused(later.batch_id):
            return False
        same_name = later.name == earlier.name
        if self._is_refused(earlier.batch_id):
            return same_name
        by_month, by_name = self.replaces == "month", self.replaces == "file" and same_name
        return not later.only_adds and (by_month or by_name)

    def _told(self, row: Standing, in_force: Sequence[str], compared: Comparison) -> Standing:
        """The row with what its keys tell."""
        if self._is_refused(row.batch_id):
            return row
        if row.standing != IN_FORCE:
            return replace(row, ended_keys=compared.missing(row.batch_id, in_force))
        files = [e for e in self._living if e.batch_id in in_force and not e.only_adds]
        mine = next((e for e in reversed(files) if e.batch_id == row.batch_id), None)
        if mine is None:
            return row
        place = files.index(mine)
        newer = [e.batch_id for e in files[:place] if e.modified_at > mine.modified_at]
        row = replace(row, unused_keys=compared.common(row.batch_id, newer) if newer else 0)
        later = [e.batch_id for e in files[place + 1 :] if e.batch_id != row.batch_id]
        return self._left_out(row, later[-1], compared) if later else row

    def _left_out(self, row: Standing, later: str, compared: Comparison) -> Standing:
        """What a later file leaves out, if it repeats so much that it may be meant as the same file corrected."""
        keys, common = compared.keys(row.batch_id), compared.common(row.batch_id, [later])
        if 2 * common >= keys > common:
            return replace(row, absent_keys=keys - common, common_keys=common, compared_with=later)
        return row


def _taken_back(row: Standing, said: Decision) -> Standing:
    return replace(row, standing=WITHDRAWN, reason=said.reason, decided_by=said.by, decided_on=said.on)


def _hash(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
