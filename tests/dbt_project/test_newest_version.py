"""Which version of a row counts, asked of the staging model itself: files in an inbox, rows out of the warehouse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest

from sources.base.engine import connect
from sources.base.home import Home
from sources.ingest import ingest_feed, prepare
from sources.mending.versions import versions
from tests.dbt_project.conftest import Dbt, failures
from tests.sources.making import MONTH, MTIME, TOWNSHIP, deliver, make_county, visit, visits

NOON = "2025-03-05 12:00:00"
FILES = {
    # A deletion that says no time, in the same file and in a later one.
    "": [visit(1), visit(2), visit(3), visit(1, GXSJ="", CZBZ="D"), visit(5, GXSJ=""), visit(5, GXSJ="", CZBZ="D")],
    "_2": [visit(2, GXSJ="", CZBZ="删除")],
    # Said again after it was deleted: it is there.
    "_3": [visit(2, GXSJ=NOON, ZT="2")],
    # An older version that arrives after the deletion does not bring the row back.
    "_4": [visit(1, GXSJ="2025-03-01 08:00:00", ZT="2"), visit(4, GXSJ="", CZBZ="D")],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, manifest: Manifest) -> Home:
    folder: Path = tmp_path_factory.mktemp("versions")
    county, home = make_county(folder / "county"), Home(folder / "home")
    home.warehouse.mkdir(parents=True)
    for days, (name, lines) in enumerate(FILES.items()):
        path = deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503{name}.csv", visits(*lines))
        os.utime(path, (MTIME + days * 86_400, MTIME + days * 86_400))
        ingest_feed(county, home, "his_op_visit", [MONTH])
    prepare(county, home, [MONTH])
    result = Dbt(home, folder / "target").run(
        "run", "--select", "+stg_his_op_visit", manifest=manifest
    )
    assert result.success, failures(result)
    return home


def test_a_deletion_without_a_time_acts_on_what_arrived_before_it(home: Home) -> None:
    with connect(home.build_database, read_only=True, file_search_path=str(home.root)) as connection:
        sql = "select visit_id, status from staging.stg_his_op_visit order by all"
        assert connection.execute(sql).fetchall() == [("MZ000002", "2"), ("MZ000003", "1")]


def test_history_says_the_same(home: Home) -> None:
    counting = [version.key["visit_id"] for version in versions(home, "his_op_visit", {}) if version.counts]
    assert sorted(counting) == ["MZ000002", "MZ000003"]
