"""Processes of their own that start at once: each is forked from one that has loaded the libraries and has done nothing else.

Belongs here: starting them, and what they print. To load the libraries anew costs more than most of what is tested with them.
Not here: programs that are told to end from outside, that look at what they import, or that prove that nothing hangs on the
order of a set, which is the same in all processes of one origin. They start Python themselves.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 900
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.preloaded"])


@dataclass(frozen=True)
class Outcome:
    """What a process left behind: exit code (-9: killed) and everything it printed."""

    code: int
    text: str


def call(function: Callable[..., object], *arguments: Any, environment: Mapping[str, str]) -> Outcome:
    """Call a function of a module in a process with this environment, in today's working directory."""
    with tempfile.NamedTemporaryFile() as printed:
        process = _context.Process(
            target=_called, args=(printed.name, dict(environment), Path.cwd(), function, arguments)
        )
        process.start()
        process.join(TIMEOUT_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(Path(printed.name).read_text("utf-8"))
        return Outcome(process.exitcode, Path(printed.name).read_text("utf-8"))


def command(*words: str) -> None:
    """`yigongti WORDS`."""
    from orchestration import cli

    cli.BEGAN = time.perf_counter()
    cli.main(list(words))


def from_scratch(*words: str | Path) -> Outcome:
    """`yigongti WORDS` in a new interpreter: with no order of sets or dictionaries that another run had."""
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    return Outcome(done.returncode, done.stdout + done.stderr)


def _called(
    printed: str,
    environment: dict[str, str],
    folder: Path,
    function: Callable[..., object],
    arguments: tuple[Any, ...],
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with Path(printed).open("ab", buffering=0) as stream:
        for standard in (sys.stdout, sys.stderr):
            standard.flush()
            os.dup2(stream.fileno(), standard.fileno())
    function(*arguments)
