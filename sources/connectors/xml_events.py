"""XML read element by element, whatever encoding it declares: the file's own has been proved.

Declared entities and document types are refused (they can make a small file endless). Not here: which elements are rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, iterparse

from sources.base.refusal import RefusedError
from sources.connectors.encoding import Encoding, text_pieces
from sources.connectors.source import Bytes


def xml_events(source: Bytes, encoding: Encoding) -> Iterator[tuple[str, Element]]:
    """("start" or "end", element) as the file is read. Raises RefusedError."""
    parser = DefusedXMLParser(target=TreeBuilder(), encoding="utf-8", forbid_dtd=True)
    try:
        yield from iterparse(_Stream(source, encoding), events=("start", "end"), parser=parser)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        if isinstance(error, RefusedError):
            raise
        raise unreadable_xml(
            "文件不完整、格式有误或声明了实体", "cut off, malformed, or with declared entities"
        ) from error


class _Stream(io.RawIOBase):
    """The file as UTF-8, whatever it declares itself to be: its encoding has been proved."""

    def __init__(self, source: Bytes, encoding: Encoding) -> None:
        self._pieces = text_pieces(source, encoding)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece.removeprefix("\ufeff").encode()
        data, self._rest = self._rest[: size if size > 0 else None], self._rest[size:] if size > 0 else b""
        return data


def unreadable_xml(zh: str, en: str) -> RefusedError:
    """The refusal of XML that cannot be read."""
    return RefusedError(
        "XML_UNREADABLE", f"XML 无法读取:{zh};请重新导出", f"the XML cannot be read ({en}): export it anew"
    )
