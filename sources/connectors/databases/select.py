"""Which rows of which table: from what a mapping says and what the server has to one SELECT.

Here: names resolved against the server (any case, nearest names when one is missing), the month, the time of change, the
order. Not here: how a server writes things (its module) or what is done with the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sources.base.likeness import nearest
from sources.base.months import month_number, month_text
from sources.connectors.databases.failures import DatabaseError, Kind
from sources.connectors.databases.selection import Selection
from sources.connectors.databases.server import ResultColumn, Server

COUNTED = ResultColumn("n", "number")
_FIRST_YEAR, _LAST_YEAR = 1900, 2099
# Months, days and moments as numbers, after the year.
_DIGITS = (("01", "12"), ("0101", "1231"), ("0101000000", "1231235959"))
_PART = re.compile(r'"((?:[^"]|"")+)"|([^."]+)')


@dataclass(frozen=True)
class Select:
    """One SELECT, the columns it gives, and which of them tells the time of change. `of_no_month` counts the rows (column
    `n`) that no month will ever ask for; None where rows are not told apart by month.
    """

    sql: str
    columns: tuple[ResultColumn, ...]
    updated: str | None
    of_no_month: str | None = None


def build(server: Server, selection: Selection, month: str, since: str | None) -> Select:
    """The SELECT of one month; with `since`, only of rows changed at or after it. Raises DatabaseError."""
    relation = _relation(server, selection)
    there = _columns(server, relation, selection)
    ignored = {name.casefold() for name in selection.ignore}
    needed = {selection.updated.casefold()} if selection.updated else set()
    taken = [c for c in there if c.name.casefold() not in ignored - needed]
    conditions, of_no_month = [], None
    if selection.month_by is not None:
        by = _named(selection.month_by, there)
        conditions.append(_in_month(server, by, month))
        rows = f"select count(*) as {server.quote('n')} from {relation} q where {_in_no_month(server, by)}"
        of_no_month = f"select {server.text_of(COUNTED)} as {server.quote('n')} from ({rows}) q"
    updated = _named(selection.updated, there) if selection.updated is not None else None
    if updated is not None and since is not None:
        conditions.append(_changed_since(server, updated, since))
    order = [f"q.{server.quote(_named(name, there).name)}" for name in selection.order_by]
    sql = f"select {', '.join(_selected(server, taken))} from {relation} q"
    sql += f" where {' and '.join(conditions)}" if conditions else ""
    sql += f" order by {', '.join(order)}" if order else ""
    return Select(sql, tuple(taken), updated.name if updated else None, of_no_month)


def _selected(server: Server, columns: Iterable[ResultColumn]) -> list[str]:
    return [f"{server.text_of(column)} as {server.quote(column.name)}" for column in columns]


# -- names


def _relation(server: Server, selection: Selection) -> str:
    if selection.query is not None:
        # The line break keeps a comment at the query's end from swallowing the bracket.
        return f"(\n{selection.query.strip().rstrip(';')}\n)"
    parts = [quoted.replace('""', '"') or plain for quoted, plain in _PART.findall(selection.table or "")]
    schema, name = _resolved(server, parts)
    return ".".join(server.quote(part) for part in (*parts[:-2], *schema, name))


def _resolved(server: Server, parts: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Schema (none when the mapping names none) and name as the server spells them."""
    tables = server.tables()
    wanted = tuple(parts[-2:])
    spelled = [entry[-len(wanted) :] for entry in tables]
    for same in (wanted.__eq__, lambda entry: _folded(entry) == _folded(wanted)):
        found = sorted({entry for entry in spelled if same(entry)})
        if len(found) == 1:
            return found[0][:-1], found[0][-1]
        if found:
            break
    else:
        _ask_for(server, wanted)
        near = nearest(wanted[-1], {name for _, name in tables})
        raise DatabaseError(Kind.MISSING, subject=f"{'.'.join(wanted)};相近 nearest: {near}")
    several = "、".join(".".join(entry) for entry in found)
    raise DatabaseError(Kind.MISSING, subject=f"{'.'.join(wanted)};不止一个 several: {several}")


def _ask_for(server: Server, parts: Sequence[str]) -> None:
    """Some servers hide what an account may not read: asked by name they say that it is forbidden."""
    try:
        server.columns(".".join(server.quote(part) for part in parts))
    except DatabaseError as error:
        if error.kind is not Kind.MISSING:
            raise


def _folded(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in parts)


def _columns(server: Server, relation: str, selection: Selection) -> list[ResultColumn]:
    try:
        return server.columns(relation)
    except DatabaseError as error:
        if error.kind is Kind.MISSING and selection.query is not None:
            raise DatabaseError(Kind.MISSING, error.code, "query") from error
        raise


def _named(name: str, columns: Sequence[ResultColumn]) -> ResultColumn:
    exact = [column for column in columns if column.name == name]
    found = exact or [column for column in columns if column.name.casefold() == name.casefold()]
    if len(found) != 1:
        near = nearest(name, {column.name for column in columns})
        raise DatabaseError(Kind.MISSING, subject=f"{name};相近 nearest: {near}")
    return found[0]


# -- conditions


def _in_month(server: Server, column: ResultColumn, month: str) -> str:
    """That the column lies in the month: times by their bounds (an index serves), digits and text by their beginning."""
    name, following = f"q.{server.quote(column.name)}", month_text(month_number(month) + 1)
    if column.category == "time":
        low, high = server.moment(f"{month}-01"), server.moment(f"{following}-01")
        return f"({name} >= {low} and {name} < {high})"
    digits = month.replace("-", "")
    if column.category == "number":
        days = f"{name} between {digits}01 and {digits}31"
        seconds = f"{name} between {digits}01000000 and {digits}31235959"
        return f"({name} = {digits} or {days} or {seconds})"
    text = server.matching(column)
    alternatives = [f"{text} like '{start}'" for start in _beginnings(month)]
    return f"({' or '.join(alternatives)})"


def _in_no_month(server: Server, column: ResultColumn) -> str:
    """That the column is empty or tells no day of these two centuries."""
    name = f"q.{server.quote(column.name)}"
    if column.category == "time":
        low, high = server.moment(f"{_FIRST_YEAR}-01-01"), server.moment(f"{_LAST_YEAR + 1}-01-01")
        return f"({name} is null or {name} < {low} or {name} >= {high})"
    if column.category == "number":
        inside = [f"{name} between {_FIRST_YEAR}{low} and {_LAST_YEAR}{high}" for low, high in _DIGITS]
        return f"({name} is null or not ({' or '.join(inside)}))"
    text = server.matching(column)
    return (
        f"({name} is null or not ({text} like '{_FIRST_YEAR // 100}%' or {text} like '{_LAST_YEAR // 100}%'))"
    )


def _beginnings(month: str) -> list[str]:
    """How a date of that month begins in the texts vendors store."""
    year, number = month.split("-")
    starts = [f"{year}{number}%"]
    for separator in "-/.":
        starts += [f"{year}{separator}{number}%"]
        starts += [f"{year}{separator}{int(number)}{separator}%"] if number.startswith("0") else []
    starts += sorted({f"{year}年{number}月%", f"{year}年{int(number)}月%"})
    return starts


def _changed_since(server: Server, column: ResultColumn, since: str) -> str:
    """Rows without a readable time of change are read every time: nobody can say that they have not changed."""
    name = f"q.{server.quote(column.name)}"
    if column.category == "time":
        return f"({name} >= {server.moment(since)} or {name} is null)"
    if column.category == "number":
        return f"({name} >= {since} or {name} is null)"
    text = server.matching(column)
    otherwise = " or ".join(_of_other_shape(text, since))
    return f"({text} >= '{since}' or {name} is null or {otherwise})"


def _of_other_shape(text: str, since: str) -> list[str]:
    """Conditions that hold for texts which cannot be compared with `since`."""
    if "-" in since:
        return [f"{text} not like '____-__-__%'"]
    return [f"{text} like '%{mark}%'" for mark in "-/.年"]
