"""What lies in the inbox: files saved with the time they arrived at, and the control file beside them.

Not here: the bytes of delivered tables (formats.py).
"""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from sources.simulator.delivered.rendering import TextTable
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.text import scaled


def csv_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Plain UTF-8 CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()


class ControlFile:
    """control.csv of one deliverer and month: rows and money of every file and sheet it delivers (V35)."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str, int, str]] = []

    def add(self, file: str, sheet: str, table: TextTable, order: np.ndarray) -> None:
        amount = ""
        if table.control is not None:
            amount = scaled(np.array([table.control[order].sum()]), 2)[0].as_py()
        self._rows.append((file, sheet, len(order), amount))

    def text(self) -> bytes:
        return csv_table(("file", "sheet", "rows", "amount_yuan"), self._rows)


def save(path: Path, data: bytes, month: CalendarMonth, days_late: int = 0) -> None:
    """Write a file as if it had arrived after the month, or so many days later than the others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    arrival = month.arrival + days_late * 86_400
    os.utime(path, (arrival, arrival))
