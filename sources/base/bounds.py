"""Bounds of what one delivered file may cost: bytes, columns, one cell, seconds. Each is an assumption (假设).

Here: the settings and their defaults. Not here: who holds a file against them (connectors).
"""

from __future__ import annotations

from pydantic import Field

from sources.base.strict import Strict

_MIB = 1 << 20


class Bounds(Strict):
    """How large a delivery may be, and how much of it is held in memory at once; `settings:` of county.yml."""

    max_file_bytes: int = Field(default=8 << 30, gt=0)
    max_expanded_bytes: int = Field(default=8 << 30, gt=0)
    max_workbook_bytes: int = Field(default=1 << 30, gt=0)
    max_sheet_cells: int = Field(default=40_000_000, gt=0)
    max_reader_bytes: int = Field(default=6 << 30, gt=0)
    max_columns: int = Field(default=2_000, gt=0)
    max_cell_bytes: int = Field(default=4 * _MIB, gt=0)
    max_line_bytes: int = Field(default=32 * _MIB, gt=0)
    max_seconds_per_file: int = Field(default=1_800, gt=0)
    chunk_rows: int = Field(default=65_536, gt=0)
    chunk_bytes: int = Field(default=8 * _MIB, gt=0)


DEFAULT_BOUNDS = Bounds()
