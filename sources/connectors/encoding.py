"""Text encoding of a delivered file, found and proved, never guessed from a label (V04).

UTF-8 (with or without BOM, or as Oracle writes it, with surrogates) is tried over the whole file, then GB18030, whose proof
comes block by block; UTF-16 is read when it says so itself. Single lines that are none of it are foreign, what is none of
these throughout is refused with the place. A file cut off in the middle of a character keeps everything before it. Not
here: lines and columns, what an earlier conversion left in a text (conversion).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.base.refusal import RefusedError
from sources.connectors.delivered import empty_file
from sources.connectors.source import Bytes

_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
# Read here, a block at a time; others through their codecs.
_OWN = ("utf-8", "utf-8-sig", "gb18030")
_FAMILY = {"gbk": "gb18030", "gb2312": "gb18030", "utf-8": "utf-8-sig"}
_NOTHING = b"\r\n\t \x00\xef\xbb\xbf"
# This many characters beyond ASCII that read well as UTF-8 prove UTF-8: text in GB18030 breaks within a few.
_PROOF_OF_UTF8 = 12
# Text of code units without BOM shows itself by this share of NUL bytes, all on one side.
_UTF16_NUL_SHARE = 0.2
# The two halves of a character as CESU-8 has them, three bytes each.
_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_FIRST_HALF = re.compile(rb"\xed[\xa0-\xaf]")
# More lines than this share that cannot be decoded mean that the file is of another encoding.
_TORN_SHARE = 0.05


@dataclass(frozen=True)
class Encoding:
    """What a file is written in. `line_break` is the byte that ends lines; `cut_off` when the last character is not whole;
    `damaged` when some lines of UTF-8 are none, `paired` when characters beyond the first plane come in two halves (CESU-8).
    """

    name: str
    line_break: bytes
    cut_off: bool = False
    damaged: bool = False
    paired: bool = False


@dataclass(frozen=True)
class TextBlock:
    """Whole lines as UTF-8, the number of the first one, and whether this is the end of a cut-off file.

    `foreign` are the numbers of lines that were written in another encoding than the file, or hold half a character.
    """

    data: bytes
    first_line: int
    last: bool = False
    cut_off: bool = False
    foreign: tuple[int, ...] = ()


def find_encoding(source: Bytes, stated: str | None = None) -> Encoding:
    """Read the file once and find its encoding, or prove the stated one (a codec of Python).

    Raises RefusedError with byte offset and line when there is none.
    """
    head = source.head(4096)
    if stated is not None:
        name = _FAMILY.get(codecs.lookup(stated).name, codecs.lookup(stated).name)
        if name in ("utf-8", "utf-8-sig"):
            return _Proof(source, is_stated=True).encoding()
        blocks = source.blocks(source.bounds.chunk_bytes) if name in _OWN else _by_codec(source, name)
        return Encoding(name, _line_break(blocks))
    if head[:2] in _UTF16_BOMS:
        return Encoding("utf-16", _line_break(_by_codec(source, "utf-16")))
    if _looks_like_utf16(head):
        raise RefusedError(
            "ENCODING_UNREADABLE",
            "每隔一个字节就是空字节,看起来是没有 BOM 的 UTF-16;请另存为 UTF-8 或 GB18030 编码后重新报送",
            "every other byte is NUL: it looks like UTF-16 without a BOM; save the file as UTF-8 or GB18030",
        )
    return _Proof(source).encoding()


def text_blocks(source: Bytes, encoding: Encoding) -> Iterator[TextBlock]:
    """The file as UTF-8 text in blocks of whole lines. Raises RefusedError where it cannot be read."""
    if encoding.name in _OWN:
        blocks: Iterable[bytes] = source.blocks(source.bounds.chunk_bytes)
        blocks = _unpaired(blocks) if encoding.paired else blocks
    else:
        blocks = _by_codec(source, encoding.name)
    line, offset, bom = 1, 0, encoding.name == "utf-8-sig"
    for raw, last in _whole_lines(blocks, encoding.line_break, source.bounds.max_line_bytes):
        data = raw.removeprefix(_BOM) if bom else raw
        bom = False
        cut_off = False
        foreign: tuple[int, ...] = ()
        if encoding.name == "gb18030":
            data, foreign = _own_lines(data, line)
            data, cut_off, torn = _from_gb18030(data, line, offset, last)
            foreign = tuple(sorted({*foreign, *torn}))
        elif encoding.damaged:
            data, foreign = _torn_apart(data, line, "utf-8")
        elif encoding.cut_off and last:
            data, cut_off = data[: _utf8_error(data).start], True
        if encoding.line_break == b"\r":
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield TextBlock(data, line, last, cut_off, foreign)
        line += data.count(b"\n")
        offset += len(raw)


def text_pieces(source: Bytes, encoding: Encoding) -> Iterator[str]:
    """The file as text in pieces that end anywhere. Raises RefusedError where it cannot be read."""
    for data in _by_codec(source, encoding.name, is_paired=encoding.paired):
        yield data.decode("utf-8")


def _whole_lines(blocks: Iterable[bytes], line_break: bytes, longest: int) -> Iterator[tuple[bytes, bool]]:
    """Blocks cut after their last line break, and whether it is the last one."""
    rest = b""
    for block in blocks:
        data = rest + block
        end = data.rfind(line_break) + 1
        if len(data) - end > longest:
            raise line_too_long(longest)
        rest = data[end:]
        if end:
            yield data[:end], False
    yield rest, True


def _line_break(blocks: Iterable[bytes]) -> bytes:
    counted = _LineBreaks()
    for block in blocks:
        counted.add(block)
    return counted.most


class _LineBreaks:
    """Line feeds and carriage returns alone; files of old Macintoshes end their lines with the latter."""

    def __init__(self) -> None:
        self._feeds = self._alone = 0
        self._last = b""

    def add(self, block: bytes) -> None:
        pairs = block.count(b"\r\n") + (self._last == b"\r" and block.startswith(b"\n"))
        self._feeds += block.count(b"\n")
        self._alone += block.count(b"\r") - pairs
        self._last = block[-1:]

    @property
    def most(self) -> bytes:
        return b"\r" if self._alone > self._feeds else b"\n"


# -- UTF-8 and GB18030


class _Proof:
    """One pass over the bytes that proves UTF-8 or, unless that is stated, says what else it must be."""

    def __init__(self, source: Bytes, *, is_stated: bool = False) -> None:
        self._source = source
        self._is_stated = is_stated
        self._offset = 0
        self._lines = 0
        self._beyond_ascii = 0
        self._bom = source.head(3) == _BOM
        self._paired = False
        self._torn = 0
        self._first_torn: tuple[int, int] | None = None

    def encoding(self) -> Encoding:
        name = "utf-8-sig" if self._bom else "utf-8"
        found, breaks, rest, nothing = "", _LineBreaks(), b"", True
        for block in self._source.blocks(self._source.bounds.chunk_bytes):
            nothing = nothing and not block.strip(_NOTHING)
            breaks.add(block)
            if found:
                continue
            data = rest + block
            rest = data[_whole_characters(data) :]
            data = data[: len(data) - len(rest)]
            if not _is_utf8(data):
                found = self._other(data)
            self._offset += len(data)
            self._lines += data.count(b"\n")
            if self._beyond_ascii < _PROOF_OF_UTF8 and not data.isascii():
                self._beyond_ascii += _characters_beyond_ascii(data)
        if nothing:
            raise empty_file()
        if rest and not found:
            # A half character at the end: cut off when it is UTF-8 so far, else perhaps whole in GB18030.
            if self._bom or self._beyond_ascii or self._is_stated:
                return self._proved(name, breaks.most, cut_off=True)
            found = "gb18030"
        return self._proved(found or name, breaks.most)

    def _proved(self, name: str, line_break: bytes, *, cut_off: bool = False) -> Encoding:
        """The encoding. Raises RefusedError when too many lines of UTF-8 are none."""
        if name == "gb18030":
            return Encoding(name, line_break)
        if self._first_torn and not _are_few(self._torn, self._lines):
            raise _unreadable(*self._first_torn, "其余是 UTF-8", "the rest is UTF-8")
        return Encoding(name, line_break, cut_off, self._first_torn is not None, self._paired)

    def _other(self, data: bytes) -> str:
        """GB18030 when the text is more that than UTF-8; "" when it stays UTF-8, and what is none of it is counted."""
        if _is_utf8(_PAIR.sub(_one_character, data)):
            self._paired = True
            return ""
        start = _utf8_error(data).start
        beyond = self._beyond_ascii + _characters_beyond_ascii(data[:start])
        lines = [line for line in data.split(b"\n") if not line.isascii()]
        torn = sum(not _is_utf8(line) for line in lines)
        is_utf8 = self._bom or self._is_stated or beyond >= _PROOF_OF_UTF8
        if not (is_utf8 or len(lines) > 2 * torn):
            return "gb18030"
        self._torn += torn
        place = self._lines + data.count(b"\n", 0, start) + 1
        self._first_torn = self._first_torn or (place, self._offset + start)
        return ""


def _are_few(torn: int, lines: int) -> bool:
    """Whether so few lines are damaged that the others can be trusted to be of the encoding."""
    return torn <= 1 + _TORN_SHARE * lines


def _one_character(pair: re.Match[bytes]) -> bytes:
    return (
        pair[0].decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()
    )


def _unpaired(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same blocks with each two halves put together, also where they lie in different blocks."""
    rest = b""
    for block in blocks:
        data = rest + block
        half = _FIRST_HALF.search(data, max(len(data) - 5, 0))
        cut = half.start() if half else len(data)
        rest = data[cut:]
        yield _PAIR.sub(_one_character, data[:cut])
    yield _PAIR.sub(_one_character, rest)


def _whole_characters(data: bytes) -> int:
    """Where an unfinished UTF-8 character at the end begins, or one whose other half may follow."""
    if half := _FIRST_HALF.search(data, max(len(data) - 5, 0)):
        return half.start()
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if back < needed else len(data)
        if byte < 0x80:
            break
    return len(data)


def _characters_beyond_ascii(data: bytes) -> int:
    return int((np.frombuffer(data, np.uint8) >= 0xC0).sum())


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


def _own_lines(data: bytes, first_line: int) -> tuple[bytes, tuple[int, ...]]:
    """The same text with lines that are UTF-8 put into GB18030, and their numbers.

    Read as GB18030 such lines would often be Chinese too, and wrong: two characters in a row that are well-formed in
    UTF-8, in a line that is so throughout, give them away; and single ones, when they are usual characters in UTF-8 and
    rare ones in GB18030.
    """
    text = np.frombuffer(data, np.uint8)
    if len(text) <= 2:
        return data, ()
    lead, follows = (text >= 0xE2) & (text <= 0xEF), (text >= 0x80) & (text <= 0xBF)
    one = lead[:-2] & follows[1:-1] & follows[2:]
    places = np.flatnonzero(one)
    if not len(places):
        return data, ()
    in_a_row = np.flatnonzero(one[:-3] & one[3:]) if len(one) > 3 else places[:0]
    lines, found = data.split(b"\n"), []
    ends = np.flatnonzero(text == ord("\n"))
    sure = set(np.searchsorted(ends, in_a_row).tolist())
    for number in np.unique(np.searchsorted(ends, places)).tolist():
        line = _as_utf8(lines[number])
        if line is not None and (
            number in sure or (_is_usual(line) and not _is_usual(_as_gb18030(lines[number])))
        ):
            lines[number] = line.encode("gb18030")
            found.append(first_line + number)
    return b"\n".join(lines), tuple(found)


def _as_utf8(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _as_gb18030(line: bytes) -> str:
    return line.decode("gb18030", "backslashreplace")


def _is_usual(text: str) -> bool:
    """Whether all of it is in the small character set of everyday Chinese."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _from_gb18030(data: bytes, line: int, offset: int, last: bool) -> tuple[bytes, bool, tuple[int, ...]]:
    """Text as UTF-8, whether it ends within a character, and the numbers of lines that are none. Raises RefusedError."""
    try:
        return data.decode("gb18030").encode(), False, ()
    except UnicodeDecodeError as error:
        if last and error.reason == "incomplete multibyte sequence":
            return data[: error.start].decode("gb18030").encode(), True, ()
        place = line + data.count(b"\n", 0, error.start)
        refused = _unreadable(
            place, offset + error.start, "既不是 UTF-8 也不是 GB18030", "it is neither UTF-8 nor GB18030"
        )
    whole, torn = _torn_apart(data, line, "gb18030")
    if not _are_few(len(torn), data.count(b"\n")):
        raise refused
    return whole, False, torn


def _torn_apart(data: bytes, first_line: int, name: str) -> tuple[bytes, tuple[int, ...]]:
    """Text as UTF-8 with what cannot be decoded spelled out, and the numbers of the lines it stands in."""
    lines, torn = data.split(b"\n"), []
    for position, line in enumerate(lines):
        try:
            lines[position] = line.decode(name).encode()
        except UnicodeDecodeError:
            lines[position] = line.decode(name, "backslashreplace").encode()
            torn.append(first_line + position)
    return b"\n".join(lines), tuple(torn)


# -- every other codec


def _by_codec(source: Bytes, name: str, *, is_paired: bool = False) -> Iterator[bytes]:
    """The file as UTF-8, by a codec that says itself where a character ends."""
    decoder = codecs.getincrementaldecoder(name)()
    line = 1
    try:
        blocks: Iterable[bytes] = source.blocks(source.bounds.chunk_bytes)
        for block in _unpaired(blocks) if is_paired else blocks:
            data = decoder.decode(block).encode()
            yield data
            line += data.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeError:
        raise _unreadable(line, 0, f"{name} 在此之后损坏", f"{name} is broken somewhere after it") from None


def _looks_like_utf16(head: bytes) -> bool:
    """Code units of Latin letters and digits have their NUL byte always on the same side."""
    even, odd = head[0::2].count(b"\x00"), head[1::2].count(b"\x00")
    return max(even, odd) > _UTF16_NUL_SHARE * len(head) / 2 and min(even, odd) * 20 < max(even, odd)


# -- refusals


def _unreadable(line: int, offset: int, why_zh: str, why_en: str) -> RefusedError:
    return RefusedError(
        "ENCODING_UNREADABLE",
        f"第 {line} 行(字节偏移 {offset})无法解码,{why_zh};请另存为 UTF-8 或 GB18030 编码后重新报送",
        f"line {line} (byte offset {offset}) cannot be decoded, {why_en}; save the file as UTF-8 or GB18030",
    )


def line_too_long(longest: int) -> RefusedError:
    """The refusal of text that has no end in sight."""
    return RefusedError(
        "LINE_TOO_LONG",
        f"有一行超过 {longest:,} 字节(设置 max_line_bytes):文件没有换行,或不是文本文件;请重新导出",
        f"a line is longer than {longest:,} bytes (setting max_line_bytes): no line breaks, or no text at all; export it anew",
    )
