"""What people decided about pairs: `identity/*.csv` and `identity/*.xlsx` in the county folder, read as data.

Here: the columns and their judgement with file and row. A row without a decision is not decided yet and passes unread,
so that the review workbook can be filled little by little. Not here: writing that workbook (review).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sources.base.yamlfile import Problem
from sources.county.filled_tables import filled_rows

FOLDER = "identity"
SHEET = "待判"
SAME, DIFFERENT, UNSURE = "same", "different", "unsure"
# What people write → what it means; either language is understood.
WORDS = {"同一人": SAME, "不是同一人": DIFFERENT, "不确定": UNSURE}
# Column of the file: what it is called where people fill it in.
COLUMNS = {"pair_id": "配对号", "decision": "结论", "decided_by": "判断人", "decided_on": "判断日期"}
_PAIR_ID = re.compile(r"[0-9a-f]{16}")


class DecisionError(ValueError):
    """Review decisions that cannot be used. `problems` holds all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Decision:
    """One pair decided: same, different or unsure; by whom, on which day."""

    pair_id: str
    decision: str
    decided_by: str
    decided_on: str
    file: str
    row: int


def read_decisions(folder: Path) -> list[Decision]:
    """Every decision of a county, the last one of each pair. Raises DecisionError with every problem."""
    decisions, problems = _read(folder)
    if problems:
        raise DecisionError(problems)
    newest = {each.pair_id: each for each in sorted(decisions, key=lambda d: (d.decided_on, d.file, d.row))}
    return [newest[pair] for pair in sorted(newest)]


def check_decisions(folder: Path) -> list[Problem]:
    """Every problem of the county's review decisions."""
    return _read(folder)[1]


def answers(decisions: Sequence[Decision]) -> dict[str, str]:
    """pair_id → same or different; who is unsure has not answered."""
    return {each.pair_id: each.decision for each in decisions if each.decision != UNSURE}


def _read(folder: Path) -> tuple[list[Decision], list[Problem]]:
    problems: list[Problem] = []
    decisions = []
    for row in filled_rows(folder / FOLDER, SHEET, COLUMNS, problems):
        said = row.values
        if not said.get("decision"):
            continue
        found = [row.problem(zh, en) for zh, en in _faults(said)]
        problems += found
        if not found:
            decision = WORDS.get(said["decision"], said["decision"])
            decisions.append(
                Decision(said["pair_id"], decision, said["decided_by"], said["decided_on"], row.file, row.row)
            )
    return decisions, problems + list(_contradictions(decisions))


def _faults(row: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with a filled row, never quoting what was typed: it could be a name."""
    if not _PAIR_ID.fullmatch(row.get("pair_id", "")):
        yield (
            "配对号应为 16 位,请从待判工作簿原样复制",
            "the pair id has 16 characters: copy it from the workbook",
        )
    if row["decision"] not in {*WORDS, *WORDS.values()}:
        yield (
            f"结论只能是:{'、'.join(WORDS)}",
            f"the decision is one of {', '.join(WORDS.values())}",
        )
    if not row.get("decided_by"):
        yield "缺少判断人", "decided_by is missing: who decided?"
    try:
        date.fromisoformat(row.get("decided_on", ""))
    except ValueError:
        yield "判断日期应写成 2025-03-31", "decided_on is a day such as 2025-03-31"


def _contradictions(decisions: list[Decision]) -> Iterator[Problem]:
    """Two answers of one day for one pair: nobody can tell which one counts."""
    first: dict[tuple[str, str], Decision] = {}
    for each in decisions:
        other = first.setdefault((each.pair_id, each.decided_on), each)
        if other.decision != each.decision:
            place = f"{other.file}:{other.row}"
            zh = f"与 {place} 同一天对同一配对的结论相反,请删去一个"
            en = f"contradicts {place} on the same day about the same pair: remove one"
            yield Problem(each.file, each.row, zh, en)
