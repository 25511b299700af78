"""No file of a home folder, whatever its format, holds a true name, ID card or telephone number."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.end_to_end.conftest import World

# Names of two characters also occur inside ordinary words; a name counts as found when it stands alone in a cell.
LONG_ENOUGH = 7


class Numbers:
    """Finds any of many numbers anywhere in a text: every stretch of a number's length is looked up, where there are digits.

    One pattern of all numbers would try thousands of alternatives at every character.
    """

    _DIGITS = re.compile("[0-9]{6}")

    def __init__(self, numbers: Iterable[str]) -> None:
        self._numbers = frozenset(numbers)
        self._lengths = sorted({len(number) for number in self._numbers})
        assert all(map(self._DIGITS.search, self._numbers))

    def search(self, text: str) -> bool:
        return self._DIGITS.search(text) is not None and any(
            text[start : start + length] in self._numbers
            for length in self._lengths
            for start in range(len(text) - length + 1)
        )


@pytest.fixture(scope="module")
def identifiers(messy: World) -> tuple[frozenset[str], Numbers]:
    """Names (whole cells) and numbers (anywhere) of everyone in the county."""
    with (messy.county / "truth" / "resident.csv").open(encoding="utf-8") as file:
        people = list(csv.DictReader(file))
    numbers = {
        p[k] for p in people for k in ("id_no", "phone", "insu_no", "ehr_no") if len(p[k]) >= LONG_ENOUGH
    }
    assert len(numbers) > len(people)
    return frozenset(p["name"] for p in people), Numbers(numbers)


def _cells(path: Path) -> list[str]:
    """Every text in a file: Parquet and DuckDB cell by cell, anything else as text."""
    if path.suffix == ".parquet":
        table = pq.ParquetFile(path).read()
        return _text_cells(table)
    if path.suffix == ".duckdb":
        con = duckdb.connect()
        con.execute(f"attach '{path}' as file (read_only)")
        tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        return [c for s, t in tables for c in _text_cells(con.table(f'file."{s}"."{t}"').to_arrow_table())]
    return path.read_bytes().decode("utf-8", "ignore").split("\n")


def _text_cells(table) -> list[str]:
    return [
        value
        for column in table.columns
        if str(column.type) in ("string", "large_string") or "dictionary" in str(column.type)
        for value in column.unique().to_pylist()
        if value
    ]


def test_no_identifier_outside_the_encrypted_landing(messy: World, identifiers) -> None:
    names, numbers = identifiers
    found, scanned, seen = [], 0, set()
    for path in sorted(messy.home.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        landed = path.name == "rows.parquet" and "landing" in path.parts
        if landed or path.parent.parent == messy.home / "identity" / "attributes":
            with pytest.raises(Exception, match=r"[Ee]ncrypt|decrypt|key"):
                pq.ParquetFile(path).read()
            continue
        # Most cells stand in several files; the first that holds one is named.
        cells = set(_cells(path)) - seen
        seen |= cells
        scanned += 1
        hits = [c for c in cells if c.strip() in names or numbers.search(c)]
        found += [(str(path.relative_to(messy.home)), len(hits))] if hits else []
    assert found == []
    assert scanned > 100


def test_the_scanner_finds_a_planted_name_and_a_number_inside_a_text(
    messy: World, identifiers, tmp_path: Path
) -> None:
    names, numbers = identifiers
    with (messy.county / "truth" / "resident.csv").open(encoding="utf-8") as file:
        card = next(csv.DictReader(file))["id_no"]
    planted, around = tmp_path / "leak.parquet", f"1{card}2"
    duckdb.sql(f"copy (select unnest(['{min(names)}', '{around}', '{card[:-1]}']) as note) to '{planted}'")
    found = [c for c in _cells(planted) if c in names or numbers.search(c)]
    assert sorted(found) == sorted([min(names), around])
