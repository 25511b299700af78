"""When the accounts of a month close: its last day and the days of grace that policy gives it (`close_after_days`).

Not here: what is due then (orchestration), other parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sources.base.months import last_day
from sources.county.policy_checks import Row
from sources.county.policy_in_force import in_force

CLOSING_PARAMETER = "close_after_days"


def closing_day(parameters: Iterable[Row], month: str) -> date:
    """The day on which a month closes, by the rows of kpi_parameter. Raises LookupError if none is in force on its last day."""
    end = last_day(month)
    for row in parameters:
        if row["parameter"] == CLOSING_PARAMETER and in_force(row, end):
            return end + timedelta(days=int(row["value"]))
    raise LookupError(
        f"policy/kpi_parameter.csv 中没有 {month} 有效的 {CLOSING_PARAMETER} / no {CLOSING_PARAMETER} in force"
    )
