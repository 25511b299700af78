"""The ways out of a failure that stops a run because of one delivered batch, with the commands as they are typed.

Not here: what the rule is and how data are mended (the suites), what a waiver covers (waivers).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def name(rows: Iterable[dict[str, Any]]) -> None:
    """Add to the message of every failing batch what can be done about that batch."""
    for row in rows:
        if row["outcome"] == "fail" and row.get("batch_id"):
            zh, en = _of_batch(row)
            row["message_zh"] += zh
            row["message_en"] += en


def _of_batch(row: dict[str, Any]) -> tuple[str, str]:
    batch = row["batch_id"]
    withdraw = f"yigongti feed withdraw {batch} --reason … --by …"
    zh = f"。批次 {batch}:更正后以原文件名重新报送即取代它;或撤回:{withdraw}"
    en = f" Batch {batch}: deliver it corrected under its name, which takes its place; or withdraw it: {withdraw}"
    if not row["waivable"]:
        return zh, en
    waiver = f"policy/waiver.csv: check_id={row['check_id']}, institution_id={row['institution_id']}, batches={batch}"
    return f"{zh};或由负责人豁免:{waiver}", f"{en}; or have it waived: {waiver}"
