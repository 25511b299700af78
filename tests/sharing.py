"""What tests need and is slow to make: made once per session, whatever the number of workers.

Belongs here: the lock. Does not belong here: what is made (the conftest of each room).
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name` of this test session, made by `make(folder)` in the worker that asks first.

    The others wait for it. Nobody writes into it: a test that changes something works on a copy. What `make` raises is
    raised here, and the next worker to ask tries again.
    """
    base = factory.getbasetemp()
    session = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = session / name, session / f"{name}.made"
    with (session / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            made.touch()
    return folder
