"""How a vendor spells days, times and hours: tables of every day and every second, looked up.

Not here: which column is spelt how (rendering.py), and spellings that are slips (defects.py).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.simulator.ground.styles import Style
from sources.simulator.ground.text import digits, either, from_bytes, join, pick

_FIRST_DAY = np.datetime64("1880-01-01")
_DAYS = np.append(np.arange(_FIRST_DAY, np.datetime64("2101-01-01")), np.datetime64("9999-12-31"))
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# outside, a number is not recognised as a date (V06), so a clerk would have typed the date
_SERIALS = (20_000, 80_000)
_SHANGHAI_SECONDS = np.timedelta64(8 * 3_600, "s")


class Spelling:
    """Day and time tables of one style, built once."""

    def __init__(self, style: Style):
        self.style = style
        self._tables: dict[str, pa.Array] = {}

    def dates(self, days: np.ndarray) -> pa.Array:
        """datetime64[D] → text; NaT → null."""
        return self._lookup(f"date/{self.style.date}", days)

    def datetimes(self, times: np.ndarray) -> pa.Array:
        """datetime64[s] → text; NaT → null."""
        if self.style.datetime == "utc":
            times = times - _SHANGHAI_SECONDS
        days = times.astype("datetime64[D]")
        seconds = (times - days.astype("datetime64[s]")).astype(np.int64)
        known = ~np.isnat(times)
        clock = self._clock()
        text = clock.take(pa.array(np.where(known, seconds, 0), mask=~known))
        if self.style.datetime == "java":
            return join(self._lookup("date/java", days), text, self._lookup("date/java year", days))
        if self.style.datetime == "utc":
            return join(self._lookup("date/iso", days), "T", pc.utf8_trim_whitespace(text), "Z")
        return join(self._lookup(f"date/{self.style.datetime}", days), text)

    def hours(self, times: np.ndarray) -> pa.Array:
        """The hour of the day as a plain number (V08)."""
        known = ~np.isnat(times)
        seconds = (times - times.astype("datetime64[D]").astype("datetime64[s]")).astype(np.int64)
        return pa.array(np.where(known, seconds, 0) // 3_600, mask=~known).cast(pa.string())

    def _lookup(self, name: str, days: np.ndarray) -> pa.Array:
        if name not in self._tables:
            self._tables[name] = _day_table(name.split("/")[1])
        known = ~np.isnat(days)
        position = (np.where(known, days, _FIRST_DAY) - _FIRST_DAY).astype(np.int64)
        position = np.where(position >= len(_DAYS), len(_DAYS) - 1, position)
        return self._tables[name].take(pa.array(position, mask=~known))

    def _clock(self) -> pa.Array:
        if "clock" not in self._tables:
            self._tables["clock"] = _clock_table(self.style)
        return self._tables["clock"]


def _day_table(kind: str) -> pa.Array:
    if kind == "serial":
        serial = (_DAYS - np.datetime64("1899-12-30")).astype(np.int64)
        readable = (serial >= _SERIALS[0]) & (serial <= _SERIALS[1])
        return either(readable, pa.array(serial).cast(pa.string()), _day_table("iso"))
    years = _DAYS.astype("datetime64[Y]").astype(np.int64) + 1970
    months = _DAYS.astype("datetime64[M]").astype(np.int64) % 12 + 1
    days = (_DAYS - _DAYS.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    if kind == "chinese":
        year, month, day = (pa.array(n).cast(pa.string()) for n in (years, months, days))
        return join(year, "年", month, "月", day, "日")
    parts = ((years, 4), (months, 2), (days, 2))
    year, month, day = (from_bytes(digits(number, width)) for number, width in parts)
    if kind == "dmy":
        return join(day, month, year, sep="/")
    if kind == "java year":
        return join(" CST ", year)
    if kind == "java":
        weekday = (_DAYS.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
        return join(pick(WEEKDAYS, weekday), pick(MONTHS, months - 1), day, sep=" ")
    return join(year, month, day, sep={"compact": "", "iso": "-", "slash": "/"}[kind])


def _clock_table(style: Style) -> pa.Array:
    seconds = np.arange(86_400)
    if style.datetime == "serial":
        fraction = from_bytes(digits(np.round(seconds / 86_400 * 10**10).astype(np.int64), 10))
        return either(seconds == 0, "", join(".", fraction))
    parts = [from_bytes(digits(n, 2)) for n in (seconds // 3_600, seconds // 60 % 60, seconds % 60)]
    kept = parts if style.time == "seconds" else parts[:2]
    return join(" ", join(*kept, sep=":"))
