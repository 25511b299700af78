"""The process that reads what `isolated` asks for: `python -m sources.connectors.worker <descriptor> <bytes>`.

It may use so many bytes of memory and no more, and keeps nothing between two files. Not here: why there is one (isolated).
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from dataclasses import asdict
from typing import BinaryIO

import pyarrow as pa

from sources.base.bounds import Bounds
from sources.base.refusal import RefusedError
from sources.connectors.files import read_here
from sources.connectors.isolated import CHUNK, END, HEADER, LENGTH, REFUSAL
from sources.connectors.source import Source
from sources.connectors.wanted import Wanted


def serve(descriptor: int, most_bytes: int) -> None:
    """Answer questions until nobody asks any more."""
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    with socket.socket(fileno=descriptor) as asked:
        while True:
            length, descriptors, _, _ = socket.recv_fds(asked, LENGTH.size, 1)
            if not length:
                return
            question = _received(asked, LENGTH.unpack(length)[0])
            with os.fdopen(descriptors[0], "rb", buffering=0) as file:
                _answer(asked, file, question)


def _received(asked: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        parts += asked.recv(size - len(parts))
    return bytes(parts)


def _answer(asked: socket.socket, file: BinaryIO, question: bytes) -> None:
    said = json.loads(question)
    sets = {name: frozenset(said["wanted"][name]) for name in ("headers", "claimed")}
    wanted = Wanted(**{**said["wanted"], **sets})
    try:
        delivered = read_here(Source(file, Bounds(**said["bounds"])), wanted)
        described = {
            name: getattr(delivered, name) for name in ("header", "encoding", "dialect", "sheet", "parts")
        }
        _send(asked, HEADER, json.dumps(described).encode())
        for chunk in delivered.chunks:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, chunk.schema) as stream:
                stream.write_table(chunk)
            _send(asked, CHUNK, sink.getvalue())
    except RefusedError as error:
        _send(asked, REFUSAL, json.dumps(asdict(error.refusal)).encode())
        return
    _send(asked, END, json.dumps(list(delivered.remarks)).encode())


def _send(asked: socket.socket, kind: bytes, content: bytes | pa.Buffer) -> None:
    asked.sendall(kind + LENGTH.pack(len(content)))
    asked.sendall(content)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
