"""What one cell of a policy file may say: the text of a kind of column as a typed value.

Digits are those of ASCII: a full-width year looks like a month and equals none. Not here: rows and tables (policy).
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

NUMBER = pa.decimal128(18, 6)
ARROW = {"number": NUMBER, "integer": pa.int64(), "flag": pa.int32(), "date": pa.date32()}
WANTED = {
    "number": ("小数,最多六位小数", "a number with six decimals at most"),
    "integer": ("整数,最多十五位", "a whole number of fifteen digits at most"),
    "flag": ("0 或 1", "0 or 1"),
    "date": ("1900 年以后的 YYYY-MM-DD 日期", "a date YYYY-MM-DD from 1900 on"),
    "month": ("1900 年以后的 YYYY-MM 月份", "a month YYYY-MM from 1900 on"),
    "kpi": ("KPI-001 这样的指标号", "a KPI id such as KPI-001"),
}
_YEAR = "(19|[2-9][0-9])[0-9]{2}"
# What NUMBER and int64 can hold, and no other spelling of it.
_PATTERNS = {
    "number": r"[+-]?([0-9]{1,12}(\.[0-9]{0,6})?|\.[0-9]{1,6})",
    "integer": r"[+-]?[0-9]{1,15}",
    "flag": "[01]",
    "date": rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}",
    "month": rf"{_YEAR}-(0[1-9]|1[0-2])",
    "kpi": r"KPI-[0-9]{3}",
}


class WrongValueError(ValueError):
    """A cell that is not what its column wants."""


def value(kind: str, text: str) -> Any:
    """The typed value of a filled cell. Raises WrongValueError."""
    if kind in _PATTERNS and not re.fullmatch(_PATTERNS[kind], text):
        raise WrongValueError
    if kind == "number":
        return Decimal(text).quantize(Decimal("0.000001"))
    if kind in ("integer", "flag"):
        return int(text)
    if kind == "date":
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise WrongValueError from error
    return text
