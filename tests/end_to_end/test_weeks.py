"""Weekly figures, counted again by Python's calendar from the published stays, which no measure has passed through."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import duckdb

from tests.end_to_end.conftest import World


def test_a_week_has_the_discharges_from_monday_to_sunday(messy: World) -> None:
    stays = duckdb.execute(
        f"""select event_date, los_days from '{messy.release}/events/event_stay/*/*.parquet'
            where stay_type = '1' and los_days <= 60"""
    ).fetchall()
    number: Counter = Counter()
    days: Counter = Counter()
    for discharged, los in stays:
        monday = discharged - timedelta(days=discharged.weekday())
        number[monday] += 1
        days[monday] += los
    published = duckdb.execute(
        f"""select week, cast(numerator as integer), cast(denominator as integer)
            from '{messy.release}/marts/mart_week_value.parquet' where kpi_id = 'KPI-010' and unit_level = 'county'"""
    ).fetchall()
    # The week in which the last month ends waits for the next month.
    ended = max(discharged for discharged, _ in stays).replace(day=31)
    expected = {week for week in number if week + timedelta(days=6) <= ended}
    assert {(week, days[week], number[week]) for week in expected} == set(published)
    assert len(published) > 10
