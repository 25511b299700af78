"""What may not decide anybody's pay: money of a case, static resources, referral counts without a quality gate.

The words by which each is recognised in names of drivers, columns, codes and indicators, and the rules, are data
(guarded_words.yml). Not here: the tables that are held against them, which columns of the models carry a guard (their yml).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sources.base.yamlfile import load_own_yaml
from sources.county.policy_words import indicators

_WORDS = Path(__file__).with_name("guarded_words.yml")
_CASE_MONEY, _STATIC, _MONEY_WORDS = "case_money", "static_resource", "money_words"


@dataclass(frozen=True)
class Guard:
    """A rule of policy: the words by which what it forbids is known, its sentence, and whether a quality gate lifts it."""

    name: str
    words: re.Pattern[str]
    lifted_by_gate: bool
    zh: str
    en: str


@functools.cache
def _read() -> dict[str, Any]:
    return load_own_yaml(_WORDS.read_text("utf-8"))


@functools.cache
def guards() -> dict[str, Guard]:
    """{name: guard} of all of them."""
    return {
        name: Guard(name, re.compile(each["words"], re.I), each.get("gate", False), each["zh"], each["en"])
        for name, each in _read().items()
        if name != _MONEY_WORDS
    }


def guard_against(name: str, *, gated: bool = False) -> Guard | None:
    """Why something of this name may not stand in pay, None if it may; gated: a quality gate stands before it."""
    for guard in guards().values():
        if guard.words.search(name) and not (guard.lifted_by_gate and gated):
            return guard
    return None


def guard_against_indicator(kpi_id: str) -> Guard | None:
    """The same of an indicator that is to say quality, by what the registry says of it: figures of money are none.

    An indicator of referrals is a rate, so the guard against counting them does not speak of it.
    """
    known = indicators().get(kpi_id)
    if known is None:
        return None
    if known.is_static_resource:
        return guards()[_STATIC]
    if re.search(_read()[_MONEY_WORDS], known.name):
        return guards()[_CASE_MONEY]
    return guard_against(known.name, gated=True)
