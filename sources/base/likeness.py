"""Words as they are compared: headers, which known word is most like one somebody wrote, which texts are no words but data.

Not here: what words mean.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

_DATA = re.compile(
    r"[+-]?\d[\d,]*(\.\d+)?%?"  # numbers
    r"|\d{4}\D\d{1,2}\D.*"  # dates
    r"|[A-Z]{0,6}[-_]?\d{4,}[-_A-Z0-9]*"  # running numbers, identity cards
    r"|[A-Z]\d{2}([.x].*)?|\d{2}\.\d{2}.*",  # diagnoses, procedures
    re.IGNORECASE,
)


def nearest(word: str, candidates: Iterable[str], count: int = 3) -> str:
    """The candidates most like `word`, best first, as text for a message; a dash when there is none."""
    pool = sorted(set(candidates))
    found = sorted(pool, key=lambda c: (-likeness(word.lower(), c.lower()), c))[:count]
    return "、".join(found) or "-"


def meant_by(said: str, names: Mapping[str, Iterable[str | None]]) -> list[str]:
    """Ids that somebody means who says an id or, where there is no such id, one of its names; sorted, none or several."""
    return [said] if said in names else sorted(one for one, known in names.items() if said in known)


def likeness(left: str, right: str, at_least: float = 0.0) -> float:
    """0 (nothing in common) to 1 (the same); 0 for less than `at_least`, which is found out sooner."""
    matcher = difflib.SequenceMatcher(None, left, right)
    if matcher.real_quick_ratio() < at_least or matcher.quick_ratio() < at_least:
        return 0.0
    return matcher.ratio()


@lru_cache(maxsize=4096)
def normalise_header(header: str) -> str:
    """A header as it is compared: compatibility forms folded, zero-width characters and outer blanks removed."""
    plain = unicodedata.normalize("NFKC", header)
    return re.sub(r"[\u200b-\u200f\u2060\ufeff\u00ad]", "", plain).strip()


def folded(word: str) -> str:
    """A word as it is compared: compatibility forms, case, blanks, underscores and what stands in brackets dropped."""
    plain = unicodedata.normalize("NFKC", word).strip().lower()
    plain = re.sub(r"[((\[【].*?[))\]】]", "", plain) or plain
    return re.sub(r"[\s_\-./·::\u200b-\u200f\ufeff]", "", plain)


def looks_like_data(cell: str) -> bool:
    """Whether a cell is a number, a date, a code or an identity number rather than the name of a column."""
    return _DATA.fullmatch(unicodedata.normalize("NFKC", cell).strip()) is not None
