"""What a run asks of the inbox before it starts."""

from pathlib import Path

import pytest

from orchestration import delivered_months as inbox
from sources.county.county import County
from tests.orchestration.conftest import deliver


@pytest.fixture
def delivered(own_county: Path) -> County:
    """Two hospitals and a platform for January, one hospital for March, and a file that nobody claims."""
    county = County.load(own_county)
    deliver(own_county, *paths(county, "H34062100001", "2025-01"), *paths(county, "H34062100101", "2025-01"))
    deliver(own_county, *paths(county, "PH340621", "2025-01"), *paths(county, "H34062100001", "2025-03"))
    deliver(own_county, "H34062100001/2025-01/holiday.jpg")
    return county


def paths(county: County, deliverer: str, month: str) -> list[str]:
    """File names that this deliverer's mappings would claim."""
    templates = [
        feed.file for mapping in county.mappings_of(deliverer) for feed in mapping.mapping.feeds.values()
    ]
    filled = (each.replace("{institution}", deliverer).replace("{month}", month) for each in templates)
    return sorted({each.replace("{yyyymm}", month.replace("-", "")).replace("*", "") for each in filled})


def test_months_with_deliveries(delivered: County):
    assert inbox.months_delivered(delivered) == ("2025-01", "2025-03")


def test_months_outside_the_county_are_not_its_months(delivered: County):
    deliver(delivered.folder, *paths(delivered, "H34062100001", "2024-12"))
    assert inbox.months_delivered(delivered) == ("2025-01", "2025-03")


def test_what_is_missing_is_named(delivered: County):
    gaps = inbox.missing(delivered, ["2025-01"])
    assert {who for _, who, _ in gaps} == set(delivered.deliverers) - {
        "H34062100001",
        "H34062100101",
        "PH340621",
    }
    (delivered.inbox / paths(delivered, "PH340621", "2025-01")[0]).unlink()
    assert len(inbox.missing(delivered, ["2025-01"])) > len(gaps)


def test_the_stamp_follows_inbox_and_settings_but_not_the_truth(delivered: County):
    before = inbox.stamp(delivered)
    (delivered.folder / "truth").mkdir()
    (delivered.folder / "truth" / "kpi_value.csv").write_text("x")
    assert inbox.stamp(delivered) == before
    deliver(delivered.folder, "H34062100001/2025-01/more.csv")
    after_file = inbox.stamp(delivered)
    assert after_file != before
    (delivered.folder / "county.yml").write_text(
        (delivered.folder / "county.yml").read_text("utf-8") + "\n# x\n", "utf-8"
    )
    assert inbox.stamp(delivered) != after_file


def test_spans_have_no_gaps():
    assert inbox.spans(["2025-03", "2024-12", "2025-01", "2025-06"]) == [
        ("2024-12", "2025-01"),
        ("2025-03",),
        ("2025-06",),
    ]
    assert inbox.spans([]) == []
