"""The two engines of the person index: one for clear values, one for tokens and pseudonyms.

What is personal never touches a disk in the clear, so the first cannot spill and is only given so much at a time. The
second holds every record and may. Not here: what they are asked.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from sources.base.engine import connect


def private_connection() -> duckdb.DuckDBPyConnection:
    """DuckDB in memory that never spills to disk: what it holds is personal."""
    return connect(temp_directory="")


def token_connection(spill: Path, memory_mib: int) -> duckdb.DuckDBPyConnection:
    """DuckDB in memory that holds at most `memory_mib` there and the rest under `spill`: no clear values in it."""
    spill.mkdir(parents=True, exist_ok=True)
    return connect(temp_directory=str(spill), memory_limit=f"{memory_mib}MiB")
