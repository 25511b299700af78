"""Rows deleted at the source end where the mapping says that the table replaces its month; what comes back counts again."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.base.home import Home
from sources.county.county import County
from sources.ingest import deleted_at_the_source, replay
from sources.mending.versions import versions
from tests.sources.connectors.databases.making import (
    FEED,
    SQLITE,
    VISITS,
    VisitDatabase,
    database_county,
    take,
)
from tests.sources.making import HOSPITAL, MONTH

REPLACING = VISITS.replace("    columns:\n", "    replaces: month\n    columns:\n", 1)


@pytest.fixture
def database(tmp_path: Path) -> VisitDatabase:
    (tmp_path / "county").mkdir()
    made = VisitDatabase(tmp_path / "county")
    for number in (1, 2, 3):
        made.add(number)
    return made


@pytest.fixture
def county(tmp_path: Path, database: VisitDatabase) -> County:
    return database_county(tmp_path / "county", REPLACING, SQLITE)


def counting(home: Home) -> list[tuple[str, str]]:
    rows = versions(home, FEED, {}, HOSPITAL)
    return sorted((each.key["visit_id"], each.source_file.rpartition("/")[2]) for each in rows if each.counts)


def keys(home: Home) -> list[str]:
    return [key.removeprefix("MZ00000") for key, _ in counting(home)]


def test_a_row_that_is_no_longer_there_ends_and_comes_back(
    county: County, home: Home, database: VisitDatabase
) -> None:
    take(county, home)
    database.run("delete from mzjz where jzlsh = 'MZ000002'")
    _, gone = take(county, home)
    assert (gone.source_file, gone.delivered_rows) == (f"database/{HOSPITAL}/MZJZ/deleted", 1)
    assert keys(home) == ["1", "3"]
    (told,) = deleted_at_the_source(county, home, [MONTH])
    assert (told.feed, told.delivered_rows) == (FEED, 1)
    assert [each.landed for each in take(county, home)] == ["unchanged", "unchanged"], "it is gone once"
    replay(county, home)
    assert keys(home) == ["1", "3"]

    database.add(2)
    take(county, home)
    assert keys(home) == ["1", "2", "3"]
    database.run("delete from mzjz where jzlsh = 'MZ000002'")
    take(county, home)
    assert keys(home) == ["1", "3"]


def test_a_changed_row_is_another_version_and_not_gone(
    county: County, home: Home, database: VisitDatabase
) -> None:
    take(county, home)
    database.run("update mzjz set zdmc = '更正' where jzlsh = 'MZ000002'")
    _, second = take(county, home)
    assert not second.source_file.endswith("/deleted")
    assert keys(home) == ["1", "2", "3"]


def test_a_month_that_was_archived_is_refused_and_nothing_ends(
    county: County, home: Home, database: VisitDatabase
) -> None:
    for number in range(4, 60):
        database.add(number)
    take(county, home)
    database.run("delete from mzjz where jzlsh > 'MZ000009'")
    refusals = [each.refusal.code for each in take(county, home) if each.refusal]
    assert refusals == ["DATABASE_ROWS_GONE"]
    assert len(counting(home)) == 59


def test_without_the_word_nothing_ends(tmp_path: Path, home: Home, database: VisitDatabase) -> None:
    county = database_county(tmp_path / "county", VISITS, SQLITE)
    take(county, home)
    database.run("delete from mzjz where jzlsh = 'MZ000002'")
    assert len(take(county, home)) == 1
    assert keys(home) == ["1", "2", "3"]
