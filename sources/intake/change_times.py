"""Times of change as sources write them: compared as text, computed with only where their form is known.

Not here: what is read since which time (extraction).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

# Times of change that sort as text, and how to compute with them.
_CHANGE_TIMES = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?"), 19, "%Y-%m-%d %H:%M:%S"),
    (re.compile(r"\d{14}"), 14, "%Y%m%d%H%M%S"),
    (re.compile(r"\d{4}-\d\d-\d\d"), 10, "%Y-%m-%d"),
    (re.compile(r"\d{8}"), 8, "%Y%m%d"),
)
_CHANGE_TIME = (
    "^([0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?)?|[0-9]{8}|[0-9]{14})$"
)


def newest(times: pa.ChunkedArray, now: datetime) -> str | None:
    """The newest time of change as text. Times to come (9999-12-31) and what is no time would hide later changes."""
    readable = times.filter(pc.fill_null(pc.match_substring_regex(times, _CHANGE_TIME), False))
    by_length: list[str] = []
    for length in pc.unique(pc.binary_length(readable)).to_pylist():
        same = readable.filter(pc.equal(pc.binary_length(readable), length))
        bound = _written_as(same[0].as_py(), now + timedelta(days=1))
        past = same.filter(pc.less(same, bound))
        by_length += [pc.max(past).as_py()] if len(past) else []
    return max(by_length, default=None)


def _written_as(example: str, moment: datetime) -> str:
    """`moment` in the form of `example`."""
    form = _form(example)
    return moment.strftime(form[1]) if form else ""


def _form(text: str) -> tuple[int, str] | None:
    for pattern, length, form in _CHANGE_TIMES:
        if pattern.fullmatch(text):
            return length, form.replace(" ", text[10]) if length == 19 else form
    return None


def earlier(text: str, days: int) -> str | None:
    """A time of change some days earlier, in the same form; None when its form is not known."""
    form = _form(text)
    if form is None:
        return None
    length, written = form
    return (datetime.strptime(text[:length], written) - timedelta(days=days)).strftime(written)
