"""Readers that do not survive a file take only that file with them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sources.base.bounds import Bounds
from sources.base.refusal import RefusedError
from sources.connectors.files import read_any
from sources.connectors.isolated import _Worker
from tests.sources.connectors.test_formats import ROWS, WANTED, cells, workbook
from tests.sources.making import source_of, whole

BOUNDS = Bounds(max_seconds_per_file=15)


def read(bounds: Bounds = BOUNDS) -> list[tuple[str, ...]]:
    with source_of(workbook(), bounds) as source:
        return cells(whole(read_any(source, WANTED)))


def refusal(bounds: Bounds = BOUNDS) -> str:
    with pytest.raises(RefusedError) as refused:
        read(bounds)
    return refused.value.refusal.code


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGKILL, "READER_FAILED"), (signal.SIGSTOP, "TOO_SLOW")])
def test_a_reader_that_dies_or_hangs_costs_one_file(
    monkeypatch: pytest.MonkeyPatch, sign: signal.Signals, code: str
) -> None:
    ask = _Worker.ask

    def strike(worker: _Worker, *question: object) -> None:
        os.kill(worker._process.pid, sign)
        ask(worker, *question)

    with monkeypatch.context() as patched:
        patched.setattr(_Worker, "ask", strike)
        assert refusal(Bounds(max_seconds_per_file=2)) == code
    assert read() == ROWS


def test_a_reader_that_died_while_it_waited_costs_nothing() -> None:
    assert read() == ROWS
    kept = _Worker._kept
    assert kept is not None
    os.kill(kept._process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, kept._process.pid, os.WEXITED | os.WNOWAIT)
    kept._process.poll = lambda: None  # type: ignore[method-assign]  # as if it had died a moment later
    assert read() == ROWS


def test_a_reader_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads files from outside: what takes it over must find neither the county's key nor a database's address."""
    for name in ("YIGONGTI_PSEUDONYM_KEY", "MEMBER_DATABASE", "PGPASSWORD"):
        monkeypatch.setenv(name, "planted-secret")
    if _Worker._kept is not None:
        _Worker._kept.end()
    assert read() == ROWS
    kept = _Worker._kept
    assert kept is not None
    known = Path(f"/proc/{kept._process.pid}/environ").read_bytes()
    assert b"PATH=" in known and b"planted-secret" not in known


def test_a_reader_has_only_so_much_memory() -> None:
    assert refusal(Bounds(max_reader_bytes=1 << 20)) == "READER_FAILED"


def test_rows_nobody_wants_any_more_do_not_block_the_next_file() -> None:
    with source_of(workbook(), BOUNDS) as source:
        read_any(source, WANTED)
    assert read() == ROWS
