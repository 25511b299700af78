"""Deletions at the source: what a whole reading of a month no longer finds of the rows that landed of it before.

A row is gone when neither its content nor its key is there any more; a changed row still has its key. Keys are compared as the
source writes them. Not here: reading and landing (extraction), how a deletion acts (conforming, dbt's newest_version).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from sources.base.likeness import normalise_header
from sources.base.refusal import RefusedError
from sources.connectors.delivered import LINE, MALFORMED
from sources.intake.landed_rows import LandedRows, row_hashes
from sources.mappings.language import ColumnSource
from sources.mappings.plan import FeedPlan

_FLAG = "op_flag"
# Fewer than this may be gone whatever their share: a small table must not be stuck over a few rows.
_TOLERATED = 20


@dataclass
class Present:
    """What a whole reading found, by content and by key."""

    key: Sequence[str]
    rows: int = 0
    _contents: list[np.ndarray] = field(default_factory=list)
    _keys: list[np.ndarray] = field(default_factory=list)

    @classmethod
    def of(cls, plan: FeedPlan, header: Sequence[str]) -> Present:
        """`header` as delivered. A key that no header gives finds nothing gone."""
        there = plan.delivered_headers(header)
        wanted = [normalise_header(name) for column in plan.contract.key for name in plan.headers_of(column)]
        return cls(sorted({there[name] for name in wanted if name in there}))

    def add(self, chunk: pa.Table) -> None:
        self.rows += chunk.num_rows
        self._contents.append(row_hashes(chunk))
        if self.key:
            self._keys.append(row_hashes(chunk.select(self.key)))

    def gone(self, landed: Iterable[pa.Table], alive: LandedRows) -> Iterator[pa.Table]:
        """Of what landed, the rows that count and are not there any more, without line numbers; all with the same columns."""
        contents, keys = LandedRows.of(self._contents), LandedRows.of(self._keys)
        names: list[str] | None = None
        for table in landed:
            if not self.key or not set(self.key) <= set(table.column_names):
                continue
            hashes, own = row_hashes(table), row_hashes(table.select(self.key))
            rows = table.filter(pa.array(alive.holds(hashes) & ~contents.holds(hashes) & ~keys.holds(own)))
            if rows.num_rows and names in (None, table.column_names):
                names = table.column_names
                yield rows.drop_columns([LINE, MALFORMED])


def refuse_emptied(present: int, before: int, limit: float, table: str) -> None:
    """Raise RefusedError when so much of a month is gone that it was rather archived or cut off than deleted."""
    gone = before - present
    if gone > _TOLERATED and gone > limit * before:
        raise RefusedError(
            "DATABASE_ROWS_GONE",
            f"{table} 这个月原有 {before} 行,现在只有 {present} 行,减少超过 {limit:.0%},不当作删除处理:"
            "请核实是否已归档或视图改变;确属删除时调大 county.yml 的 settings.databases.gone_share_limit 再运行",
            f"{table} had {before} rows of this month and has {present} now, more than {limit:.0%} fewer: not taken for deletions. "
            "Was it archived, or the view changed? If they are deleted, raise settings.databases.gone_share_limit and run again",
        )


def deleting(plan: FeedPlan) -> FeedPlan:
    """The plan by which rows that are gone are conformed: as they were, each saying that it is deleted."""
    columns = {**plan.feed_mapping.columns, _FLAG: ColumnSource(const="D")}
    return FeedPlan(plan.mapping, plan.contract, plan.feed_mapping.model_copy(update={"columns": columns}))
