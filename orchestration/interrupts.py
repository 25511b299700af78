"""Ctrl-C and SIGTERM end a run, whatever the tools have made of these signals.

Dagster takes a signal down and looks at it between its steps, where it is sometimes lost. Here the system's own word of it
is read: the run has a moment to end by itself, then the process is ended. Nothing is torn by that: what is written appears
whole or not at all. Not here: what ended half-way is done again by the next run (sources.intake, publishing).
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE_SECONDS = 3.0
SAID = "已中断,已发布的不受影响;再运行同一命令即可继续 / interrupted, what is published stays: run the same command again"

_received: list[int] = []


class InterruptedRunError(KeyboardInterrupt):
    """The run was asked to end."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Inside, either signal ends the process with 128 and its number (130, 143), at the latest after the moment of grace.

    Only the main thread hears signals; elsewhere nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard, told = os.pipe()
    os.set_blocking(told, False)
    before = {each: signal.signal(each, _raise) for each in SIGNALS}
    wakeup = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    over = threading.Event()
    threading.Thread(target=_watch, args=(heard, over), daemon=True).start()
    try:
        yield
    except BaseException as error:
        if not _received:
            raise
        print(SAID, file=sys.stderr)
        raise SystemExit(128 + _received[0]) from error
    finally:
        over.set()
        signal.set_wakeup_fd(wakeup)
        for each, handler in before.items():
            signal.signal(each, handler)
        os.close(told)
        _received.clear()


def check() -> None:
    """Raise InterruptedRunError if a signal has come, though nobody raised it."""
    if _received:
        raise InterruptedRunError


def _raise(number: int, _: object) -> None:
    _received.append(number)
    raise InterruptedRunError


def _watch(heard: int, over: threading.Event) -> None:
    """Wait for a signal, then for the run to end; end the process if it does not."""
    with open(heard, "rb", buffering=0) as numbers:
        while number := numbers.read(1):
            if number[0] in SIGNALS:
                _received.append(number[0])
                if not over.wait(GRACE_SECONDS):
                    os.write(2, f"{SAID}\n".encode(errors="replace"))
                    os._exit(128 + number[0])
                return
