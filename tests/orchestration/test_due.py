"""What is due on a day: all of it or it is said what is missing, of whom and of which month."""

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from orchestration.due import check_due, due_months, feeds_expected
from orchestration.translator import RELEASE_KEY, feed_key
from sources.base.home import Home
from sources.county.county import County


@pytest.mark.parametrize(
    ("today", "months"),
    [
        (date(2025, 1, 31), []),
        (date(2025, 2, 15), []),
        (date(2025, 2, 16), ["2025-01"]),
        (date(2025, 4, 1), ["2025-01", "2025-02"]),
        (date(2025, 4, 16), ["2025-01", "2025-02", "2025-03"]),
        (date(2027, 1, 1), ["2025-01", "2025-02", "2025-03"]),
    ],
)
def test_a_month_is_due_when_its_accounts_have_closed(county: County, today: date, months: list[str]):
    assert due_months(county, today, 0) == months


def test_the_deadline_is_that_of_the_policy(own_county: Path):
    table = own_county / "policy" / "kpi_parameter.csv"
    text = table.read_text("utf-8")
    assert "close_after_days,15" in text
    table.write_text(text.replace("close_after_days,15", "close_after_days,40"), "utf-8")
    county = County.load(own_county)
    assert due_months(county, date(2025, 3, 12), 0) == []
    assert due_months(county, date(2025, 3, 13), 0) == ["2025-01"]
    assert due_months(county, date(2025, 3, 17), county.settings.publish_within_days) == ["2025-01"]
    assert due_months(county, date(2025, 3, 16), county.settings.publish_within_days) == []


def landed(home: Home, county: County, months: list[str]) -> None:
    for feed, deliverers in feeds_expected(county).items():
        for deliverer in deliverers:
            for month in months:
                home.landed_batch(feed, deliverer, month, "batch").mkdir(parents=True)


def found(county: County, home: Home) -> dict[dg.AssetKey, dg.AssetCheckResult]:
    return {each.asset_key: each for each in check_due(county, home, date(2025, 3, 18))}


def test_one_partition_of_one_feed_that_is_missing_is_named(county: County, tmp_path: Path):
    home = Home(tmp_path)
    landed(home, county, ["2025-01", "2025-02"])
    assert [key for key, each in found(county, home).items() if not each.passed] == [RELEASE_KEY]
    home.landed_batch("his_rx", "H34062100001", "2025-01", "batch").rmdir()
    home.landed_batch("his_rx", "H34062100001", "2025-01", "batch").parent.rmdir()
    late = found(county, home)[feed_key("his_rx")]
    assert (late.passed, late.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert late.description.startswith("濉河县人民医院 2025-01")
    (record,) = late.metadata["missing"].records
    assert (record.data["institution_id"], record.data["month"]) == ("H34062100001", "2025-01")


def test_the_release_is_due_for_every_month_later_than_its_feeds(county: County, tmp_path: Path):
    late = found(county, Home(tmp_path))[RELEASE_KEY]
    assert [record.data["month"] for record in late.metadata["missing"].records] == ["2025-01"]


def test_looking_disturbs_nobody_at_work(defs: dg.Definitions):
    from orchestration.due import DUE_JOB

    home = defs.resources["reader"].home
    with home.lock():
        result = defs.resolve_job_def(DUE_JOB).execute_in_process()
    assert result.success
    assert {each.check_name for each in result.get_asset_check_evaluations()} == {"all_due_months"}
