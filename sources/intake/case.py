"""A case: the batches of one feed, deliverer and month, and which of them count.

A file takes the place of what came earlier under its name, of everything of its month, or of nothing, as its mapping says
(`replaces`); what a database gave is only ever added to. Here: what is to be said of each batch, and what that rests on. Not
here: how keys are compared (comparison), what mends a quarantined row (resolution), writing it down (deciding).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.intake.arrivals import Arrival, Place
from sources.intake.comparison import Comparison
from sources.intake.outcome import REFUSED_STATUS, BatchOutcome, read_batch_outcome
from sources.intake.resolution import Corrections, Resolved
from sources.intake.standing import IN_FORCE, OVERTAKEN, WITHDRAWN, Standing
from sources.intake.withdrawals import Decision
from sources.mappings.language import Replaces

# Raised when the same batches would be decided otherwise.
_RULES = "3"


@dataclass(frozen=True)
class Case:
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
    after: Sequence[Case] = ()

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
