"""Comparison: which keys of one batch others have, asked of the accepted rows as they lie among the conformed.

Not here: which batches are compared, and what follows (standing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sources.base.engine import ask, quoted
from sources.base.home import Home
from sources.base.plain_path import plain
from sources.contracts.contract import Contract


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
