"""Closing the month: the schedule asks for the first job, success for the next."""

from datetime import UTC, date, datetime

import dagster as dg
import pytest

from orchestration.jobs import CLOSE_TAG, HOSPITAL_FEEDS, MONTH, PLATFORM_FEEDS, RELEASE
from orchestration.partitions import PARTITION_TAG, RANGE_END_TAG, RANGE_START_TAG, delivery_tags, month_tags
from orchestration.schedules import Scope, just_closed, request_after
from orchestration.translator import feed_key
from sources.county.county import County


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2025, 4, 15), None),
        (date(2025, 4, 16), "2025-03"),
        (date(2025, 4, 19), "2025-03"),
        (date(2025, 4, 20), None),
        (date(2025, 1, 16), None),  # the county begins with January
        (date(2025, 5, 16), None),  # and ends with March
    ],
)
def test_a_month_is_asked_for_from_its_closing_until_it_shall_be_published(
    county: County, day: date, month: str | None
):
    assert just_closed(county, day) == month


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


INSTITUTIONS = ["CC", "H1", "H2"]
FEEDS = [feed_key("his_rx"), feed_key("his_bill")]
SCOPE = Scope(INSTITUTIONS, {MONTH: (), HOSPITAL_FEEDS: FEEDS, PLATFORM_FEEDS: [feed_key("ph_ehr")]})
EVERYBODY = delivery_tags(INSTITUTIONS, "2025-01", "2025-03")


@pytest.mark.parametrize(
    ("done", "following", "start"),
    [
        (MONTH, HOSPITAL_FEEDS, "CC|2025-01"),
        (HOSPITAL_FEEDS, PLATFORM_FEEDS, "2025-01"),
        (PLATFORM_FEEDS, RELEASE, "2025-01"),
    ],
)
def test_success_starts_the_next_job_for_the_same_months(done: str, following: str, start: str):
    request = request_after(done, "2025-01", "2025-03", INSTITUTIONS)
    assert request.job_name == following
    assert request.tags[RANGE_START_TAG] == start
    assert request.tags[CLOSE_TAG] == "2025-01/2025-03"
    assert SCOPE.months_of(following, request.tags, None) == ("2025-01", "2025-03")


@pytest.mark.parametrize(
    ("job", "tags", "selected", "months"),
    [
        (MONTH, {PARTITION_TAG: "2025-02"}, None, ("2025-02", "2025-02")),
        (HOSPITAL_FEEDS, EVERYBODY, None, ("2025-01", "2025-03")),
        (HOSPITAL_FEEDS, EVERYBODY, {*FEEDS}, ("2025-01", "2025-03")),
        (PLATFORM_FEEDS, {PARTITION_TAG: "2025-02"}, None, ("2025-02", "2025-02")),
        (PLATFORM_FEEDS, month_tags("2025-01", "2025-02"), None, ("2025-01", "2025-02")),
        # A part of the work is a part, however it was started.
        (HOSPITAL_FEEDS, EVERYBODY, {FEEDS[0]}, None),
        (HOSPITAL_FEEDS, delivery_tags(["H1", "H2"], "2025-01", "2025-01"), None, None),
        (HOSPITAL_FEEDS, {PARTITION_TAG: "H1|2025-01"}, None, None),
        # Nor does a file by itself release anything.
        (HOSPITAL_FEEDS, {**EVERYBODY, "dagster/sensor_name": "inbox"}, None, None),
        (PLATFORM_FEEDS, {PARTITION_TAG: "2025-02", "dagster/sensor_name": "inbox"}, None, None),
    ],
)
def test_what_is_started_by_hand_is_followed_if_it_is_whole(
    job: str, tags: dict[str, str], selected: set[dg.AssetKey] | None, months: tuple[str, str] | None
):
    assert SCOPE.months_of(job, tags, selected) == months


def test_a_month_can_be_asked_for_in_the_page(defs: dg.Definitions):
    job = defs.resolve_job_def(MONTH)
    assert job.partitions_def.get_partition_keys() == ["2025-01", "2025-02", "2025-03"]
    assert job.execute_in_process(partition_key="2025-02").success
