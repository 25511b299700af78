"""Which check ids there are: a waiver for any other would never apply, without a word.

Here: every id a gate can publish. Not here: judging, and what a waiver does (waivers).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from expectations.check import Check, load_suite
from sources.base.likeness import nearest
from sources.base.terms import GATES
from sources.base.yamlfile import Problem
from sources.contracts.load import load_contracts

_NEAR = 3


def waiver_problems(rows: list[tuple[int, str]]) -> list[Problem]:
    """What is wrong with the checks that waivers name: (line, check_id) each."""
    known = checks_by_id()
    problems = []
    for line, check_id in rows:
        if check_id not in known:
            near = nearest(check_id, known, _NEAR)
            zh, en = f"没有检查 {check_id};相近的:{near}", f"there is no check {check_id}; near: {near}"
        elif not known[check_id]:
            zh, en = f"检查 {check_id} 不可豁免", f"check {check_id} cannot be waived"
        else:
            continue
        problems.append(Problem("policy/waiver.csv", line, zh, en))
    return problems


@functools.cache
def checks_by_id() -> dict[str, bool]:
    """{check_id: whether it may be waived}."""
    return {name: check.waivable for gate in GATES for check in load_suite(gate) for name in _ids(check)}


def _ids(check: Check) -> Iterator[str]:
    """A check of a profile has an id for every feed, or for every column of every feed."""
    if check.violated is None:
        yield check.check_id
        return
    rule = check.check_id.rsplit(".", 1)[-1]
    for feed, contract in load_contracts().items():
        if "{column}" in check.rule_zh:
            yield from (f"{check.gate}.{feed}.{column.name}.{rule}" for column in contract.columns)
        else:
            yield f"{check.gate}.{feed}.{rule}"
