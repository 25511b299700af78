"""Closing the month: the schedule asks for the first job, success for the next."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from orchestration.jobs import CLOSE_TAG, HOSPITAL_FEEDS, PLATFORM_FEEDS, RELEASE
from orchestration.partitions import RANGE_END_TAG, RANGE_START_TAG
from orchestration.schedules import month_before, request_after
from sources.county.county import County


@pytest.mark.parametrize(
    ("moment", "month"),
    [(datetime(2025, 4, 16, tzinfo=UTC), "2025-03"), (datetime(2025, 1, 16, tzinfo=UTC), "2024-12")],
)
def test_the_month_before(moment: datetime, month: str):
    assert month_before(moment) == month


def test_the_schedule_takes_in_every_hospital_for_the_month_before(defs: dg.Definitions, county: County):
    schedule = defs.resolve_schedule_def("close_the_month")
    with dg.build_schedule_context(scheduled_execution_time=datetime(2025, 4, 16, 2, tzinfo=UTC)) as context:
        (request,) = schedule.evaluate_tick(context).run_requests
    assert schedule.job_name == HOSPITAL_FEEDS
    keys = defs.resolve_job_def(HOSPITAL_FEEDS).partitions_def.get_partition_keys_in_range(
        dg.PartitionKeyRange(request.tags[RANGE_START_TAG], request.tags[RANGE_END_TAG])
    )
    assert {key.split("|")[1] for key in keys} == {"2025-03"}
    hospitals = {each for each in county.deliverers if each.startswith("H")}
    assert {key.split("|")[0] for key in keys} == hospitals | {"CC340621"}
    assert request.tags[CLOSE_TAG] == "2025-03/2025-03"


@pytest.mark.parametrize(("done", "following"), [(HOSPITAL_FEEDS, PLATFORM_FEEDS), (PLATFORM_FEEDS, RELEASE)])
def test_success_starts_the_next_job_for_the_same_months(done: str, following: str):
    request = request_after(done, {CLOSE_TAG: "2025-01/2025-03"})
    assert request.job_name == following
    assert (request.tags[RANGE_START_TAG], request.tags[RANGE_END_TAG]) == ("2025-01", "2025-03")
    assert request.tags[CLOSE_TAG] == "2025-01/2025-03"


def test_a_run_of_its_own_starts_nothing():
    assert isinstance(request_after(HOSPITAL_FEEDS, {}), dg.SkipReason)
