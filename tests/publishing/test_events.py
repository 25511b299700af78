"""Events of a release: the months of the run are written, the others are the files of the release before."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from orchestration.publishing import manifest, monthly
from orchestration.publishing.events import EVENTS, events_file
from tests.publishing.conftest import LEAD, TOWN, Workshop


def rows(workshop: Workshop, name: str, month: str) -> int:
    return pq.read_metadata(workshop.home.current / events_file(name, month)).num_rows


@pytest.mark.parametrize("name", EVENTS)
def test_a_month_has_a_file_with_a_row_per_event(workshop: Workshop, name: str) -> None:
    release = workshop.publish("2025-01", "2025-02")
    assert {month: rows(workshop, name, month) for month in ("2025-01", "2025-02")} == {
        month: sum(workshop.events[month, where] for where in (LEAD, TOWN))
        for month in ("2025-01", "2025-02")
    }
    assert events_file(name, "2025-01") in {file["path"] for file in manifest.read(release.path)["files"]}


def test_a_published_month_is_the_file_of_the_release_before(workshop: Workshop) -> None:
    """Whatever the build says of it by then."""
    first = workshop.publish("2025-01")
    workshop.events["2025-01", LEAD] += 5
    second = workshop.publish("2025-02")
    before, after = (release.path / events_file("event_visit", "2025-01") for release in (first, second))
    assert before.samefile(after)
    assert manifest.is_intact(second.path)


def test_a_file_system_without_links_gets_a_copy(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*paths: object) -> None:
        raise OSError("no links here")

    first = workshop.publish("2025-01")
    monkeypatch.setattr(monthly.os, "link", refused)
    second = workshop.publish("2025-02")
    before, after = (release.path / events_file("event_visit", "2025-01") for release in (first, second))
    assert not before.samefile(after)
    assert before.read_bytes() == after.read_bytes()


def test_a_month_without_events_has_no_file(workshop: Workshop) -> None:
    for where in (LEAD, TOWN):
        workshop.events["2025-01", where] = 0
    release = workshop.publish("2025-01")
    assert list((release.path / "events").glob("*")) == []
