"""Identifiers typed into text columns of a county's own files, followed through a whole run: nothing the run leaves shows one.

What becomes of them column by column is tested where they are covered (tests/sources/conforming/test_identifiers.py).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import yaml

from sources.contracts.load import load_contracts
from tests.end_to_end.conftest import World, must, yigongti
from tests.end_to_end.test_privacy import _cells
from tests.sources.conforming.test_identifiers import PLANTED, TRACES

pytestmark = pytest.mark.proof

FOUND = re.compile("|".join(map(re.escape, TRACES)))
STAND_IN = re.compile(r"~[0-9a-f]{16}")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, str]:
    """A county of 500 residents with a planted file of every feed, and all that a run printed."""
    root = tmp_path_factory.mktemp("planted")
    world = World(root / "county", root / "home")
    must(
        "county",
        "simulate",
        world.county,
        "--residents",
        "500",
        "--months",
        "1",
        "--seed",
        "7",
        "--defects",
        "none",
    )
    assert len(set(_plant(world.county))) > 150
    outcome = world.run()
    assert outcome.code == 0, outcome.text
    return world, outcome.text


def _plant(county: Path) -> Iterator[tuple[str, str]]:
    """In the longest CSV file of every feed, in a row of its own for each text column; (feed, column) of each."""
    tokens = count()
    for feed, names, path in _longest_files(county):
        contract, (encoding, rows) = load_contracts()[feed], _read(path)
        text = [
            column.name
            for column in contract.columns
            if column.logical_type == "string"
            and column.format != "month"
            and not (column.valid_values or column.references or column.privacy)
            and column.name in names
        ]
        for row, name in zip(rows[1:], text, strict=False):
            row[rows[0].index(names[name])] = PLANTED[next(tokens) % len(PLANTED)]
            yield feed, name
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows(rows)
        path.write_bytes(stream.getvalue().encode(encoding))


def _longest_files(county: Path) -> list[tuple[str, dict[str, str], Path]]:
    """(feed, {column: header}, path) for each feed that comes as CSV."""
    found: dict[str, tuple[int, dict[str, str], Path]] = {}
    for mapping in sorted((county / "mappings").glob("*.yml")):
        for feed, said in yaml.safe_load(mapping.read_text("utf-8"))["feeds"].items():
            names = {
                name: header for name, header in said.get("columns", {}).items() if isinstance(header, str)
            }
            start = Path(str(said.get("file", ""))).name.split("{")[0]
            for path in sorted((county / "inbox").rglob(f"{start}*.csv")) if start else ():
                rows = _read(path)[1]
                fits = set(names.values()) <= set(rows[0])
                if fits and len(rows) > found.get(feed, (1,))[0]:
                    found[feed] = (len(rows), names, path)
    return [(feed, names, path) for feed, (_, names, path) in sorted(found.items())]


def _read(path: Path) -> tuple[str, list[list[str]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return encoding, list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))
        except UnicodeDecodeError:
            continue
    raise AssertionError(f"{path} is neither UTF-8 nor GB18030")


def _texts(home: Path) -> Iterator[tuple[Path, str]]:
    """Every text of every readable file; what is encrypted is not (test_privacy)."""
    for path in sorted(home.rglob("*")):
        landed = path.name == "rows.parquet" or path.parent.parent == home / "identity" / "attributes"
        if path.is_file() and not path.is_symlink() and not landed:
            yield from ((path, text) for text in (path.name, *_cells(path)))


def test_no_file_of_the_home_and_nothing_printed_shows_a_planted_identifier(
    planted: tuple[World, str],
) -> None:
    world, printed = planted
    leaks, reached = set(), set()
    for path, text in _texts(world.home):
        folder = path.relative_to(world.home).parts[0]
        if FOUND.search(text):
            leaks.add((str(path.relative_to(world.home)), FOUND.sub(lambda hit: f"<{hit[0]}>", text)[:200]))
        if STAND_IN.search(text):
            reached.add(folder)
    assert sorted(leaks)[:20] == []
    assert FOUND.search(printed) is None
    assert {"conformed", "warehouse", "releases"} <= reached, "the planted rows went all the way"


def test_commands_that_show_rows_show_none(planted: tuple[World, str]) -> None:
    world, _ = planted
    place = ("--county", world.county, "--home", world.home)
    for words in (("feed", "quarantine"), ("code", "unmapped"), ("quality",), ("feed", "batches")):
        outcome = yigongti(*words, *place)
        assert outcome.code in (0, 1) and outcome.text and FOUND.search(outcome.text) is None, words
