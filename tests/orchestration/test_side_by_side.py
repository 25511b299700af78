"""Feeds taken in by processes of their own: the same files as one after the other, the same errors, no process left behind."""

import errno
import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orchestration import side_by_side
from orchestration.partitions import Extent
from sources.base.home import Home
from sources.county.county import County
from sources.ingest import ingest_feed, prepare
from sources.simulator import simulate

MONTHS = ("2025-02", "2025-03")
FEEDS = ("his_fee_detail", "his_op_visit", "his_patient", "si_settle")
EXTENTS = {feed: Extent(MONTHS) for feed in FEEDS}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    folder = tmp_path_factory.mktemp("county") / "county"
    simulate(folder, residents=500, months=2, end="2025-03", seed=5)
    return County.load(folder)


def prepared(county: County, folder: Path) -> Home:
    home = Home(folder)
    prepare(county, home, MONTHS)
    return home


def written(home: Home) -> dict[str, str]:
    """Conformed rows and quarantined ones: path → digest."""
    return {
        str(path.relative_to(home.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for pattern in ("conformed/*/institution_id=*/**/*.parquet", "quarantine/**/*.parquet")
        for path in sorted(home.root.glob(pattern))
    }


def taken_ahead(county: County, home: Home, extents: dict[str, Extent], *, workers: int | None) -> dict:
    with side_by_side.ahead(county, home, extents, full=False, workers=workers):
        return {feed: side_by_side.outcomes(feed, extent) for feed, extent in extents.items()}


def test_two_processes_write_what_one_writes(county: County, tmp_path: Path):
    alone, together = prepared(county, tmp_path / "alone"), prepared(county, tmp_path / "together")
    one_by_one = {feed: ingest_feed(county, alone, feed, MONTHS) for feed in FEEDS}
    beside = taken_ahead(county, together, EXTENTS, workers=2)
    assert written(together) == written(alone)
    assert len(written(alone)) > 40

    def counts(outcomes: dict) -> list:
        return [
            (feed, each.batch_id, each.status, each.accepted_rows)
            for feed in FEEDS
            for each in outcomes[feed]
        ]

    assert counts(beside) == counts(one_by_one)


def test_institutions_are_kept_to(county: County, tmp_path: Path):
    (some, *_) = [each for each in sorted(county.deliverers) if "his_op_visit" in county.expected_feeds(each)]
    extents = {"his_op_visit": Extent(MONTHS, (some,))}
    (outcomes,) = taken_ahead(county, prepared(county, tmp_path), extents, workers=2).values()
    assert {each.institution_id for each in outcomes} == {some}


def test_a_small_county_starts_no_process(county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(side_by_side, "ProcessPoolExecutor", None)
    extents = {"his_op_visit": Extent(MONTHS)}
    assert taken_ahead(county, prepared(county, tmp_path), extents, workers=None) == {"his_op_visit": None}


def test_what_was_not_asked_for_is_nobody_s(county: County, tmp_path: Path):
    with side_by_side.ahead(county, prepared(county, tmp_path), EXTENTS, full=False, workers=1):
        assert side_by_side.outcomes("his_op_visit", Extent(("2025-03",))) is None
        assert side_by_side.outcomes("his_bill", Extent(MONTHS)) is None


def test_another_process_says_what_was_wrong(county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = prepared(county, tmp_path)
    ingest_feed(county, home, "his_patient", ["2025-03"])
    monkeypatch.setenv("YIGONGTI_PSEUDONYM_KEY", "0f" * 32)
    extents = {"his_op_visit": Extent(MONTHS)}
    with pytest.raises(side_by_side.TakingInError, match="YIGONGTI_PSEUDONYM_KEY"):
        taken_ahead(county, home, extents, workers=1)
    assert multiprocessing.active_children() == []


def test_a_file_in_the_way_is_an_error_of_the_place(county: County, tmp_path: Path):
    home = prepared(county, tmp_path)
    (home.conformed / "his_op_visit" / "institution_id=X").parent.mkdir(parents=True, exist_ok=True)
    for each in sorted(county.deliverers):
        (home.landing / "his_op_visit").mkdir(parents=True, exist_ok=True)
        (home.landing / "his_op_visit" / f"institution_id={each}").write_text("")
    with pytest.raises(OSError, match="institution_id=") as error:
        taken_ahead(county, home, {"his_op_visit": Extent(MONTHS)}, workers=1)
    assert error.value.errno in (errno.ENOTDIR, errno.EEXIST)


def test_a_process_that_was_ended_from_outside_is_a_sentence(county: County, tmp_path: Path):
    home = prepared(county, tmp_path)
    with (
        pytest.raises(side_by_side.TakingInError, match="run the same command again"),
        side_by_side.ahead(county, home, EXTENTS, full=False, workers=1),
    ):
        for process in multiprocessing.active_children():
            process.kill()
        for feed, extent in EXTENTS.items():
            side_by_side.outcomes(feed, extent)


ENDLESS = """
import signal, sys, time
from pathlib import Path
from orchestration import side_by_side
from orchestration.partitions import Extent
from sources.base.home import Home
from sources.county.county import County

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # whoever started this may have been deaf to it
    with side_by_side.ahead(
        County.load(sys.argv[1]), Home(Path(sys.argv[2])), {"his_op_visit": Extent(("2025-03",))}, full=False, workers=2
    ):
        side_by_side.outcomes("his_op_visit", Extent(("2025-03",)))
        print("ready", flush=True)
        time.sleep(60)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_the_one_that_holds_the_lock(
    county: County, tmp_path: Path, sign: signal.Signals
):
    home = prepared(county, tmp_path / "home")
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS, "utf-8")
    command = [sys.executable, str(script), str(county.folder), str(home.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        children = children_of(process.pid)
        assert children
        process.send_signal(sign)
        process.wait(timeout=20)
    deadline = time.monotonic() + 20
    while (left := [each for each in children if is_alive(each)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
