"""Text encoding of a delivered file, found and proved, never guessed from a label (V04).

UTF-8 (with or without BOM) is tried strictly, then GB18030; what is neither, or already holds U+FFFD, is refused with
the place. A file cut off in the middle of a character keeps everything before it. Not here: lines and columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.refusal import RefusedError

_BOM = b"\xef\xbb\xbf"
_REPLACEMENT = "\ufffd".encode()
# This many characters beyond ASCII that read well as UTF-8 prove UTF-8: text in GB18030 breaks within a few.
_PROOF_OF_UTF8 = 12


@dataclass(frozen=True)
class Decoded:
    """The text as UTF-8 bytes without BOM, its encoding, and whether the last character was cut off."""

    data: bytes
    encoding: str
    cut_off: bool = False


def decode(raw: bytes) -> Decoded:
    """Find the encoding of `raw`. Raises RefusedError with byte offset and line when there is none."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _unreadable(raw, 0, "看起来是 UTF-16", "it looks like UTF-16")
    bom = raw.startswith(_BOM)
    data = raw[len(_BOM) :] if bom else raw
    name = "utf-8-sig" if bom else "utf-8"
    decoded = Decoded(data, name) if _is_utf8(data) else _other_than_clean_utf8(data, name, bom)
    position = decoded.data.find(_REPLACEMENT)
    if position >= 0:
        line = decoded.data.count(b"\n", 0, position) + 1
        raise RefusedError(
            "REPLACEMENT_CHARACTER",
            f"第 {line} 行有替换字符 U+FFFD:文件在送来之前已经转码损坏,请从源系统重新导出",
            f"line {line} holds U+FFFD: the file was damaged by an earlier conversion, export it anew",
        )
    return decoded


def _is_utf8(data: bytes) -> bool:
    """Whether all of it is valid UTF-8 (Arrow checks many times faster than decoding)."""
    if data.isascii():
        return True
    offsets = pa.py_buffer(np.array([0, len(data)], dtype=np.int64))
    whole = pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(data)])
    try:
        whole.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _utf8_error(data: bytes) -> UnicodeDecodeError:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error
    raise AssertionError("Arrow and Python disagree on UTF-8")


def _other_than_clean_utf8(data: bytes, name: str, bom: bool) -> Decoded:
    error = _utf8_error(data)
    readable = data[: error.start].decode("utf-8")
    beyond_ascii = sum(character > "\x7f" for character in readable)
    at_the_end = error.end >= len(data) and error.reason == "unexpected end of data"
    if at_the_end and (bom or beyond_ascii):
        return Decoded(data[: error.start], name, cut_off=True)
    if bom or beyond_ascii >= _PROOF_OF_UTF8:
        raise _unreadable(data, error.start, "此前都是 UTF-8", "everything before it is UTF-8")
    try:
        return Decoded(data.decode("gb18030").encode(), "gb18030")
    except UnicodeDecodeError as other:
        if other.reason == "incomplete multibyte sequence" and other.start > 0:
            return Decoded(data[: other.start].decode("gb18030").encode(), "gb18030", cut_off=True)
        place = max(error.start, other.start)
        raise _unreadable(
            data, place, "既不是 UTF-8 也不是 GB18030", "it is neither UTF-8 nor GB18030"
        ) from None


def _unreadable(data: bytes, offset: int, why_zh: str, why_en: str) -> RefusedError:
    line = data.count(b"\n", 0, offset) + 1
    return RefusedError(
        "ENCODING_UNREADABLE",
        f"第 {line} 行(字节偏移 {offset})无法解码,{why_zh};请另存为 UTF-8 或 GB18030 编码后重新报送",
        f"line {line} (byte offset {offset}) cannot be decoded, {why_en}; save the file as UTF-8 or GB18030",
    )
