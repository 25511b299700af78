"""`feed history` and the warehouse agree on which version of a row counts, for every feed sent as a whole list."""

from __future__ import annotations

import shutil

import pytest

from orchestration.dbt import build, build_arguments, ensure_manifest
from sources.base.engine import connect
from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.mending.versions import versions
from tests.end_to_end.conftest import World

LISTS = [contract.feed for contract in load_contracts().values() if contract.delivery == "snapshot"]


@pytest.fixture(scope="module")
def staged(messy: World, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The county's home with the staging view of every list, read by a mart or not."""
    home = Home(tmp_path_factory.mktemp("lists") / "home")
    shutil.copytree(messy.home / "conformed", home.conformed)
    shutil.copytree(messy.home / "warehouse", home.warehouse)
    target = tmp_path_factory.mktemp("target")
    lists = ["--select", *(f"+stg_{feed}" for feed in LISTS)]
    arguments = build_arguments(target, target, selection=lists, indirect_selection="empty")
    assert build(arguments, home.root, ensure_manifest(), lambda _: None).failures == ()
    return home


@pytest.mark.parametrize("feed", LISTS)
def test_what_history_says_counts_is_what_staging_keeps(staged: Home, feed: str) -> None:
    told = versions(staged, feed, {})
    assert len({version.delivery_month for version in told}) > 1, "one delivery alone cannot disagree"
    with connect(staged.build_database, read_only=True, file_search_path=str(staged.root)) as connection:
        kept = connection.execute(
            f"select deliverer_id, source_file, source_line from staging.stg_{feed} order by all"
        ).fetchall()
    counting = [(v.institution_id, v.source_file, v.source_line) for v in told if v.counts]
    assert sorted(counting) == kept


def test_lists_of_both_kinds_are_there() -> None:
    kept = {load_contracts()[feed].keep_every_month for feed in LISTS}
    assert kept == {True, False}
