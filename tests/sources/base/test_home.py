"""The home folder: where things lie, one worker at a time."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from sources.base.home import Home, HomeLockedError


def _hold(
    root: str, taken: multiprocessing.synchronize.Event, done: multiprocessing.synchronize.Event
) -> None:
    with Home(Path(root)).lock():
        taken.set()
        done.wait(30)


def test_a_second_process_is_told_who_holds_the_home(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    taken, done = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(str(tmp_path), taken, done))
    holder.start()
    try:
        assert taken.wait(30)
        with pytest.raises(HomeLockedError, match=str(holder.pid)), Home(tmp_path).lock():
            pass
    finally:
        done.set()
        holder.join(30)
    with Home(tmp_path).lock():
        pass


def test_paths_follow_feed_institution_and_month(tmp_path: Path) -> None:
    home = Home(tmp_path)
    path = home.conformed_batch("his_rx", "H1", "2025-01", "abc").relative_to(tmp_path)
    assert path == Path("conformed/his_rx/institution_id=H1/month=2025-01/abc.parquet")
    assert home.conformed_schema("his_rx").parent.name == "month=0000-00"


def test_whoever_takes_the_lock_removes_what_a_killed_run_left(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    half, batch = home.batch_outcome / ".tmp-1", home.landing / "his_patient" / ".tmp-2"
    batch.mkdir(parents=True)
    (batch / "rows.parquet").write_bytes(b"half")
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    with home.lock():
        assert not half.exists() and not batch.exists()
    assert home.landing.is_dir()


def test_a_new_home_is_its_owners_and_a_home_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    new, old = Home(tmp_path / "a" / "new"), Home(tmp_path / "old")
    old.root.mkdir(mode=0o755)
    for home in (new, old):
        with home.lock():
            pass
    assert [home.root.stat().st_mode & 0o777 for home in (new, old)] == [0o700, 0o755]
    assert [home.warehouse.stat().st_mode & 0o777 for home in (new, old)] == [0o700, 0o700]
