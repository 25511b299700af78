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

_KEY = "row_key"


@dataclass(frozen=True)
class Resolved:
    """Of one batch: quarantined rows that are no longer open, their money, and per (rule, column) how many of its rows."""

    rows: int = 0
    fen: int = 0
    faults: dict[tuple[str, str], int] = field(default_factory=dict)


def resolutions(
    home: Home, contract: Contract, place: tuple[str, str], batches: Sequence[str], pseudonyms: Pseudonymiser
) -> dict[str, Resolved]:
    """{batch: what later ones resolve of it}, for batches in force in the order in which they came."""
    found: dict[str, Resolved] = {}
    later: set[str] = set()
    for batch_id in reversed(batches):
        quarantined = _quarantined(home.quarantined_batch(contract.feed, *place, batch_id))
        if quarantined is not None and later:
            again = quarantined.filter(
                pc.is_in(quarantined.column(_KEY), pa.array(sorted(later), pa.string()))
            )
            if again.num_rows:
                found[batch_id] = _counted(again)
        if batch_id != batches[0]:
            later |= _accepted_keys(
                home.conformed_batch(contract.feed, *place, batch_id), contract, pseudonyms
            )
            if quarantined is not None:
                later |= set(quarantined.column(_KEY).to_pylist())
    return found


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


def _accepted_keys(path: Path, contract: Contract, pseudonyms: Pseudonymiser) -> set[str]:
    if not path.is_file():
        return set()
    table = pq.ParquetFile(path).read(columns=list(contract.conformed_key))
    columns = [table.column(name) for name in contract.conformed_key]
    return set(row_keys(columns, pseudonyms).to_pylist()) if table.num_rows else set()
