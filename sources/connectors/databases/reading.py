"""Reading one month of one feed: a connection, a select, and its rows in bounded pieces.

Here: what every server has in common once it is opened. Not here: trying again, keeping, what has landed before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from sources.connectors.databases.address import Address
from sources.connectors.databases.drivers import connect
from sources.connectors.databases.misread import refuse_misread
from sources.connectors.databases.select import COUNTED, Select, build
from sources.connectors.databases.selection import Selection
from sources.connectors.databases.server import Limits, Server
from sources.connectors.delivered import LINE, MALFORMED, unique_header
from sources.connectors.remarks import ROW_OF_NO_MONTH, Remarks

_PIECE_ROWS = 65_536


@dataclass(frozen=True)
class Reading:
    """Rows being read: `moment` is the server's time (Shanghai), `updated` the header that tells the time of change.

    `chunks` is passed once; each has one string column per header, null stays null. `remarks` tell of rows that no month will
    ever ask for.
    """

    kind: str
    moment: datetime
    header: tuple[str, ...]
    updated: str | None
    chunks: Iterator[pa.Table]
    remarks: Remarks


@contextmanager
def reading(
    address: Address,
    selection: Selection,
    month: str,
    since: str | None,
    limits: Limits,
    spelling: Collection[str],
) -> Iterator[Reading]:
    """Read a month. `spelling` are the headers as the mapping writes them: letters may be of another case there.

    Raises DatabaseError (while iterating too) and RefusedError.
    """
    server = connect(address, limits)
    try:
        moment = server.clock()
        select = build(server, selection, month, since)
        names = [column.name for column in select.columns]
        header = unique_header(_spelled(names, spelling), limits.reading)
        updated = header[names.index(select.updated)] if select.updated else None
        remarks = _remarks(server, select, selection)
        yield Reading(server.kind, moment, header, updated, _named(server, select, header), remarks)
    finally:
        server.close()


def _remarks(server: Server, select: Select, selection: Selection) -> Remarks:
    remarks = Remarks()
    if select.of_no_month is not None:
        (counted,) = [
            row for piece in server.stream(select.of_no_month, (COUNTED,)) for row in piece.to_pylist()
        ]
        remarks.add(ROW_OF_NO_MONTH, selection.month_by or "", int(next(iter(counted.values()))))
    return remarks


def _spelled(names: Sequence[str], spelling: Collection[str]) -> list[str]:
    """Names as the mapping spells them where only the case differs and nothing is doubled by it."""
    folded = {word.casefold(): word for word in sorted(spelling)}
    same = [folded.get(name.casefold(), name) for name in names]
    return [
        new if same.count(new) == 1 and name not in spelling else name
        for name, new in zip(names, same, strict=True)
    ]


def _named(server: Server, select: Select, header: Sequence[str]) -> Iterator[pa.Table]:
    for piece in server.stream(select.sql, select.columns):
        refuse_misread(piece)
        for start in range(0, piece.num_rows, _PIECE_ROWS):
            yield piece.slice(start, _PIECE_ROWS).rename_columns(list(header))


def numbered(rows: pa.Table, first: int) -> pa.Table:
    """Rows with `source_line` from `first` on and `malformed_text` (always null: a database has no damaged lines)."""
    lines = pa.array(np.arange(first, first + rows.num_rows))
    return rows.append_column(LINE, lines).append_column(MALFORMED, pa.nulls(rows.num_rows, pa.string()))
