"""DBF tables (dBase, FoxPro): fixed-width records, text in GBK or UTF-8 (V36).

Rows the sender has marked deleted are none. A record whose text cannot be decoded (a character cut in two by the field's
width) is damaged, the others stay. Not here: what columns mean.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered, assemble, unique_header, within_bounds
from sources.connectors.remarks import PART_NOT_READ, Remarks
from sources.connectors.rows import not_all_blank
from sources.connectors.source import Bytes

_VERSIONS = frozenset(b"\x02\x03\x04\x05\x30\x31\x32\x43\x63\x83\x8b\x8e\xcb\xf5")
_FIELD = struct.Struct("<11sc4xBB14x")
_END_OF_FIELDS, _DELETED = 0x0D, ord("*")
_MEMO = "MGPBW"
_DELETED_RECORDS = "deleted records 已删除的记录"
# Language drivers of traditional Chinese.
_BIG5 = frozenset(b"\x4f\x78")
# Visual FoxPro keeps binary doubles under a letter that elsewhere is a memo.
_FOXPRO = frozenset(b"\x30\x31\x32")
_JULIAN_EPOCH = 1_721_425


@dataclass(frozen=True)
class _Field:
    name: bytes
    kind: str
    start: int
    width: int


@dataclass(frozen=True)
class _Layout:
    """Where records begin, how long and how many they are, and their fields."""

    version: int
    language: int
    records: int
    header_bytes: int
    record_bytes: int
    fields: tuple[_Field, ...]


def looks_like_dbf(head: bytes) -> bool:
    """Whether the first bytes are a DBF header: a known version, a date, lengths that fit."""
    if len(head) < 33 or head[0] not in _VERSIONS or not (head[2] <= 12 and head[3] <= 31):
        return False
    header_bytes, record_bytes = struct.unpack("<HH", head[8:12])
    return header_bytes > 32 and record_bytes > 1 and head[43:44].isalpha()


def read_dbf(source: Bytes) -> Delivered:
    """Read a DBF table; lines are record numbers from 1. Raises RefusedError."""
    layout = _layout(source)
    encoding = _encoding(source, layout)
    try:
        names = [f.name.decode(encoding).strip() for f in layout.fields]
    except UnicodeDecodeError as error:
        raise _unreadable("字段名无法解码", "field names cannot be decoded") from error
    header, remarks = unique_header(names, source.bounds), Remarks()
    chunks = not_all_blank(_chunks(source, layout, header, encoding, remarks), remarks)
    return Delivered(header, encoding, "dbf", chunks, remarks=remarks)


def _layout(source: Bytes) -> _Layout:
    head = source.head(1 << 16)
    if len(head) < 33:
        raise _unreadable("文件头不完整", "the header is cut off")
    records, header_bytes, record_bytes = struct.unpack("<IHH", head[4:12])
    fields, start, position = [], 1, 32
    while position + 32 <= min(header_bytes, len(head)) and head[position] != _END_OF_FIELDS:
        name, kind, width, decimals = _FIELD.unpack(head[position : position + 32])
        if kind in b"C":
            width += decimals << 8
        fields.append(_Field(name.split(b"\x00")[0], kind.decode("latin-1"), start, width))
        start += width
        position += 32
    if not fields or start != record_bytes or header_bytes > len(head):
        raise _unreadable("字段长度与记录长度不符", "field and record lengths do not agree")
    if (head[0] not in _FOXPRO and any(f.kind in _MEMO for f in fields)) or any(
        f.kind in "MGPW" for f in fields
    ):
        raise RefusedError(
            "DBF_MEMO",
            "DBF 含备注(memo)字段,其内容在另一个文件里;请导出为不含备注字段的 DBF 或 CSV",
            "the DBF has memo fields, whose text lies in another file: export without them, or as CSV",
        )
    return _Layout(head[0], head[29], records, header_bytes, record_bytes, tuple(fields))


def _encoding(source: Bytes, layout: _Layout) -> str:
    """What the header's language driver says when it is Big5 and the text is that; UTF-8 when all text beyond ASCII is, else
    GB18030.
    """
    if layout.language in _BIG5 and _is_all(source, layout, "big5"):
        return "big5"
    beyond = False
    for _, block in _blocks(source, layout):
        for field in layout.fields:
            if field.kind == "C":
                text = _texts(block, field)
                if not text.isascii():
                    beyond = True
                    try:
                        text.decode("utf-8")
                    except UnicodeDecodeError:
                        return "gb18030"
    return "utf-8" if beyond else "gb18030"


def _is_all(source: Bytes, layout: _Layout, encoding: str) -> bool:
    """Whether all text can be read in an encoding."""
    try:
        for _, block in _blocks(source, layout):
            for field in layout.fields:
                if field.kind == "C":
                    _texts(block, field).decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _blocks(source: Bytes, layout: _Layout) -> Iterator[tuple[int, np.ndarray]]:
    """(first record number, bytes as rows × record length). Raises RefusedError when records are missing."""
    at_once = max(source.bounds.chunk_bytes // layout.record_bytes, 1)
    with source.open() as file:
        file.seek(layout.header_bytes)
        for first in range(0, layout.records, at_once):
            source.check_time()
            wanted = min(at_once, layout.records - first)
            data = file.read(wanted * layout.record_bytes)
            if len(data) != wanted * layout.record_bytes:
                there = first + len(data) // layout.record_bytes
                raise _unreadable(
                    f"应有 {layout.records} 条记录,只有 {there} 条",
                    f"{layout.records} records announced, {there} there",
                )
            yield first + 1, np.frombuffer(data, np.uint8).reshape(wanted, layout.record_bytes)
        if len(file.read(layout.record_bytes + 1)) > layout.record_bytes:
            raise _unreadable("记录比文件头所说的多", "more records than the header announces")


def _chunks(
    source: Bytes, layout: _Layout, header: tuple[str, ...], encoding: str, remarks: Remarks
) -> Iterator[pa.Table]:
    for first, block in _blocks(source, layout):
        lines = np.arange(first, first + len(block))
        kept = block[:, 0] != _DELETED
        remarks.add(PART_NOT_READ, _DELETED_RECORDS, int((~kept).sum()))
        block, lines = block[kept], lines[kept]
        columns, damaged = [], np.zeros(len(block), dtype=bool)
        for field in layout.fields:
            values, broken = _column(block, field, encoding, layout.version)
            columns.append(pa.array(values, pa.string()))
            damaged |= broken
        malformed = [
            (int(lines[n]), block[n].tobytes().decode(encoding, "backslashreplace"))
            for n in np.flatnonzero(damaged)
        ]
        good = pa.array(~damaged)
        table = assemble(
            header, [column.filter(good) for column in columns], pa.array(lines[~damaged]), malformed, remarks
        )
        yield within_bounds(table, source.bounds)


def _texts(block: np.ndarray, field: _Field) -> bytes:
    """A column's bytes, each cell ended by a line feed."""
    cells = np.full((len(block), field.width + 1), ord("\n"), np.uint8)
    cells[:, : field.width] = block[:, field.start : field.start + field.width]
    return cells.tobytes()


def _column(block: np.ndarray, field: _Field, encoding: str, version: int) -> tuple[list[str], np.ndarray]:
    """Values as text, and which of them cannot be read."""
    if field.kind in "IT" or (field.kind in "BY" and version in _FOXPRO):
        raw = [row[field.start : field.start + field.width].tobytes() for row in block]
        return [_binary(value, field.kind) for value in raw], np.zeros(len(block), dtype=bool)
    text = _texts(block, field)
    try:
        values = text.decode(encoding).split("\n")[:-1]
        if len(values) == len(block):
            return [_trimmed(value) for value in values], np.zeros(len(block), dtype=bool)
    except UnicodeDecodeError:
        pass
    return _one_by_one(block, field, encoding)


def _one_by_one(block: np.ndarray, field: _Field, encoding: str) -> tuple[list[str], np.ndarray]:
    values, broken = [], np.zeros(len(block), dtype=bool)
    for number, row in enumerate(block):
        raw = row[field.start : field.start + field.width].tobytes()
        try:
            values.append(_trimmed(raw.decode(encoding)))
        except UnicodeDecodeError:
            values.append("")
            broken[number] = True
    return values, broken


def _trimmed(value: str) -> str:
    """Cells are padded to their width, numbers to the left."""
    return value.strip(" \x00")


def _binary(raw: bytes, kind: str) -> str:
    """Values that FoxPro keeps in binary: whole numbers, currency, doubles, moments."""
    if kind == "I":
        return str(int.from_bytes(raw, "little", signed=True))
    if kind == "Y":
        scaled = int.from_bytes(raw, "little", signed=True)
        return f"{'-' if scaled < 0 else ''}{abs(scaled) // 10_000}.{abs(scaled) % 10_000:04d}"
    if kind == "B":
        return repr(struct.unpack("<d", raw)[0])
    day, milliseconds = struct.unpack("<ii", raw)
    if not day:
        return ""
    if not _JULIAN_EPOCH < day <= _JULIAN_EPOCH + date.max.toordinal() or not 0 <= milliseconds < 86_400_000:
        return raw.hex()
    moment = date.fromordinal(day - _JULIAN_EPOCH)
    return f"{moment.isoformat()} {timedelta(seconds=milliseconds // 1000)!s:0>8}"


def _unreadable(zh: str, en: str) -> RefusedError:
    return RefusedError(
        "DBF_UNREADABLE",
        f"DBF 文件不完整或已损坏({zh});请重新导出",
        f"the DBF is damaged ({en}): export it anew",
    )
