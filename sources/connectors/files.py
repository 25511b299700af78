"""Files as the way in: the format is told by the content, never by the name (an `.xls` is often HTML or plain text).

Here: one entry for all formats. Not here: finding the files and keeping them (intake).
"""

from __future__ import annotations

from dataclasses import replace

from sources.base.refusal import RefusedError
from sources.connectors.dbf import looks_like_dbf, read_dbf
from sources.connectors.delimited import read_delimited
from sources.connectors.delivered import Delivered, empty_file
from sources.connectors.encoding import Encoding, find_encoding
from sources.connectors.fixed_width import read_fixed_width
from sources.connectors.html_rows import read_html
from sources.connectors.isolated import read_isolated
from sources.connectors.json_rows import looks_like_json, read_json
from sources.connectors.packed import unpacked
from sources.connectors.parquet import read_parquet
from sources.connectors.source import Bytes, Source
from sources.connectors.wanted import Wanted
from sources.connectors.workbooks.spreadsheet import NAMESPACE
from sources.connectors.workbooks.workbook import read_workbook
from sources.connectors.xml_rows import read_xml

CONNECTOR = "files"
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
_OLE_MAGIC, _ZIP_MAGIC, _PARQUET_MAGIC = b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"PAR1"
_HEAD = 4096
# What people send by mistake, by its first bytes.
_OTHERS = (
    (b"%PDF", "PDF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"SQLite format 3", "SQLite"),
    (b"PARE", "Parquet (encrypted)"),
    (b"ORC", "ORC"),
    (b"Obj\x01", "Avro"),
    (b"PK\x05\x06", "zip (empty)"),
)


def read_any(source: Source, wanted: Wanted) -> Delivered:
    """Rows of a file of whatever format, which may be packed once. Raises RefusedError.

    Text is read here; what needs a library of others is read by a process of its own.
    """
    head = source.head(4)
    if head.startswith((_OLE_MAGIC, _ZIP_MAGIC, _PARQUET_MAGIC)):
        return read_isolated(source, wanted)
    return read_here(source, wanted)


def read_here(source: Bytes, wanted: Wanted) -> Delivered:
    """The same in this process. Raises RefusedError, and whatever a reader of others does."""
    inner, how = unpacked(source)
    delivered = _read(inner, wanted)
    return replace(delivered, dialect=f"{how} {delivered.dialect}") if how else delivered


def _read(source: Bytes, wanted: Wanted) -> Delivered:
    head = source.head(_HEAD)
    if not head:
        raise empty_file()
    if wanted.fixed_width:
        return read_fixed_width(source, find_encoding(source, wanted.encoding), wanted)
    if head.startswith(_PARQUET_MAGIC):
        return read_parquet(source)
    if head.startswith((_OLE_MAGIC, _ZIP_MAGIC)):
        return read_workbook(source, wanted)
    _refuse_others(head)
    if looks_like_dbf(head):
        return read_dbf(source)
    return _read_text(source, find_encoding(source, wanted.encoding), wanted)


def _read_text(source: Bytes, encoding: Encoding, wanted: Wanted) -> Delivered:
    text = source.head(_HEAD).decode(encoding.name, "ignore").lstrip("\ufeff \t\r\n")
    if looks_like_json(text):
        return read_json(source, encoding)
    if text.startswith("<"):
        if _is_html(text.lower()):
            return read_html(source, encoding, wanted)
        return read_xml(source, encoding, wanted)
    return read_delimited(source, encoding, wanted)


def _is_html(text: str) -> bool:
    if "<html" not in text and (text.startswith("<?xml") or NAMESPACE in text):
        return False
    return any(mark in text for mark in ("<html", "<table", "<!doctype html", "<body", "<meta"))


def _refuse_others(head: bytes) -> None:
    for magic, name in _OTHERS:
        # Two letters alone could begin a text as well.
        if head.startswith(magic) and (len(magic) > 2 or b"\x00" in head[:64]):
            raise RefusedError(
                "FORMAT_UNKNOWN",
                f"文件看起来是 {name},不是数据表;请导出为 CSV、XLSX、Parquet、DBF、JSON 或 XML 后报送",
                f"the file looks like {name}, no table: deliver CSV, XLSX, Parquet, DBF, JSON or XML",
            )
