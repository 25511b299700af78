"""What may not decide anybody's pay: money of a case, static resources, referral counts without a quality gate.

The words by which each is recognised in names of drivers, columns, codes and indicators, and the rules, are data
(guarded_words.yml). Not here: the tables that are held against them, which columns of the models carry a guard (their yml).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sources.base.yamlfile import load_own_yaml
from sources.county.policy_words import indicators

_WORDS = Path(__file__).with_name("guarded_words.yml")
_CASE_MONEY, _STATIC = "case_money", "static_resource"


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
        for name, each in _read()["guards"].items()
    }


def guard_against(name: str, *, gated: bool = False) -> Guard | None:
    """Why something of this name may not stand in pay, None if it may; gated: a quality gate stands before it."""
    plain = _plain(name)
    readings = (plain, re.sub(r"[\W_]", "", plain))
    for guard in guards().values():
        if any(map(guard.words.search, readings)) and not (guard.lifted_by_gate and gated):
            return guard
    return None


def _plain(name: str) -> str:
    """The name as it reads: without invisible signs, full-width and traditional characters as their plain form."""
    shown = "".join(
        each for each in unicodedata.normalize("NFKC", name) if unicodedata.category(each) != "Cf"
    )
    pairs = _read()["traditional"]
    return shown.translate(str.maketrans(pairs[::2], pairs[1::2])).lower()


def largest_fund_share() -> Decimal:
    """The most of the whole fund that a pool may be (REQ-173)."""
    return Decimal(str(_read()["largest_fund_share"]))


def is_document(name: str | None) -> bool:
    """Whether this names a document or an approval at all, and does not say that there is none yet."""
    return bool(name) and not re.search(_read()["no_document"], _plain(str(name)))


def guard_against_indicator(kpi_id: str) -> Guard | None:
    """The same of an indicator that is to say quality, by what the registry says of it: figures of money are none.

    An indicator of referrals is a rate, so the guard against counting them does not speak of it, nor do words about beds of a rate
    of use.
    """
    known = indicators().get(kpi_id)
    if known is None:
        return None
    if known.is_static_resource:
        return guards()[_STATIC]
    of_money = re.search(_read()["money_words"], known.name) or guards()[_CASE_MONEY].words.search(known.name)
    return guards()[_CASE_MONEY] if of_money else None
