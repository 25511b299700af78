"""Which part of a container is the table: a sheet of a workbook, a table of a page, a group of an XML file.

Every part is read, refused, or named and counted as not read. Not here: how parts are found and read (the readers).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sources.base.refusal import RefusedError
from sources.connectors.remarks import PART_NOT_READ, Remarks
from sources.connectors.wanted import HEADER_WITHIN, Wanted, find_header

_SHOWN = 8


@dataclass(frozen=True)
class Part:
    """One part as it looks: `matches` names of its header are known, `rows` filled rows lie below it (all rows, when no
    header is known), `width` filled columns at most.
    """

    name: str
    matches: int
    rows: int
    width: int
    visible: bool = True


class Looking:
    """One part looked at row by row."""

    def __init__(self, name: str, wanted: Wanted, *, visible: bool = True) -> None:
        self._name, self._wanted, self._visible = name, wanted, visible
        self._first: list[Sequence[str]] = []
        self._enough = max(HEADER_WITHIN, wanted.header_row or 0)
        self._rows = self._width = 0

    def add(self, row: Sequence[str]) -> None:
        """Look at one more row."""
        if len(self._first) < self._enough:
            self._first.append(row)
        else:
            self._count(row)

    def _count(self, row: Sequence[str]) -> None:
        filled = [position for position, cell in enumerate(row, start=1) if cell.strip()]
        if filled:
            self._rows, self._width = self._rows + 1, max(self._width, filled[-1])

    def part(self) -> Part:
        """What it looks like, after its last row."""
        header = find_header(self._first, self._wanted)
        matches = self._wanted.matches(header.names) if header else 0
        is_table = header is not None and matches >= max(self._wanted.least, 1)
        for row in self._first[header.row if header and is_table else 0 :]:
            self._count(row)
        width = max(self._width, len(header.names)) if header and is_table else self._width
        return Part(self._name, matches, self._rows, width, self._visible)


def part_of(name: str, rows: Iterable[Sequence[str]], wanted: Wanted, *, visible: bool = True) -> Part:
    """Look at all rows of a part."""
    look = Looking(name, wanted, visible=visible)
    for row in rows:
        look.add(row)
    return look.part()


def choose(parts: Sequence[Part], wanted: Wanted, remarks: Remarks) -> list[Part]:
    """The part that is the table, or the parts that the mapping joins to one; the others are told. Raises RefusedError when
    several are, or may be, and nothing says that they are one.
    """
    free = [part for part in parts if not wanted.is_claimed(part.name)] or list(parts)
    chosen = [_only_table(free, wanted)] if wanted.sheets is None else _tables_of_one(free, wanted)
    tell([part for part in free if part not in chosen], remarks)
    return chosen


def _tables_of_one(parts: Sequence[Part], wanted: Wanted) -> list[Part]:
    named = [part for part in parts if wanted.is_one_of(part.name)]
    if not named:
        raise _no_such_part(parts, wanted)
    tables = [part for part in named if part.matches >= max(wanted.least, 1)]
    widest = max((part.width for part in tables), default=0)
    loose = [part for part in named if part not in tables and part.rows and part.width >= widest]
    if tables and loose:
        raise _without_header(loose)
    return [part for part in tables if part.rows] or tables[:1] or named[:1]


def tell(parts: Iterable[Part], remarks: Remarks) -> None:
    """Name and count what is not read."""
    for part in parts:
        remarks.add(PART_NOT_READ, part.name, part.rows)


def _only_table(parts: Sequence[Part], wanted: Wanted) -> Part:
    seen = [part for part in parts if part.visible] or parts
    if wanted.is_guess:
        return max(seen, key=lambda part: (part.matches, part.rows > 0))
    tables = [part for part in parts if part.matches >= max(wanted.least, 1)]
    full = [part for part in tables if part.rows]
    chosen = (full or [p for p in tables if p.visible] or tables or [p for p in seen if p.rows] or seen)[0]
    # Rows as wide as the table, without a header of their own, belong below one.
    rivals = [
        part
        for part in parts
        if part is not chosen and part.rows and (part in full or (tables and part.width == chosen.width))
    ]
    if rivals:
        raise several_parts([chosen, *rivals])
    return chosen


def _no_such_part(parts: Sequence[Part], wanted: Wanted) -> RefusedError:
    there = "、".join(part.name for part in parts[:_SHOWN])
    return RefusedError(
        "SHEET_MISSING",
        f"没有一张工作表的名称符合 sheets: “{wanted.sheets}”,现有:{there};请检查导出模板或映射文件",
        f"no sheet has a name like `sheets:` {wanted.sheets!r}; there are: {there}",
    )


def _without_header(parts: Sequence[Part]) -> RefusedError:
    named = "、".join(f"“{part.name}”({part.rows:,} 行)" for part in parts[:_SHOWN])
    return RefusedError(
        "PARTS_DIFFER",
        f"要合并读取的表里,{named} 没有可识别的表头;请补上与其他表相同的表头,或在映射文件的 sheets 里不选它",
        f"among the sheets to be joined {named} have no header that is known: give them that of the others, or choose "
        "otherwise by `sheets:` in the mapping",
    )


def several_parts(parts: Sequence[Part], *, can_be_joined: bool = True) -> RefusedError:
    """The refusal of a container in which more than one part may be the table."""
    zh, en = "或在映射文件写明 sheet(只读一张)", "state `sheet:` in the mapping to read one"
    if can_be_joined:
        zh += "或 sheets: all(表头相同的各张合并读取)"
        en += ", or `sheets: all` to join those that have the same header"
    named = "、".join(f"“{part.name}”({part.rows:,} 行)" for part in parts[:_SHOWN])
    return RefusedError(
        "SEVERAL_TABLES",
        f"文件里有 {len(parts)} 部分都像是要报送的表:{named},无法确定读哪一部分;请合并成一张表,{zh}",
        f"{len(parts)} parts of the file look like the table: {', '.join(f'{p.name!r} ({p.rows:,} rows)' for p in parts[:_SHOWN])}; "
        f"put them together, {en}",
    )
