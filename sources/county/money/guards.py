"""Names that no allocation may be driven by: case money, static resources, referral counts without a quality gate.

The words and the rules are data (guarded_words.yml). Not here: which columns of the models carry a guard (their yml files).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from sources.base.yamlfile import load_own_yaml

_WORDS = Path(__file__).with_name("guarded_words.yml")


@dataclass(frozen=True)
class Guard:
    """A rule of policy: words by which what it forbids is known, its sentence, and whether a quality gate lifts it."""

    name: str
    words: tuple[str, ...]
    lifted_by_gate: bool
    zh: str
    en: str


@functools.cache
def guards() -> tuple[Guard, ...]:
    """Every guard."""
    read = load_own_yaml(_WORDS.read_text("utf-8"))
    return tuple(
        Guard(name, tuple(each["words"]), each.get("gate", False), each["zh"], each["en"])
        for name, each in read.items()
    )


def guard_against(name: str, gated: bool = False) -> Guard | None:
    """The guard that forbids to be driven by something of this name; gated: a quality gate stands before it."""
    for guard in guards():
        if any(word in name.lower() for word in guard.words) and not (guard.lifted_by_gate and gated):
            return guard
    return None
