"""What a gate found: rows as published in `mart_data_quality`, masked examples, and their files in the home.

Belongs here: the result and how it is kept. Does not: how it came about (judging.py), how it looks
(report.py).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sources.base.terms import OUTCOMES, Gate

COLUMNS = (
    "check_id",
    "gate",
    "subject",
    "institution_id",
    "month",
    "batch_id",
    "kahn_category",
    "severity",
    "violated",
    "total",
    "counts",
    "threshold_pct",
    "tolerated",
    "outcome",
    "message_zh",
    "message_en",
)
_TYPES = {"violated": "int64", "total": "int64", "threshold_pct": "float64", "tolerated": "int64"}
_ABOUT = "yigongti"
_SORT = ["gate", "subject", "check_id", "month", "institution_id", "batch_id"]


@dataclass(frozen=True)
class AsOf:
    """What a run knew, as text: the day on which its last month closes, and when the newest delivery arrived."""

    closing: str = ""
    newest_delivery: str = ""


@dataclass(frozen=True)
class GateResult:
    """The verdict of one gate over the months of a run.

    rows: one row per check × institution × month (× batch, where batches are judged) with `COLUMNS` (`institution_id` is null
    for the county as a whole).
    as_of: what the run knew: the day its accounts close, and when the newest delivery came ('YYYY-MM-DD HH:MM'); no clock of ours.
    examples: check_id → up to a handful of {column: value}; batch, file, line, pseudonymous keys; never a
    personal value.
    """

    gate: Gate
    months: tuple[str, ...]
    rows: pd.DataFrame
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    as_of: AsOf = field(default_factory=lambda: AsOf())

    def to_frame(self) -> pd.DataFrame:
        """The rows of `mart_data_quality`, sorted."""
        return self.rows.copy()

    @property
    def failures(self) -> pd.DataFrame:
        """Rows that stop a release: critical checks that failed or could not be evaluated."""
        return self.rows[(self.rows.severity == "critical") & self.rows.outcome.isin(["fail", "error"])]

    @property
    def failed(self) -> bool:
        return not self.failures.empty

    def counts(self) -> dict[str, int]:
        """Rows per outcome, every outcome present, worst first."""
        found = self.rows.outcome.value_counts()
        return {outcome: int(found.get(outcome, 0)) for outcome in OUTCOMES}

    def save(self, directory: Path) -> Path:
        """Write `<gate>.parquet` for the step that publishes (another process may run it)."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{self.gate}.parquet"
        about = {
            "gate": self.gate,
            "months": self.months,
            "examples": self.examples,
            "as_of": dataclasses.asdict(self.as_of),
        }
        table = pa.Table.from_pandas(self.rows, preserve_index=False)
        pq.write_table(table.replace_schema_metadata({_ABOUT: json.dumps(about, ensure_ascii=False)}), path)
        return path


def load(path: Path) -> GateResult:
    """Read what `GateResult.save` wrote."""
    table = pq.read_table(path)
    about = json.loads(table.schema.metadata[_ABOUT.encode()])
    as_of = AsOf(**about["as_of"])
    return GateResult(about["gate"], tuple(about["months"]), table.to_pandas(), about["examples"], as_of)


def frame(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows (dicts with `COLUMNS`) as a typed, sorted frame."""
    table = pd.DataFrame(list(rows), columns=list(COLUMNS)).astype(_TYPES)
    return table.sort_values(_SORT, na_position="first", kind="stable").reset_index(drop=True)
