"""Resolution: quarantined rows whose record came again later, corrected or judged anew: the old fault is no longer open.

What was delivered, accepted and quarantined stays as it was counted; only what is still to be mended becomes less. Not here:
which batches are in force (standing), the key by which a row is known (conforming.row_keys).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.base.home import Home
from sources.base.privacy import Pseudonymiser
from sources.conforming.row_keys import row_keys
from sources.contracts.contract import Contract
from sources.contracts.words import conformed_name
from sources.intake.arrivals import Place

_KEY = "row_key"


@dataclass(frozen=True)
class Resolved:
    """Of one batch: quarantined rows that are no longer open, their money, and per (rule, column) how many of its rows."""

    rows: int = 0
    fen: int = 0
    faults: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Corrections:
    """What of one feed is asked of the rows that were accepted, and of those that were not."""

    home: Home
    contract: Contract
    pseudonyms: Pseudonymiser
    # {batch: its rows that are of months before its own}: every earlier month asks for them.
    _of_before: dict[str, pa.Table] = field(default_factory=dict, init=False)

    def resolved(
        self, place: Place, batches: Sequence[str], after: Sequence[tuple[Place, Sequence[str]]]
    ) -> dict[str, Resolved]:
        """{batch of the place: what later ones resolve of it}, for batches in force in the order in which they came; `after` are
        those of the deliverer's later months.
        """
        faulty = {batch: _quarantined(self._path(batch, place)) for batch in batches}
        wanted = {
            key for table in faulty.values() if table is not None for key in table.column(_KEY).to_pylist()
        }
        later = {
            key
            for other, theirs in after
            for batch in theirs
            for key in self._late(other, batch, place, wanted)
        }
        found: dict[str, Resolved] = {}
        for batch in reversed(batches):
            quarantined = faulty[batch]
            if quarantined is not None and later:
                again = quarantined.filter(
                    pc.is_in(quarantined.column(_KEY), pa.array(sorted(later), pa.string()))
                )
                if again.num_rows:
                    found[batch] = _counted(again)
            if batch != batches[0]:
                own = self._accepted(self.home.conformed_batch(self.contract.feed, *place, batch))
                later |= set(own.column(_KEY).to_pylist())
                if quarantined is not None:
                    later |= set(quarantined.column(_KEY).to_pylist())
        return found

    def _path(self, batch: str, place: Place) -> Path:
        return self.home.quarantined_batch(self.contract.feed, *place, batch)

    def _late(self, other: Place, batch: str, place: Place, wanted: set[str]) -> set[str]:
        """Keys of accepted rows that came with a later month and are of this one or before, as far as events have a time: a
        number that begins anew every month is no correction.
        """
        if not wanted:
            return set()
        if batch not in self._of_before:
            path = self.home.conformed_batch(self.contract.feed, *other, batch)
            self._of_before[batch] = self._accepted(path, before=other[1])
        rows = self._of_before[batch]
        if self.contract.event_time:
            rows = rows.filter(pc.less_equal(rows.column("month"), place[1]))
        return set(rows.column(_KEY).to_pylist())

    def _accepted(self, path: Path, before: str | None = None) -> pa.Table:
        """Keys of the accepted rows of a batch; with the months of their events, and only those `before` one, as far as
        events have a time.
        """
        if not path.is_file():
            return pa.table({_KEY: pa.array([], pa.string()), "month": pa.array([], pa.string())})
        key = list(self.contract.conformed_key)
        moment = self.contract.event_time if before else None
        time = [conformed_name(self.contract.column(moment))] if moment else []
        table = pq.ParquetFile(path).read(columns=[*key, *(name for name in time if name not in key)])
        months = pa.nulls(table.num_rows, pa.string())
        if time and before:
            months = pc.strftime(table.column(time[0]), format="%Y-%m")
            earlier = pc.fill_null(pc.less(months, before), False)
            table, months = table.filter(earlier), months.filter(earlier)
        columns = [table.column(name) for name in key]
        keys = row_keys(columns, self.pseudonyms) if table.num_rows else pa.array([], pa.string())
        return pa.table({_KEY: keys, "month": months})


def _counted(rows: pa.Table) -> Resolved:
    lines = rows.group_by(["source_line"]).aggregate([("amount_fen", "max")])
    faults = rows.group_by(["rule_id", "column_name"]).aggregate([("source_line", "count")]).to_pylist()
    return Resolved(
        rows=lines.num_rows,
        fen=int(pc.sum(lines.column("amount_fen_max")).as_py() or 0),
        faults={(f["rule_id"], f["column_name"] or ""): f["source_line_count"] for f in faults},
    )


def _quarantined(path: Path) -> pa.Table | None:
    """Quarantined lines whose key is known."""
    if not path.is_file():
        return None
    table = pq.ParquetFile(path).read()
    if _KEY not in table.column_names:
        return None
    return table.filter(pc.is_valid(table.column(_KEY)))
