"""Accounting months, written YYYY-MM: counting, comparing, listing; and the wall time they are counted in.

Not here: reading dates and times that somebody delivered (conforming.values).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

SHANGHAI = timedelta(hours=8)


def month_number(month: str) -> int:
    """Months since year 0, so that months can be counted. Raises ValueError for anything but YYYY-MM."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise ValueError(f"月份要写成 YYYY-MM:{month!r} / a month is written YYYY-MM: {month!r}")
    return int(month[:4]) * 12 + int(month[5:]) - 1


def month_text(number: int) -> str:
    """The month of a number given by `month_number`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """Every month from first to last, both included; empty when last lies before first."""
    return [month_text(number) for number in range(month_number(first), month_number(last) + 1)]


def last_day(month: str) -> date:
    """The last day of a month."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])


def shanghai_time(seconds: float) -> datetime:
    """Wall time in Shanghai (no time zone attached) of a POSIX time, whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None) + SHANGHAI
