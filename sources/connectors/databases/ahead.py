"""Reading ahead: the next pieces are fetched in a thread while the present one is worked on.

The thread ends when the pieces do, when one cannot be read (the error arrives in its turn), or when nobody wants more.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

Piece = TypeVar("Piece")
_PIECES = 2
_LOOK_UP_SECONDS = 0.2


@contextmanager
def read_ahead(pieces: Iterator[Piece]) -> Iterator[Iterator[Piece]]:
    """`pieces`, at most two of them fetched before they are asked for."""
    ready: queue.Queue[tuple[Piece | None, BaseException | None]] = queue.Queue(_PIECES)
    unwanted = threading.Event()

    def put(item: tuple[Piece | None, BaseException | None]) -> None:
        while not unwanted.is_set():
            try:
                ready.put(item, timeout=_LOOK_UP_SECONDS)
            except queue.Full:
                continue
            return

    def fetch() -> None:
        try:
            for piece in pieces:
                put((piece, None))
                if unwanted.is_set():
                    break
        except BaseException as error:
            put((None, error))
        else:
            put((None, None))

    def read() -> Iterator[Piece]:
        while True:
            piece, error = ready.get()
            if error is not None:
                raise error
            if piece is None:
                return
            yield piece

    thread = threading.Thread(target=fetch, name="read-ahead", daemon=True)
    thread.start()
    try:
        yield read()
    finally:
        unwanted.set()
        thread.join()
