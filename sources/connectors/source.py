"""One delivered file, opened once: its bytes, its hash, and the proof that they stayed the same while it was read.

A small file is held in memory; a large one is read in blocks and hashed again at the end. Anything that is no plain
file (a pipe would never end) is refused before it is read. Not here: what the bytes mean.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sources.base.bounds import DEFAULT_BOUNDS, Bounds
from sources.base.refusal import RefusedError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Up to this size a file is read once and kept: the bytes parsed are the bytes hashed.
_HELD_BYTES = 8 << 20
_HASH_BLOCK = 1 << 20


class Bytes(ABC):
    """Bytes that can be read again and again, within the bounds of one file."""

    def __init__(self, bounds: Bounds, deadline: float) -> None:
        self.bounds = bounds
        self.deadline = deadline

    @abstractmethod
    def open(self) -> BinaryIO:
        """A reader of its own from the first byte on, able to seek."""

    def head(self, size: int) -> bytes:
        """The first bytes."""
        with self.open() as file:
            return file.read(size)

    def blocks(self, size: int) -> Iterator[bytes]:
        """All bytes in blocks of `size`. Raises RefusedError when the file takes longer than a file may."""
        with self.open() as file:
            while block := file.read(size):
                self.check_time()
                yield block

    def check_time(self) -> None:
        """Raise RefusedError when this file has taken longer than one file may."""
        if time.monotonic() > self.deadline:
            raise too_slow(self.bounds)


class Source(Bytes):
    """The bytes of one delivered file. `sha256` and `bytes` are of the file as it was when it was opened."""

    def __init__(self, file: BinaryIO, bounds: Bounds) -> None:
        super().__init__(bounds, time.monotonic() + bounds.max_seconds_per_file)
        self._file = file
        self._held: bytes | None = None
        self._before = _state(file)
        self.bytes = self._before[0]
        if self.bytes > bounds.max_file_bytes:
            raise _too_large(self.bytes, bounds)
        if self.bytes <= _HELD_BYTES:
            self._held = io.BufferedReader(_FileReader(file.fileno(), self.bytes)).read(_HELD_BYTES + 1)
            self.sha256 = hashlib.sha256(self._held).hexdigest()
        else:
            self.sha256 = self._hashed()
        self._refuse_changed(self._held is not None and len(self._held) != self.bytes)

    def open(self) -> BinaryIO:
        if self._held is not None:
            return io.BytesIO(self._held)
        return io.BufferedReader(_FileReader(self._file.fileno(), self.bytes), _HASH_BLOCK)

    def descriptor(self) -> int:
        """The open file, for a process that reads in this one's place."""
        return self._file.fileno()

    def verify(self) -> None:
        """Raise RefusedError when the file is no longer the one that was opened (still being copied, say)."""
        self._refuse_changed(self._held is None and self._hashed() != self.sha256)

    def _hashed(self) -> str:
        digest = hashlib.sha256()
        for block in self.blocks(_HASH_BLOCK):
            digest.update(block)
        return digest.hexdigest()

    def _refuse_changed(self, other_bytes: bool) -> None:
        if other_bytes or _state(self._file) != self._before:
            raise RefusedError(
                "FILE_CHANGED",
                "文件在读取时仍在变化(可能还在传输),本次不接收;传输完成后下次运行会自动接收",
                "the file changed while it was read (still being transferred?): not taken now, the next run takes it",
            )


class _FileReader(io.RawIOBase):
    """Reads an open file from a position of its own: the file may be renamed or replaced meanwhile."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor, self._size, self._position = descriptor, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(start + offset, 0)
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        read = os.preadv(self._descriptor, [buffer], self._position)
        self._position += read
        return read


def _state(file: BinaryIO) -> tuple[int, int, int]:
    now = os.fstat(file.fileno())
    return now.st_size, now.st_mtime_ns, now.st_ctime_ns


@contextmanager
def open_source(path: Path, bounds: Bounds = DEFAULT_BOUNDS) -> Iterator[Source]:
    """Open a delivered file. Raises RefusedError when it cannot be read, is no plain file, or is too large."""
    try:
        # Without O_NONBLOCK opening a pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(error) from error
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise RefusedError(
                "NOT_A_FILE",
                "不是普通文件(目录、管道或设备),无法读取;请放入数据文件本身",
                "not a plain file (a folder, pipe or device): put the data file itself there",
            )
        try:
            source = Source(file, bounds)
        except OSError as error:
            raise _unreadable(error) from error
        yield source


def too_slow(bounds: Bounds) -> RefusedError:
    """The refusal of a file that takes longer than one file may."""
    seconds = bounds.max_seconds_per_file
    return RefusedError(
        "TOO_SLOW",
        f"读取超过 {seconds} 秒(设置 max_seconds_per_file),已停止;请拆分文件后重新报送,或调高该设置",
        f"reading took longer than {seconds} s (setting max_seconds_per_file): split the file, or raise the setting",
    )


def _unreadable(error: OSError) -> RefusedError:
    why = os.strerror(error.errno) if error.errno else type(error).__name__
    return RefusedError(
        "FILE_UNREADABLE",
        f"文件无法打开或读取({why});请检查文件是否还在、权限是否允许读取",
        f"the file cannot be opened or read ({why}): check that it is still there and may be read",
    )


def _too_large(size: int, bounds: Bounds) -> RefusedError:
    return RefusedError(
        "FILE_TOO_LARGE",
        f"文件有 {size:,} 字节,超过上限 {bounds.max_file_bytes:,}(设置 max_file_bytes);请按天或按科室拆分后重新报送,或调高该设置",
        f"the file has {size:,} bytes, more than {bounds.max_file_bytes:,} (setting max_file_bytes): split it, or raise the setting",
    )
