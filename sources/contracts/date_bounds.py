"""Between which days a date may lie: the county's settings, a feed's window of events, and the month of the delivery.

One place says it for the rule (conforming.statement) and for the sentence that names the bounds (conforming.sorting).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from sources.base.months import month_number, month_text
from sources.base.strict import Strict
from sources.contracts.contract import Contract
from sources.contracts.words import Column, EventWindow

Day = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
# Names of the bounds: an event, a birth, a moment of something that happened, any date.
EVENT_LOW, EVENT_HIGH, BORN_BEFORE = "event_low", "event_high", "born_before"
EARLIEST, LATEST, HAPPENED_BEFORE = "earliest_day", "latest_day", "happened_before"


class DateSettings(Strict):
    """Bounds of dates; each is an assumption (假设) a county may change.

    `months_ahead`: so many months after the delivery month a moment (a time that says what happened, as a discharge) may lie;
    plans are dates. `event_months` takes the place of a contract's window, by feed.
    """

    earliest: Day = "1880-01-01"
    latest: Day = "2099-12-31"
    months_ahead: int = Field(default=12, ge=0)
    event_months: dict[str, EventWindow] = Field(default={})

    def bounds(self, contract: Contract, month: str) -> dict[str, date]:
        """Every bound of a delivery by name: lower ones are the first day inside, upper ones the first day beyond."""
        number = month_number(month)
        window = self.event_months.get(contract.feed, contract.event_window_months)
        before, after = (window.before, window.after) if window else (0, 0)
        beyond = date.fromisoformat(self.latest) + timedelta(days=1)
        return {
            EVENT_LOW: _first(number - before),
            EVENT_HIGH: _first(number + after + 1),
            BORN_BEFORE: _first(number + 2),
            EARLIEST: date.fromisoformat(self.earliest),
            LATEST: beyond,
            HAPPENED_BEFORE: min(_first(number + self.months_ahead + 1), beyond),
        }


def bounds_of(contract: Contract, column: Column) -> tuple[str, str]:
    """Names of the lower and the upper bound of a column."""
    if column.name == contract.event_time:
        return EVENT_LOW, EVENT_HIGH
    if column.privacy and column.privacy.generalise:
        return EARLIEST, BORN_BEFORE
    happened = column.logical_type == "timestamp" and column.name in contract.columns_by_name
    return EARLIEST, HAPPENED_BEFORE if happened and not column.open_ended else LATEST


def _first(month: int) -> date:
    return date.fromisoformat(f"{month_text(month)}-01")
