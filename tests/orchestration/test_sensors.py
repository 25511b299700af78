"""New and changed files become runs of the partitions concerned, once."""

import json
import os
from datetime import datetime
from pathlib import Path

import dagster as dg
import pytest

from orchestration import sensors
from orchestration.jobs import HOSPITAL_FEEDS, PLATFORM_FEEDS
from orchestration.partitions import RANGE_END_TAG, RANGE_START_TAG
from orchestration.translator import feed_key
from sources.county.county import County
from sources.intake.delivery import Delivery
from tests.orchestration.conftest import deliver
from tests.orchestration.test_delivered_months import paths

MONTHS = ["2025-01", "2025-02", "2025-03"]


@pytest.fixture
def delivered(own_county: Path) -> County:
    county = County.load(own_county)
    deliver(own_county, *paths(county, "H34062100001", "2025-01"))
    return county


def test_everything_is_new_at_first_and_nothing_the_second_time(delivered: County):
    changed, seen = sensors.changes(delivered, {}, MONTHS)
    assert {each.feed for each in changed} == set(delivered.expected_feeds("H34062100001"))
    assert sensors.changes(delivered, seen, MONTHS)[0] == []


def test_a_file_delivered_again_with_another_time_is_noticed(delivered: County):
    _, seen = sensors.changes(delivered, {}, MONTHS)
    file = delivered.inbox / paths(delivered, "H34062100001", "2025-01")[0]
    os.utime(file, (1, 1))
    changed, _ = sensors.changes(delivered, seen, MONTHS)
    assert {each.file for each in changed} == {file.relative_to(delivered.inbox).as_posix()}


def test_a_month_that_is_not_over_waits_and_is_not_forgotten(delivered: County):
    changed, seen = sensors.changes(delivered, {}, ["2024-12"])
    assert (changed, seen) == ([], {})
    assert sensors.changes(delivered, seen, MONTHS)[0]


def delivery(feed: str, institution: str, month: str) -> Delivery:
    return Delivery(
        feed, institution, month, f"{institution}/{month}/{feed}.csv", None, "vendor", 1, datetime(2025, 4, 8)
    )


def test_neighbours_of_one_month_share_a_run_and_platforms_have_their_own():
    changed = [
        delivery("his_op_visit", "H1", "2025-01"),
        delivery("his_rx", "H2", "2025-01"),
        delivery("his_rx", "H4", "2025-01"),
        delivery("his_rx", "H1", "2025-02"),
        delivery("ph_ehr", "PH", "2025-02"),
        delivery("si_settlement", "SI", "2025-02"),
    ]
    requests = list(sensors.requests_for(changed, ["H1", "H2", "H3", "H4"]))
    described = [
        (each.job_name, each.tags.get(RANGE_START_TAG), each.tags.get(RANGE_END_TAG), each.partition_key)
        for each in requests
    ]
    assert described == [
        (HOSPITAL_FEEDS, "H1|2025-01", "H2|2025-01", None),
        (HOSPITAL_FEEDS, "H4|2025-01", "H4|2025-01", None),
        (HOSPITAL_FEEDS, "H1|2025-02", "H1|2025-02", None),
        (PLATFORM_FEEDS, None, None, "2025-02"),
    ]
    assert requests[0].asset_selection == [feed_key("his_op_visit"), feed_key("his_rx")]
    assert requests[3].asset_selection == [feed_key("ph_ehr"), feed_key("si_settlement")]


def test_the_sensor_remembers_in_its_cursor(
    defs: dg.Definitions, county_dir: Path, tmp_path: Path, own_county: Path
):
    from orchestration.definitions import build_defs

    deliver(own_county, *paths(County.load(own_county), "PH340621", "2025-02"))
    own = build_defs(own_county, tmp_path / "home")
    sensor = own.resolve_sensor_def("inbox")
    with dg.build_sensor_context(definitions=own) as context:
        first = sensor.evaluate_tick(context)
    assert [each.job_name for each in first.run_requests] == [PLATFORM_FEEDS]
    assert len(json.loads(first.cursor)) == len(paths(County.load(own_county), "PH340621", "2025-02"))
    with dg.build_sensor_context(definitions=own, cursor=first.cursor) as context:
        assert sensor.evaluate_tick(context).run_requests == []
