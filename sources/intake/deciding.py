"""Deciding the standing of every batch of a feed, and writing it: what did not change is taken over from the last time.

Here: which deliverers' months are cases, what is kept of them between two times. Not here: what a case comes to (case).
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.base.privacy import Pseudonymiser
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.intake.arrivals import Arrivals, Place
from sources.intake.case import Case
from sources.intake.resolution import Corrections
from sources.intake.standing import RESOLVED_SCHEMA, STANDING_SCHEMA, Standing, read_if_there, standings
from sources.intake.withdrawals import withdrawn
from sources.mappings.language import Replaces

_BASIS = b"basis"


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


def _cases(county: County, home: Home, arrivals: Arrivals, feed: str, before: _Written) -> Iterator[Case]:
    """Every deliverer's month, with those after it that may correct a row that it has in quarantine."""
    decided, contract, speaks_for = withdrawn(home), load_contracts()[feed], county.speaks_for
    corrections = Corrections(home, contract, Pseudonymiser(county.pseudonym_key(os.environ)))
    cases = {
        place: Case(
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


@dataclass(frozen=True)
class _Written:
    """What is written of one feed: what was decided on ({place: hashes}), standings, and faults that are no longer open."""

    basis: dict[str, str]
    rows: list[Standing]
    faults: list[dict[str, Any]]

    @classmethod
    def read(cls, home: Home, feed: str) -> _Written:
        standing, faults = (read_if_there(folder / f"{feed}.parquet") for folder in _folders(home))
        if standing is None:
            return cls({}, [], [])
        basis = json.loads((standing.schema.metadata or {}).get(_BASIS, b"{}"))
        return cls(basis, standings(standing), [] if faults is None else faults.to_pylist())

    def decided_on(self, place: Place) -> tuple[str, str, str]:
        """What came, how it was judged, and both of the place alone; empty where nothing was decided."""
        came, judged, own, *_ = [*self.basis.get("/".join(place), "").split(), "", "", ""]
        return came, judged, own

    def take_over(self, before: _Written, place: Place, name: str) -> None:
        self.basis[name] = before.basis[name]
        self.rows.extend(row for row in before.rows if (row.institution_id, row.month) == place)
        self.faults.extend(f for f in before.faults if (f["institution_id"], f["month"]) == place)

    def add(self, case: Case, name: str) -> None:
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


def _replaces(county: County, feed: str, institution: str) -> Replaces:
    for mapping in county.mappings_of(institution):
        if feed in mapping.mapping.feeds:
            return mapping.mapping.feeds[feed].replaces
    return "file"
