"""The parts of a workbook that is a zip file: found whatever the writer did to their names, never larger than the bound.

Some programs write names with backslashes or other cases, which Excel opens. Not here: what the parts say (the scans).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sources.connectors.packed import too_large_unpacked
from sources.connectors.source import Bytes
from sources.connectors.workbooks.scan import unreadable

# Parts other than sheets and texts that are read whole.
_PART_LIMIT = 16 << 20


class Archive:
    """Parts by their plain names: forward slashes, lower case."""

    def __init__(self, archive: zipfile.ZipFile, source: Bytes) -> None:
        limit = source.bounds.max_workbook_bytes
        if sum(member.file_size for member in archive.infolist()) > limit:
            raise too_large_unpacked(limit)
        self.archive = archive
        self._names = {plain(name): name for name in archive.namelist()}

    def real(self, name: str) -> str | None:
        """The name under which the archive holds a part."""
        return self._names.get(plain(name))

    def targets(self, relations: str) -> dict[str | None, str]:
        """{id: part} of a part's relations."""
        return {
            relation.get("Id"): _resolved(relation.get("Target", "")) for relation in self.part(relations)
        }

    def part(self, name: str) -> Element:
        """An XML part. Raises RefusedError."""
        real = self.real(name)
        if real is None:
            raise unreadable()
        try:
            with self.archive.open(real) as part:
                return fromstring(part.read(_PART_LIMIT))
        except (ParseError, DefusedXmlException, ValueError) as error:
            raise unreadable() from error

    def sheets(self) -> Iterator[tuple[str, str]]:
        """(name, part) of every sheet of an XLSX file, in order."""
        if self.real("xl/workbook.xml") is None:
            return
        targets = self.targets("xl/_rels/workbook.xml.rels")
        for element in self.part("xl/workbook.xml").iter():
            if element.tag.endswith("}sheet"):
                reference = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
                real = self.real(targets.get(reference, ""))
                if real is not None:
                    yield element.get("name", ""), real


def plain(name: str) -> str:
    """A name as it is compared."""
    return name.replace("\\", "/").lstrip("/").lower()


def _resolved(target: str) -> str:
    target = target.replace("\\", "/")
    return target if target.startswith("/") else str(PurePosixPath("xl") / target)
