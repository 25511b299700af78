"""One line per check over all institutions and months: for reading, and for `gates/results.json`.

Every row by institution and month is in `mart_data_quality`; here is what a person or a program wants first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from expectations.result import GateResult
from expectations.verdict import share
from sources.base.terms import OUTCOMES, PASSED, Counted

_WORST_FIRST = tuple(OUTCOMES)
_PLACES_SHOWN = 30
_PLACE = ("institution_id", "month", "batch_id", "violated", "total", "outcome")


@dataclass(frozen=True)
class CheckSummary:
    """One check over all institutions and months: its worst outcome, and where it was not passed.

    violated, total: over all places; worst: the place that decides, whose own figures stand beside the verdict.
    """

    check_id: str
    gate: str
    subject: str
    category: str
    severity: str
    counts: Counted
    threshold_pct: float
    tolerated: int
    outcome: str
    violated: int
    total: int
    worst: dict[str, Any]
    message_zh: str
    message_en: str
    places: list[dict[str, Any]]
    places_hidden: int
    examples: list[dict[str, Any]]

    @property
    def passed(self) -> bool:
        return self.outcome in PASSED

    def share(self, place: dict[str, Any]) -> str:
        """A place's share, with the digits that tell it from what is allowed."""
        return share(place["violated"], place["total"], self.threshold_pct)

    @property
    def example_columns(self) -> list[str]:
        return list(dict.fromkeys(column for row in self.examples for column in row))


def summarise(results: Sequence[GateResult]) -> list[CheckSummary]:
    """One summary per check, worst outcome first, then by gate, subject and name."""
    found = [
        _summary(rows, result.examples.get(check_id, []))
        for result in results
        for check_id, rows in _by_check(result).items()
    ]
    return sorted(
        found,
        key=lambda check: (_WORST_FIRST.index(check.outcome), _severity(check), check.gate, check.check_id),
    )


def to_json(results: Sequence[GateResult]) -> list[dict[str, Any]]:
    """Plain data in a stable order: per gate its counts and the checks that were not passed everywhere."""
    return [
        {
            "gate": result.gate,
            "months": list(result.months),
            "failed": result.failed,
            "counts": result.counts(),
            "not_passed": [dataclasses.asdict(check) for check in summarise([result]) if check.places],
        }
        for result in results
    ]


def _by_check(result: GateResult) -> dict[str, list[dict[str, Any]]]:
    """check_id → its rows. Plain dicts: a data frame per check costs milliseconds, and there are thousands."""
    frame = result.rows.astype(object).where(result.rows.notna(), None)
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in frame.to_dict("records"):
        groups.setdefault(row["check_id"], []).append(row)
    return groups


def _summary(rows: list[dict[str, Any]], examples: list[dict[str, Any]]) -> CheckSummary:
    ranked = sorted(rows, key=_rank)
    worst = ranked[0]
    places = [{name: row[name] for name in _PLACE} for row in ranked if row["outcome"] not in PASSED]
    return CheckSummary(
        check_id=worst["check_id"],
        gate=worst["gate"],
        subject=worst["subject"],
        category=worst["kahn_category"],
        severity=worst["severity"],
        counts=worst["counts"],
        threshold_pct=worst["threshold_pct"],
        tolerated=worst["tolerated"],
        outcome=worst["outcome"],
        violated=sum(row["violated"] for row in rows),
        total=sum(row["total"] for row in rows),
        worst={name: worst[name] for name in _PLACE},
        message_zh=worst["message_zh"],
        message_en=worst["message_en"],
        places=places[:_PLACES_SHOWN],
        places_hidden=max(0, len(places) - _PLACES_SHOWN),
        examples=examples,
    )


def _rank(row: dict[str, Any]) -> tuple[int, float, int, str, str]:
    """The worst outcome first, and of equal ones the largest share."""
    part = row["violated"] / row["total"] if row["total"] else 0.0
    outcome = _WORST_FIRST.index(row["outcome"])
    return outcome, -part, -row["violated"], row["month"], row["institution_id"] or ""


def _severity(check: CheckSummary) -> int:
    return 0 if check.severity == "critical" else 1
