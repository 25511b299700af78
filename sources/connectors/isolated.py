"""Formats whose readers are not ours (workbooks, Parquet), read by a process of their own, bounded in memory and time.

A damaged file may bring such a reader down, or make it ask for all the memory there is: then that process ends, the
delivery is refused, and the run goes on. Rows come over a pipe as Arrow. Not here: the readers themselves (worker).
"""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from sources.base.bounds import Bounds
from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered
from sources.connectors.remarks import Remark, Remarks
from sources.connectors.source import Source, too_slow
from sources.connectors.wanted import Wanted

LENGTH = struct.Struct("<Q")
HEADER, CHUNK, REFUSAL, END = b"H", b"C", b"R", b"E"
_BOUNDS = set(Bounds.model_fields)
_ROOM = Path(__file__).parents[2]
_ENVIRONMENT = frozenset(
    ("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
)


def read_isolated(source: Source, wanted: Wanted) -> Delivered:
    """Read a file in the other process. Raises RefusedError, also when that process does not survive it."""
    worker = _Worker.asked(source, wanted)
    said = json.loads(worker.answer(HEADER, source))
    header, remarks = tuple(said["header"]), Remarks()
    chunks = _chunks(worker, source, remarks)
    parts = tuple(said["parts"])
    return Delivered(header, said["encoding"], said["dialect"], chunks, said["sheet"], remarks, parts)


def _chunks(worker: _Worker, source: Source, remarks: Remarks) -> Iterator[pa.Table]:
    try:
        while content := worker.answer(CHUNK, source):
            yield pa.ipc.open_stream(content).read_all()
        remarks.take_over(worker.remarks)
    finally:
        worker.finished()


def _harmless(environ: Mapping[str, str]) -> dict[str, str]:
    """What a reader of files from outside may know: where programs are and which language is spoken, no key, no password."""
    return {
        name: value
        for name, value in environ.items()
        if name in _ENVIRONMENT or name.startswith(("LC_", "PYTHON", "COV_"))
    }


class _Worker:
    """The other process: one at a time, kept for the next file."""

    _kept: _Worker | None = None

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.remarks: list[Remark] = []
        self._busy = False
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        command = [sys.executable, "-m", "sources.connectors.worker", str(theirs.fileno())]
        path = os.pathsep.join([str(_ROOM), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            [*command, str(bounds.max_reader_bytes)],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**_harmless(os.environ), "PYTHONPATH": path},
        )
        theirs.close()
        self._socket = ours

    @classmethod
    def ready(cls, bounds: Bounds) -> _Worker:
        """The kept process when it waits for work under the same bounds, else a new one."""
        kept = cls._kept
        if kept is None or kept._busy or kept.bounds != bounds or kept._process.poll() is not None:
            if kept is not None:
                kept.end()
            kept = cls._kept = cls(bounds)
        return kept

    @classmethod
    def asked(cls, source: Source, wanted: Wanted) -> _Worker:
        """A process that has the question. Raises RefusedError when a second one dies too: the first may have died of
        another file while it waited.
        """
        for _ in range(2):
            worker = cls.ready(source.bounds)
            try:
                worker.ask(source, wanted)
            except ConnectionError:
                worker.end()
            else:
                return worker
        raise _did_not_survive(source.bounds)

    def ask(self, source: Source, wanted: Wanted) -> None:
        """Hand over the open file and what is wanted of it."""
        self._busy = True
        said = {**asdict(wanted), "headers": sorted(wanted.headers), "claimed": sorted(wanted.claimed)}
        question = json.dumps({"wanted": said, "bounds": self.bounds.model_dump(include=_BOUNDS)}).encode()
        socket.send_fds(self._socket, [LENGTH.pack(len(question))], [source.descriptor()])
        self._socket.sendall(question)

    def answer(self, expected: bytes, source: Source) -> bytes:
        """The next piece of what was asked; empty at the end. Raises RefusedError."""
        try:
            kind = self._receive(1, source)
            content = self._receive(LENGTH.unpack(self._receive(LENGTH.size, source))[0], source)
        except (EOFError, ConnectionError) as error:
            self.end()
            raise _did_not_survive(self.bounds) from error
        except RefusedError:
            self.end()
            raise
        if kind == REFUSAL:
            self._busy = False
            refusal = json.loads(content)
            raise RefusedError(refusal["code"], refusal["message_zh"], refusal["message_en"])
        if kind == END:
            self._busy = False
            self.remarks = [Remark(*told) for told in json.loads(content)]
            return b""
        assert kind == expected, "the other process answers in order"
        return bytes(content)

    def _receive(self, size: int, source: Source) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            left = source.deadline - time.monotonic()
            if left <= 0 or not select.select([self._socket], [], [], left)[0]:
                raise too_slow(self.bounds)
            part = self._socket.recv(min(size - len(parts), 1 << 20))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)

    def finished(self) -> None:
        """What is not wanted any more is not worth waiting for."""
        if self._busy:
            self.end()

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._socket.close()
        self._process.kill()
        self._process.wait()
        if _Worker._kept is self:
            _Worker._kept = None


def _did_not_survive(bounds: Bounds) -> RefusedError:
    return RefusedError(
        "READER_FAILED",
        f"读取程序因该文件而中止:文件已损坏,或展开后超过 {bounds.max_reader_bytes:,} 字节内存(设置 max_reader_bytes);"
        "请重新导出,或拆分后报送",
        f"the reader did not survive this file: it is damaged, or needs more than {bounds.max_reader_bytes:,} bytes of "
        "memory (setting max_reader_bytes): export it anew, or split it",
    )


@atexit.register
def _end_kept() -> None:
    if _Worker._kept is not None:
        _Worker._kept.end()
