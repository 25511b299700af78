"""What a run decides for itself: whether there is anything to do, where the time went, why it failed."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from orchestration import progress, runner
from orchestration.commands.run import chosen_months
from orchestration.settings import DUCKDB, SPARK
from sources.base.files import write_json
from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.ingest import ingest_feed
from sources.intake.losses import AlteredError
from tests.orchestration.conftest import deliver
from tests.orchestration.test_delivered_months import paths
from tests.sources import making


@pytest.fixture
def county_with_january(own_county: Path) -> County:
    county = County.load(own_county)
    deliver(own_county, *paths(county, "PH340621", "2025-01"), *paths(county, "PH340621", "2025-02"))
    return county


def finished(county: County, home: Home, months: list[str]) -> None:
    write_json(home.warehouse / runner.STATE, runner.state(county, home, months, DUCKDB))


def test_nothing_has_run_yet(county_with_january: County, tmp_path: Path):
    assert not runner.unchanged(county_with_january, Home(tmp_path / "home"), ["2025-01"], DUCKDB)


def test_the_same_again_is_unchanged_until_something_changes(county_with_january: County, tmp_path: Path):
    county, home = county_with_january, Home(tmp_path / "home")
    finished(county, home, ["2025-01"])
    assert runner.unchanged(county, home, ["2025-01"], DUCKDB)
    assert not runner.unchanged(county, home, ["2025-01"], SPARK), "the other engine has not built it"
    assert not runner.unchanged(county, home, ["2025-01", "2025-02"], DUCKDB)
    deliver(county.folder, "PH340621/2025-01/new.csv")
    assert not runner.unchanged(county, home, ["2025-01"], DUCKDB)


def test_a_home_that_lost_a_feed_is_not_unchanged(tmp_path: Path):
    """Neither with months that ran before nor with none to run; what is gone is named with its folder."""
    county, home = making.make_county(tmp_path / "county"), Home(tmp_path / "home")
    making.deliver(
        county, f"{making.TOWNSHIP}/{making.MONTH}/MZJZ_202503.csv", making.visits(making.visit(1))
    )
    ingest_feed(county, home, "his_op_visit", [making.MONTH])
    finished(county, home, [making.MONTH])
    assert runner.unchanged(county, home, [making.MONTH], DUCKDB)
    runner.refuse_lost(home)
    shutil.rmtree(home.landing / "his_op_visit")
    assert not runner.unchanged(county, home, [making.MONTH], DUCKDB)
    with pytest.raises(AlteredError, match="landing/his_op_visit。"):
        runner.refuse_lost(home)


def test_a_county_with_a_server_is_never_unchanged(county_with_january: County, tmp_path: Path):
    """A row that is new, changed or gone in a member's database leaves no trace in the county folder."""
    path = county_with_january.folder / "county.yml"
    settings = path.read_text("utf-8")
    path.write_text(
        re.sub(r"database: \{sqlite: [^}]+\}", "database: {url_env: MEMBER_DATABASE}", settings), "utf-8"
    )
    county, home = County.load(county_with_january.folder), Home(tmp_path / "home")
    finished(county, home, ["2025-01"])
    assert not runner.unchanged(county, home, ["2025-01"], DUCKDB)


def test_another_release_than_ours_is_a_change(county_with_january: County, tmp_path: Path):
    county, home = county_with_january, Home(tmp_path / "home")
    finished(county, home, ["2025-01"])
    (home.releases / "2025-01.1").mkdir(parents=True)
    home.current.symlink_to("releases/2025-01.1")
    assert not runner.unchanged(county, home, ["2025-01"], DUCKDB)


def test_without_months_everything_delivered_and_not_published(county_with_january: County):
    assert chosen_months(county_with_january, None, []) == ["2025-01", "2025-02"]
    assert chosen_months(county_with_january, None, ["2025-01"]) == ["2025-02"]
    assert chosen_months(county_with_january, None, ["2025-01", "2025-02"]) == []


def test_a_published_month_runs_again_if_asked(county_with_january: County):
    assert chosen_months(county_with_january, ("2025-01", "2025-01"), ["2025-01"]) == ["2025-01"]
    assert chosen_months(county_with_january, ("2025-01", "2025-03"), []) == ["2025-01", "2025-02", "2025-03"]


def test_what_belongs_to_no_stage_is_start_up():
    seconds = runner.seconds_by_stage({"dbt": 5.0, "start-up": 2.0}, total=10.0)
    assert seconds["start-up"] == 5.0
    assert seconds["dbt"] == 5.0
    assert list(seconds) == [*progress.STAGES, "total"]
    assert sum(seconds[stage] for stage in progress.STAGES) == seconds["total"]


def failed_step(description: str | None, messages: list[str]) -> SimpleNamespace:
    error = None
    for message in reversed(messages):
        error = SimpleNamespace(message=message, cls_name=message.split(":")[0].split(".")[-1], cause=error)
    user = SimpleNamespace(description=description) if description else None
    return SimpleNamespace(
        step_key="step", step_failure_data=SimpleNamespace(user_failure_data=user, error=error)
    )


def test_the_reason_is_what_the_step_said():
    assert runner._reason(failed_step("his_rx: 磁盘已满", ["outer"])) == "his_rx: 磁盘已满"
    assert runner._reason(failed_step(None, ["outer\n", "ValueError: inner\n"])) == "step: ValueError: inner"


def test_what_the_county_says_wrongly_is_told_without_the_step():
    """A reader of the message mends a file: which asset read it does not help him."""
    said = "sources.county.county.CountyError: policy/pay_approval.csv:2: 改回去 / restore the row\n"
    reason = runner._reason(failed_step(None, ["outer\n", said]))
    assert reason == "policy/pay_approval.csv:2: 改回去 / restore the row"


def test_a_step_that_failed_without_an_error_is_no_gate_and_says_so():
    silent = failed_step(None, [])
    assert not runner._is_gate(silent)
    assert runner._reason(silent) == "step: 没有说明原因 / gave no reason"


def test_an_interrupt_is_found_however_deep():
    deep = SimpleNamespace(cls_name="Outer", cause=SimpleNamespace(cls_name=runner.INTERRUPTED, cause=None))
    assert runner._says(deep, runner.INTERRUPTED)
    assert not runner._says(SimpleNamespace(cls_name="ValueError", cause=None), runner.INTERRUPTED)
    assert not runner._says(None, runner.INTERRUPTED)


def test_pieces_of_a_stage_add_up_and_the_listener_hears_them():
    heard = []
    with progress.listen(heard.append) as clock:
        with progress.stage("gates", "core"):
            pass
        with progress.stage("gates", "kpi"):
            pass
        pieces = progress.Pieces("dbt", total=2)
        pieces.tick("a")
        pieces.tick("b")
    assert set(clock.seconds) == {"gates"}
    assert [(each.stage, each.note) for each in heard[:2]] == [("gates", "core"), ("gates", "kpi")]
    assert [(each.done, each.total) for each in heard[2:]] == [(1, 2), (2, 2)]


def test_without_a_listener_reporting_is_silent():
    progress.report("dbt", "nobody hears this")


def test_only_feeds_that_somebody_delivers_or_has_delivered_are_worth_a_step(county: County, tmp_path: Path):
    home = Home(tmp_path / "home")
    expected = {feed for each in county.deliverers for feed in county.expected_feeds(each)}
    assert runner.concerned(county, home) == expected
    absent = sorted(set(load_contracts()) - expected)[0]
    for folder in (absent, "refused"):
        (home.landing / folder).mkdir(parents=True)
    assert runner.concerned(county, home) == expected | {absent}
