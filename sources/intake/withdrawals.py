"""Withdrawals: batches that a person took out of force, or put back, each decision a line that is never rewritten.

Here: writing and reading decisions. Not here: what follows from them (standing), asking people (orchestration.commands).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sources.base.files import append_line, read_lines
from sources.base.home import Home


@dataclass(frozen=True)
class Decision:
    """Somebody's word about one batch: out of force (`withdrawn`), or back in."""

    batch_id: str
    withdrawn: bool
    reason: str
    by: str
    on: str


def decide(home: Home, decision: Decision) -> None:
    """Add a decision; the latest about a batch holds."""
    append_line(home.withdrawals, json.dumps(asdict(decision), ensure_ascii=False, sort_keys=True))


def withdrawn(home: Home) -> dict[str, Decision]:
    """{batch id: the decision} of every batch that is out of force by somebody's word."""
    latest = {each.batch_id: each for each in decisions(home)}
    return {batch_id: each for batch_id, each in latest.items() if each.withdrawn}


def decisions(home: Home) -> list[Decision]:
    """Every decision, the earliest first."""
    return [Decision(**json.loads(line)) for line in read_lines(home.withdrawals)]
