"""Months whose entries stand, as a release sees them: what explains those entries is taken from where they were published.

Belongs here: which months, the tables of their releases. Does not: which entries stand (sources.county.standing_entries), how
tables are put together (marts), whether an approval can be relied on (approvals).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.publishing.marts import Mart, put_together, read_release
from orchestration.publishing.restricted import read_restricted
from sources.base.files import read_parquet
from sources.base.home import Home


@dataclass(frozen=True)
class Standing:
    """releases: month that stands → release it stands in. approved: those of them that are approved for pay."""

    home: Home
    releases: dict[str, str]
    approved: dict[str, str]
    _read: dict[str, dict[str, pa.Table]] = field(default_factory=dict)

    @classmethod
    def of(cls, home: Home) -> Standing:
        """As the build was given them; none of a home that nothing was handed over in."""
        rows = read_parquet(home.standing_month).to_pylist() if home.standing_month.is_file() else []
        every = {row["month"]: row["release_id"] for row in rows}
        return cls(home, every, {row["month"]: every[row["month"]] for row in rows if row["is_approved"]})

    def open_of(self, months: Iterable[str]) -> list[str]:
        """Those whose entries are computed now."""
        return [month for month in months if month not in self.releases]

    def rows(self, mart: Mart, table: pa.Table) -> pa.Table:
        """`table`, but months that stand with the rows of their release; of one that did not publish the month, as they are."""
        for release in sorted(set(self.releases.values())):
            months = [
                m for m, each in self.releases.items() if each == release and m in self._months(release)
            ]
            held = self._tables(release).get(mart.name)
            if months and held is not None:
                held = held.filter(pc.is_in(held["month"], pa.array(months, pa.string())))
                # Of these months the release's rows, of all others those that are there.
                others = sorted(set(table["month"].to_pylist()) - set(months))
                table = put_together(mart, table, held, others)
        return table

    def _months(self, release: str) -> set[str]:
        return set(self._tables(release)["dim_month"]["month"].to_pylist())

    def _tables(self, release: str) -> dict[str, pa.Table]:
        if release not in self._read:
            folder = self.home.releases / release
            self._read[release] = read_release(folder) | read_restricted(folder)
        return self._read[release]
