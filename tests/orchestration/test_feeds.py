"""The step of a feed: what is tried again, what is not, and what it reports."""

import errno
from types import SimpleNamespace

import dagster as dg
import pytest

import sources.ingest
from orchestration.assets.feeds import by_partition, summary, take_in
from orchestration.partitions import Extent

PLACE = SimpleNamespace(county=None, home=None, full=False)
EXTENT = Extent(("2025-01",), ("H1",))


def failing_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(sources.ingest, "ingest_feed", fail)


def test_a_network_share_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch):
    failing_with(OSError(errno.ESTALE, "stale"), monkeypatch)
    with pytest.raises(OSError, match="stale"):
        take_in(PLACE, "his_rx", EXTENT)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), FileNotFoundError("gone"), ValueError("wrong")]
)
def test_what_would_fail_again_is_not(error: Exception, monkeypatch: pytest.MonkeyPatch):
    failing_with(error, monkeypatch)
    with pytest.raises(dg.Failure) as failure:
        take_in(PLACE, "his_rx", EXTENT)
    assert failure.value.allow_retries is False
    assert "his_rx" in failure.value.description


def test_the_extent_is_handed_on(monkeypatch: pytest.MonkeyPatch):
    asked = {}

    def note(county: object, home: object, feed: str, months: list[str], **rest: object) -> list:
        asked.update(feed=feed, months=months, **rest)
        return []

    monkeypatch.setattr(sources.ingest, "ingest_feed", note)
    take_in(PLACE, "his_rx", EXTENT)
    assert asked == {"feed": "his_rx", "months": ["2025-01"], "institutions": ("H1",), "full": False}


def batch(**changes: object) -> SimpleNamespace:
    usual = {
        "status": "conformed", "landed": "new",
        "delivered_rows": 10, "accepted_rows": 7, "quarantined_rows": 2, "duplicate_rows": 1,
    }  # fmt: skip
    return SimpleNamespace(**usual | changes)


def test_the_page_of_a_feed_shows_where_the_rows_went():
    shown = summary(
        [batch(), batch(landed="unchanged"), batch(status="refused", delivered_rows=0, accepted_rows=0)]
    )
    assert shown["dagster/partition_row_count"] == 14
    assert (shown["batches"], shown["new_batches"], shown["refused_batches"]) == (3, 2, 1)
    assert (shown["delivered_rows"], shown["quarantined_rows"], shown["duplicate_rows"]) == (20, 6, 3)


def test_a_batch_is_counted_in_the_partition_of_its_deliverer_and_month():
    one, other = batch(institution_id="H1", month="2025-01"), batch(institution_id="H2", month="2025-02")
    months = ("2025-01", "2025-02", "2025-03")
    assert by_partition([one, other], Extent(months, ("H1", "H2"))) == {
        "H1|2025-01": [one],
        "H2|2025-02": [other],
    }
    assert by_partition([one, other], Extent(months)) == {"2025-01": [one], "2025-02": [other]}
