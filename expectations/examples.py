"""Masked examples for people: the quarantined lines behind a failing batch, or why a file was refused.

Everything shown was masked when it was written (sources): file, line, rule, column and a masked value. No
personal value can come from here, because none is read.
"""

from __future__ import annotations

import json
from typing import Any

from sources.base.engine import ask
from sources.base.home import Home

LIMIT = 5
_LINE_COLUMNS = ("source_file", "source_line", "rule_id", "column_name", "masked_value", "message_zh")
_REFUSAL_KEYS = ("file", "code", "message_zh", "message_en")

Row = dict[str, Any]


def of_batches(home: Home, failing: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """From failing batches per check of the suite to examples per compiled check: lines if there are any."""
    found: dict[str, list[Row]] = {}
    for check_id, batches in failing.items():
        for batch in batches:
            examples = found.setdefault(compiled_id(check_id, batch), [])
            if len(examples) < LIMIT:
                examples += _of_batch(home, batch)
    return {name: rows[:LIMIT] for name, rows in sorted(found.items())}


def compiled_id(check_id: str, batch: Row) -> str:
    """`feed.column_profile.missing`, column `rx_no`, a batch of his_rx → `feed.his_rx.rx_no.missing`."""
    gate, *_, rule = check_id.split(".")
    return ".".join(part for part in (gate, batch["feed"], batch.get("check_suffix"), rule) if part)


def _of_batch(home: Home, batch: Row) -> list[Row]:
    if not batch.get("batch_id"):
        return [batch]
    if batch.get("status") == "refused":
        return _refusals(home, batch) or [batch]
    return _lines(home, batch) or [batch]


def _refusals(home: Home, batch: Row) -> list[Row]:
    """Why the file of this batch was refused, as written beside the landing."""
    notes = [json.loads(path.read_text("utf-8")) for path in sorted(home.refused.glob("*.json"))]
    same = [note for note in notes if note["file"] == batch["source_file"] and note["feed"] == batch["feed"]]
    return [{key: note[key] for key in _REFUSAL_KEYS} for note in same]


def _lines(home: Home, batch: Row) -> list[Row]:
    """Up to LIMIT quarantined lines of a batch; only of the column concerned if the check is about one."""
    path = home.quarantined_batch(batch["feed"], batch["institution_id"], batch["month"], batch["batch_id"])
    if not path.exists():
        return []
    column = batch.get("check_suffix")
    rows = ask(
        f"select {', '.join(_LINE_COLUMNS)} from read_parquet(?, hive_partitioning = false) "
        f"where ?::varchar is null or column_name = ? order by all limit {LIMIT}",
        [str(path), column, column],
    )
    return [dict(zip(_LINE_COLUMNS, row, strict=True)) for row in rows]
