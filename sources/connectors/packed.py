"""Packed deliveries: one file inside gzip or zip, read as if it lay there unpacked, never more than a bound.

What a packed file claims of its size is not believed: it is counted while it is unpacked. Not here: workbooks, which are
zip files too (workbook).
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, BinaryIO

from sources.base.refusal import RefusedError
from sources.connectors.source import Bytes

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MAGIC, ZIP_MAGIC = b"\x1f\x8b", b"PK\x03\x04"
_BESIDE_THE_POINT = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
# What the libraries raise on damaged archives.
BROKEN = (
    OSError,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def unpacked(source: Bytes) -> tuple[Bytes, str]:
    """The file itself and how it was packed ("" when it was not). Raises RefusedError."""
    head = source.head(4)
    if head.startswith(GZIP_MAGIC):
        inner: Bytes = _Unpacked(source, None)
        how = "gzip"
    elif head == ZIP_MAGIC and not is_workbook(source):
        inner = _Unpacked(source, _only_member(source))
        how = "zip"
    else:
        return source, ""
    inside = inner.head(4)
    if inside.startswith(GZIP_MAGIC) or (inside == ZIP_MAGIC and not is_workbook(inner)):
        raise RefusedError(
            "NESTED_ARCHIVE",
            "压缩包里还是压缩包;请只压缩一层,里面放数据文件本身",
            "an archive inside an archive: pack once only, with the data file itself inside",
        )
    return inner, how


def is_workbook(source: Bytes) -> bool:
    """Whether a zip file is an Office or OpenDocument workbook. Raises RefusedError when it is no whole zip file."""
    with _whole_archive(), source.open() as file, zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    return "[Content_Types].xml" in names or ("mimetype" in names and "content.xml" in names)


@contextmanager
def _whole_archive() -> Iterator[None]:
    """What the libraries raise on damaged archives, as a refusal."""
    try:
        yield
    except RefusedError:
        raise
    except BROKEN as error:
        raise _broken() from error


def _only_member(source: Bytes) -> str:
    with _whole_archive(), source.open() as file, zipfile.ZipFile(file) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not _is_beside_the_point(m.filename)]
    if len(members) != 1:
        raise RefusedError(
            "ARCHIVE_NOT_SINGLE",
            f"压缩包里有 {len(members)} 个文件,应当只有一个数据文件;请每个数据文件单独压缩",
            f"the archive holds {len(members)} files, it should be one data file: pack each one by itself",
        )
    if members[0].flag_bits & 1:
        raise RefusedError(
            "ARCHIVE_ENCRYPTED",
            "压缩包有密码,无法读取;请去掉密码后重新报送",
            "the archive is protected by a password: deliver it without",
        )
    return members[0].filename


def _is_beside_the_point(name: str) -> bool:
    return name.startswith(_BESIDE_THE_POINT) or PurePosixPath(name).name in _BESIDE_THE_POINT


class _Unpacked(Bytes):
    """A member of a zip file, or what a gzip file holds when `member` is None."""

    def __init__(self, source: Bytes, member: str | None) -> None:
        super().__init__(source.bounds, source.deadline)
        self._source = source
        self._member = member

    def open(self) -> BinaryIO:
        packed = self._source.open()
        with _whole_archive():
            if self._member is None:
                stream: gzip.GzipFile | IO[bytes] = gzip.GzipFile(fileobj=packed, mode="rb")
            else:
                # Closed with the reader that is handed out.
                stream = zipfile.ZipFile(packed).open(self._member)  # noqa: SIM115
        return io.BufferedReader(_Counted(stream, self.bounds.max_expanded_bytes), 1 << 20)


class _Counted(io.RawIOBase):
    """Reads an unpacking stream and stops where it holds more than it may."""

    def __init__(self, stream: gzip.GzipFile | IO[bytes], limit: int) -> None:
        self._stream, self._limit = stream, limit

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            while self.read(1 << 20):
                pass
            offset, whence = self._stream.tell() + offset, io.SEEK_SET
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer).cast("B")
        with _whole_archive():
            data = self._stream.read(len(room))
        if self._stream.tell() > self._limit:
            raise too_large_unpacked(self._limit)
        room[: len(data)] = data
        return len(data)


def too_large_unpacked(limit: int) -> RefusedError:
    """The refusal of what grows beyond its bound when it is unpacked."""
    return RefusedError(
        "EXPANDS_TOO_LARGE",
        f"解压后超过 {limit:,} 字节(设置 max_expanded_bytes / max_workbook_bytes),可能是压缩炸弹;请拆分后重新报送,或调高该设置",
        f"unpacked it is larger than {limit:,} bytes (settings max_expanded_bytes, max_workbook_bytes): a zip bomb? "
        "Split it, or raise the setting",
    )


def _broken() -> RefusedError:
    return RefusedError(
        "ARCHIVE_UNREADABLE",
        "压缩文件不完整或已损坏;请重新压缩后报送",
        "the packed file is incomplete or damaged: pack and deliver it anew",
    )
