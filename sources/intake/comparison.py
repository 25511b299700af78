"""Comparison: which keys of one batch others have, asked of the accepted rows as they lie among the conformed.

Not here: which batches are compared, and what follows (standing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sources.base.engine import ask, quoted
from sources.base.home import Home
from sources.base.plain_path import plain
from sources.contracts.contract import TECHNICAL_COLUMNS, Contract
from sources.contracts.words import Column, conformed_name


def _numbered_within(column: Column, institution: str) -> list[str]:
    """The pseudonym that stands for a number which is unique only within the institution, if the column has one."""
    rule = column.privacy
    scoped = rule is not None and rule.pseudonym is not None and rule.pseudonym.scope == institution
    return [conformed_name(column)] if scoped else []


# Which of two rows is later.
_MOMENT = "src_update_ts nulls first, list_position($2, source_batch_id), source_line"


@dataclass(frozen=True)
class MovedLine:
    """A line that stands later under another institution and is else the same."""

    line: int
    institution_id: str
    later: str


@dataclass(frozen=True)
class Comparison:
    """Keys of the batches of one feed, deliverer and month."""

    home: Home
    contract: Contract
    place: tuple[str, str]

    def keys(self, batch_id: str) -> int:
        """How many keys a batch has."""
        return self._counted(f"select count(*) from ({self._keys(1)})", [batch_id])

    def missing(self, batch_id: str, others: Sequence[str]) -> int:
        """How many keys of a batch none of the others has."""
        if not self._files(others):
            return self.keys(batch_id)
        return self._counted(
            f"select count(*) from ({self._keys(1)} except {self._keys(2)})", [batch_id], others
        )

    def common(self, batch_id: str, others: Sequence[str]) -> int:
        """How many keys of a batch any of the others has."""
        return self.keys(batch_id) - self.missing(batch_id, others)

    def repeats(self, later: str, earlier: str) -> bool:
        """Whether every row of the earlier batch stands in the later one as it was delivered."""
        rows = "select row_hash from read_parquet(${}, hive_partitioning = false)"
        left = f"select count(*) from ({rows.format(1)} except {rows.format(2)})"
        both = self._files([earlier]) and self._files([later])
        return bool(both) and self._counted(left, [earlier], [later]) == 0

    def moved(self, batches: Sequence[str]) -> dict[str, int]:
        """{batch: how many of its rows stand, by time of change, then by arrival, later under another institution and else the
        same}, of batches in the order in which they came.
        """
        sql = f"select source_batch_id, count(*) from ({self._moved()}) group by all order by all"
        return dict(self._asked_of(batches, sql))

    def moved_lines(self, batches: Sequence[str], batch_id: str) -> list[MovedLine]:
        """The lines of one of the batches that `moved` counts."""
        sql = f"select * exclude (source_batch_id) from ({self._moved()}) where source_batch_id = $3 order by all"
        return [MovedLine(*row) for row in self._asked_of(batches, sql, batch_id)]

    def _asked_of(self, batches: Sequence[str], sql: str, *more: str) -> list[tuple[Any, ...]]:
        files = self._files(batches)
        if self.contract.institution_of_key is None or not files:
            return []
        return ask(sql, [files, list(batches), *more])

    def _moved(self) -> str:
        """Of the files $1, whose batches came in the order $2: batch, line, its institution, and the one it is later under."""
        whose = self.contract.institution_of_key
        assert whose is not None, "asked of feeds that have one"
        # A number of a patient is another in every institution: it says nothing here.
        told = {name for each in self.contract.columns for name in _numbered_within(each, whose)}
        technical = {column.name for column in TECHNICAL_COLUMNS}
        content = [c.name for c in self.contract.conformed if c.name not in {whose, *told, *technical}]
        key, same = (", ".join(map(quoted, names)) for names in (self.contract.conformed_key, content))
        # A deletion without a time is as new as the newest time known of its key, as in the warehouse (newest_version).
        return f"""
            with timed as (
                select * replace (
                    case when op_flag = 'D' and src_update_ts is null
                        then max(src_update_ts) over (partition by {key}) else src_update_ts end as src_update_ts
                )
                from read_parquet($1, hive_partitioning = false)
            ), newest as (
                from timed
                qualify row_number() over (partition by {key} order by {_MOMENT}) = count(*) over (partition by {key})
            )
            select source_batch_id, source_line, {quoted(whose)} as whose, last_value({quoted(whose)}) over (
                partition by {same} order by {_MOMENT} rows between unbounded preceding and unbounded following
            ) as later
            from newest where op_flag is distinct from 'D' qualify later <> whose"""

    def _keys(self, number: int) -> str:
        columns = ", ".join(map(quoted, self.contract.conformed_key))
        return f"select distinct {columns} from read_parquet(${number}, hive_partitioning = false)"

    def _files(self, batches: Sequence[str]) -> list[str]:
        home = Home(plain(self.home.root))
        paths = (home.conformed_batch(self.contract.feed, *self.place, each) for each in batches)
        return [str(path) for path in paths if path.is_file()]

    def _counted(self, sql: str, *batches: Sequence[str]) -> int:
        files = [self._files(each) for each in batches]
        return int(ask(sql, files)[0][0]) if all(files) else 0
