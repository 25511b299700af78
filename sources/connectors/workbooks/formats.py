"""Number formats that add something to the digits of a number: leading zeros, a prefix ("000000", "MZ"0000).

Of a number that is a key, what people see is the key. Not here: which cell has which format (the scans).
"""

from __future__ import annotations

import re
from functools import lru_cache

# Colours and languages in brackets say nothing of digits; conditions and Chinese numerals do.
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|\[(?!DBNum)[^\]<>=]*\]|[_*].|(.)', re.DOTALL)
_DIGIT = "0"
_LETTERS = re.compile(r"[A-Za-z0-9-]*")


@lru_cache(maxsize=4096)
def template(code: str) -> tuple[str, ...] | None:
    """The signs of a format: "0" for a digit, "=x" for an x; None when it adds nothing that belongs to a key."""
    signs: list[str] = []
    for found in _TOKEN.finditer(_first_section(code)):
        literal, escaped, plain = found.groups()
        if plain == _DIGIT:
            signs.append(_DIGIT)
        elif plain == "-" or literal is not None or escaped is not None:
            signs += [f"={sign}" for sign in (literal or escaped or plain or "")]
        elif plain is not None:
            return None
    digits = [position for position, sign in enumerate(signs) if sign == _DIGIT]
    added = "".join(sign[1:] for sign in signs if sign != _DIGIT)
    is_key = bool(digits) and digits[-1] == len(signs) - 1 and _LETTERS.fullmatch(added)
    return tuple(signs) if is_key and (len(digits) > 1 or added) else None


def _first_section(code: str) -> str:
    """What holds for positive numbers."""
    return re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code, maxsplit=1)[0]


def shown(number: float, signs: tuple[str, ...]) -> str | None:
    """A whole number under a format, None when it is none."""
    if number < 0 or number != int(number):
        return None
    digits, found = list(str(int(number))), []
    for position in range(len(signs) - 1, -1, -1):
        if signs[position] != _DIGIT:
            found.append(signs[position][1:])
            continue
        found.append(digits.pop() if digits else "0")
        if _DIGIT not in signs[:position]:
            found += digits[::-1]
            digits = []
    return "".join(reversed(found))
