"""XML: elements that repeat, each a row, their children and attributes the cells.

Not here: what elements mean, workbooks saved as XML (workbooks.spreadsheet).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, tostring

from sources.connectors.delivered import Delivered, unique_header
from sources.connectors.encoding import Encoding
from sources.connectors.parts import Part, several_parts, tell
from sources.connectors.remarks import PART_NOT_READ, Remarks
from sources.connectors.rows import Row, chunks_of, not_all_blank
from sources.connectors.source import Bytes
from sources.connectors.stated_counts import StatedCounts
from sources.connectors.wanted import Wanted
from sources.connectors.workbooks.spreadsheet import NAMESPACE, read_spreadsheet
from sources.connectors.xml_events import unreadable_xml, xml_events

_VALUES = ("value", "val", "v")
# Stands, in the first pass, for what an element held. No XML has it.
_HAD_CHILDREN = "\x00"
# Deeper than this no table lies; a hostile file would only fill the memory.
_DEEPEST = 64
# Children of one element that are remembered (without what they held) while it is not known which elements are rows.
_MOST_KEPT = 1_000
# A row has this many times more elements than a table has columns at most.
_MOST_WITHIN = 10


def read_xml(source: Bytes, encoding: Encoding, wanted: Wanted) -> Delivered:
    """Read rows of XML; lines are the rows' numbers from 1. Of a document in which nothing is said there is no header.
    Raises RefusedError.
    """
    if NAMESPACE.encode() in source.head(4096):
        return read_spreadsheet(source, encoding, wanted)
    remarks = Remarks()
    chosen = _row_path(source, encoding, wanted, remarks)
    if chosen is None:
        return Delivered((), encoding.name, "xml without rows", iter(()), remarks=remarks)
    names = unique_header(list(chosen.keys), source.bounds)
    rows = not_all_blank(chunks_of(source, names, _rows(source, encoding, chosen), remarks), remarks)
    dialect = f"xml rows={chosen.path[-1]}"
    return Delivered(names, encoding.name, dialect, rows, remarks=remarks)


@dataclass
class _Rows:
    """Elements of one path: their cells' names in order of first appearance, and how many there are."""

    path: tuple[str, ...]
    keys: dict[str, None] = field(default_factory=dict)
    count: int = 0
    # Elements that hold a value themselves, beside other elements.
    own: int = 0
    counts: StatedCounts = field(default_factory=StatedCounts)

    @property
    def name(self) -> str:
        return "/".join(map(_bare, self.path))

    def part(self, wanted: Wanted) -> Part:
        """How it looks beside others."""
        return Part(self.name, wanted.matches(list(self.keys)), self.count, len(self.keys))


def _row_path(source: Bytes, encoding: Encoding, wanted: Wanted, remarks: Remarks) -> _Rows | None:
    """The path whose elements hold most of what the mapping reads; among equals the most frequent. None: where rows would be,
    there are none.
    """
    found: dict[tuple[str, ...], _Rows] = {}
    for path, element in _elements(source, encoding):
        if len(element) or element.attrib:
            rows = found.setdefault(path, _Rows(path))
            rows.count += 1
            rows.own += _has_own_text(element)
            # What counts the rows stands once.
            for name, text in _values_of(element) if rows.count == 1 else ():
                rows.counts.note(f"{rows.name}/{name}", text)
            if len(rows.keys) <= source.bounds.max_columns:
                rows.keys.update((name, None) for name, _ in _cells(element))
    if not found:
        raise unreadable_xml("没有重复的行元素", "no element repeats as a row")
    # The outermost element alone, and nothing said in it.
    if len(found) == 1 and not any(group.own for group in found.values()):
        return None
    stated = [group for group in found.values() if group.name == wanted.sheet]
    chosen = max(stated or found.values(), key=lambda r: (wanted.matches(list(r.keys)), r.count, len(r.path)))
    _tell_others(chosen, found.values(), wanted, remarks)
    return chosen


def _tell_others(chosen: _Rows, groups: Iterable[_Rows], wanted: Wanted, remarks: Remarks) -> None:
    """Groups beside the rows are told, or refused when they may be rows too; and values that lie around the rows."""
    beside = [
        group
        for group in groups
        if group.path[: len(chosen.path)] != chosen.path and chosen.path[: len(group.path)] != group.path
    ]
    outermost = [
        group.part(wanted)
        for group in beside
        if not any(group is not other and group.path[: len(other.path)] == other.path for other in beside)
        or wanted.matches(list(group.keys)) >= max(wanted.least, 1)
    ]
    tables = [part for part in outermost if part.matches >= max(wanted.least, 1)]
    if tables and chosen.name != wanted.sheet and not wanted.is_guess:
        raise several_parts([chosen.part(wanted), *tables], can_be_joined=False)
    tell(outermost, remarks)
    for group in groups:
        if group is not chosen and chosen.path[: len(group.path)] == group.path:
            remarks.add(PART_NOT_READ, group.name, group.own)
            group.counts.hold_against(chosen.count, remarks)
    for group in beside:
        if group.count == 1:
            group.counts.hold_against(chosen.count, remarks)


def _has_own_text(element: Element) -> bool:
    """Whether an attribute or a child without children has a value."""
    return any(text.strip() for _, text in _values_of(element))


def _values_of(element: Element) -> Iterator[tuple[str, str]]:
    """(name, text) of attributes and of children without children."""
    yield from ((_bare(name), text) for name, text in element.attrib.items())
    yield from ((_bare(str(c.tag)), c.text or "") for c in element if c.text != _HAD_CHILDREN)


def _rows(source: Bytes, encoding: Encoding, chosen: _Rows) -> Iterator[Row]:
    places = {key: number for number, key in enumerate(chosen.keys)}
    number = 0
    for path, element in _elements(source, encoding, chosen.path):
        if path == chosen.path:
            number += 1
            cells = [""] * len(places)
            there = dict(_cells(element))
            if not there.keys() <= places.keys():
                yield number, None, ""
                continue
            for name, text in there.items():
                cells[places[name]] = text
            yield number, cells, None


def _cells(element: Element) -> Iterator[tuple[str, str]]:
    """(name, text) of attributes and children; of a child that stands there again its number goes with the name.

    A child without text that has a `value` is that value; other attributes of a child are cells of their own.
    """
    seen: dict[str, int] = {}
    loose = [element.text, *(child.tail for child in element)] if len(element) else []
    pairs = [*element.attrib.items(), ("", "".join((text or "").strip() for text in loose))]
    for child in element:
        text, attributes = _text(child), dict(child.attrib)
        valued = next((name for name in attributes if name.lower() in _VALUES), None) if not text else None
        if (
            not text
            and valued is None
            and len(attributes) == 1
            and not next(iter(attributes)).startswith("{")
        ):
            valued = next(iter(attributes))
        pairs.append((str(child.tag), attributes.pop(valued) if valued else text))
        tag = _bare(str(child.tag))
        pairs += [(f"{tag}@{_bare(name)}", value) for name, value in attributes.items() if name[0] != "{"]
    for tag, text in pairs:
        name = _bare(tag)
        if not name and not text:
            continue
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name}({seen[name]})"), text


def _bare(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _text(child: Element) -> str:
    """The text of a cell with all that stands in it; a cell of nothing but elements stays XML."""
    if not len(child):
        return child.text or ""
    is_text = (child.text or "").strip() or any((inner.tail or "").strip() for inner in child)
    return "".join(child.itertext()) if is_text else tostring(child, encoding="unicode").strip()


def _elements(
    source: Bytes, encoding: Encoding, kept: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Element]]:
    """(path, element) of every element as it ends. What has been seen is dropped from memory: a row at `kept` when it ends;
    elsewhere what an element held, and after many the element too.
    """
    path: list[str] = []
    open_elements: list[Element] = []
    within = 0
    for event, element in xml_events(source, encoding):
        if event == "start":
            path.append(element.tag)
            open_elements.append(element)
            if len(path) > _DEEPEST:
                raise unreadable_xml("嵌套太深", "nested too deeply")
            continue
        here = tuple(path)
        yield here, element
        path.pop()
        open_elements.pop()
        within = within + 1 if kept and here != kept and here[: len(kept)] == kept else 0
        if within > _MOST_WITHIN * source.bounds.max_columns:
            raise unreadable_xml("一行里的元素太多", "too many elements in one row")
        if not within and (here == kept or len(path) == 1 or (len(element) and _is_leafy(element))):
            element.text = _HAD_CHILDREN if len(element) else element.text
            del element[:]
            if open_elements and (here == kept or len(open_elements[-1]) > _MOST_KEPT):
                del open_elements[-1][-1]


def _is_leafy(element: Element) -> bool:
    return not any(len(child) for child in element)
