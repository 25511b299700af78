"""Deliveries as they should not be: each stops the release or changes nothing, says why, and loses nothing.

One county walks through a bad month, in the order of the tests: all its months are published, a file of March is sent again,
damaged in one of six ways, then mended, and sent twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import World

VISITS = "H34062100001/2025-03/MZJZ_202503.csv"
FEES = "H34062100001/2025-03/FYMX_202503.csv"


def _wrong_encoding(raw: bytes) -> bytes:
    """No line is of any encoding we know; one such line would be set apart alone."""
    return raw.replace(b"\n", b"\xff\xfe\xff\x81\n")


def _missing_column(raw: bytes) -> bytes:
    header, rest = raw.split(b"\n", 1)
    return header.replace(header.split(b",")[1], b"NOT_THIS", 1) + b"\n" + rest


def _truncated(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def _numbered_one_to_four(raw: bytes) -> bytes:
    """Every line keeps its content and loses its number, which stands in the second column."""
    header, *lines = raw.rstrip(b"\n").split(b"\n")
    renumbered = []
    for position, line in enumerate(lines):
        institution, _, rest = line.split(b",", 2)
        renumbered.append(b"%s,%d,%s" % (institution, position % 4 + 1, rest))
    return b"\n".join([header, *renumbered]) + b"\n"


def _numbered_like_last_month(raw: bytes) -> bytes:
    return raw.replace(b",F2503", b",F2502")


@pytest.mark.parametrize(
    ("name", "damage", "words"),
    [
        pytest.param(
            VISITS, _wrong_encoding, (Path(VISITS).name, "UTF-8", "GB18030"), marks=pytest.mark.proof
        ),
        pytest.param(VISITS, _missing_column, (Path(VISITS).name, "NOT_THIS"), marks=pytest.mark.proof),
        pytest.param(VISITS, _truncated, (Path(VISITS).name, "control.csv"), marks=pytest.mark.proof),
        (FEES, _numbered_one_to_four, (Path(FEES).name, "KEY_REUSED")),
        # Each visit has a time of change of its own: to the models these are versions of four visits.
        pytest.param(
            VISITS, _numbered_one_to_four, ("core.his_op_visit.events_kept",), marks=pytest.mark.proof
        ),
        pytest.param(
            FEES, _numbered_like_last_month, ("core.his_fee_detail.events_kept",), marks=pytest.mark.proof
        ),
    ],
)
def test_a_damaged_file_stops_the_release_and_says_why(
    own: World, name: str, damage: Callable[[bytes], bytes], words: tuple[str, ...]
) -> None:
    file = own.inbox(name)
    whole = file.read_bytes()
    try:
        file.write_bytes(damage(whole))
        outcome = own.run("--month", "2025-03")
    finally:
        file.write_bytes(whole)

    assert outcome.code == 1, outcome.text
    assert own.release.name == "2025-03.1"
    missing = [word for word in words if word not in outcome.text]
    assert not missing, outcome.text
    assert "Traceback" not in outcome.text


@pytest.mark.proof
def test_the_mended_file_counts_again(own: World) -> None:
    """The figures are what they were; the release says that another file came between."""
    before = _figures(own)
    outcome = own.run("--month", "2025-03")
    assert outcome.code == 0, outcome.text
    assert own.release.name == "2025-03.2"
    assert _figures(own) == before


@pytest.mark.proof
def test_the_same_file_under_another_name_changes_nothing(own: World) -> None:
    before = own.release
    visits = own.inbox(VISITS)
    again = visits.with_name(visits.stem + "_again.csv")
    shutil.copy2(visits, again)

    outcome = own.run("--month", "2025-03")
    again.unlink()

    assert outcome.code == 0, outcome.text
    assert own.release == before


def _figures(world: World) -> list[tuple]:
    """What is published of every unit, but for the release that says it."""
    mart = world.release / "marts" / "mart_unit_value.parquet"
    return duckdb.execute(
        f"select * exclude (release_id) from '{mart}' where kpi_id not in ('KPI-149', 'KPI-150') order by all"
    ).fetchall()
