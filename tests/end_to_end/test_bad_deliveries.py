"""Deliveries as they should not be: each stops the release or changes nothing, says why, and loses nothing.

One county walks through a bad month, in the order of the tests: January and February are published, March arrives damaged
in three ways, is mended, is sent twice, and then something arrives for January.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import World, must

VISITS = "H34062100001/2025-03/MZJZ_202503.csv"


def _wrong_encoding(raw: bytes) -> bytes:
    return raw[:400] + b"\xff\xfe\xff\x81" + raw[400:]


def _missing_column(raw: bytes) -> bytes:
    header, rest = raw.split(b"\n", 1)
    return header.replace(header.split(b",")[1], b"NOT_THIS", 1) + b"\n" + rest


def _truncated(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


@pytest.fixture(scope="module")
def county(messy: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The messy county in a folder of its own, January and February published."""
    root = tmp_path_factory.mktemp("bad_month")
    shutil.copytree(messy.county, root / "county")
    world = World(root / "county", root / "home")
    outcome = world.run("--from", "2025-01", "--to", "2025-02")
    assert outcome.code == 0, outcome.text
    assert world.release.name == "2025-02.1"
    return world


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_wrong_encoding, ("UTF-8", "GB18030")),
        (_missing_column, ("NOT_THIS",)),
        (_truncated, ("control.csv",)),
    ],
)
def test_a_damaged_file_stops_the_release_and_says_why(
    county: World, damage: Callable[[bytes], bytes], words: tuple[str, ...]
) -> None:
    visits = county.inbox(VISITS)
    whole = visits.read_bytes()
    try:
        visits.write_bytes(damage(whole))
        outcome = county.run("--month", "2025-03")
    finally:
        visits.write_bytes(whole)

    assert outcome.code == 1, outcome.text
    assert county.release.name == "2025-02.1"
    missing = [word for word in (Path(VISITS).name, *words) if word not in outcome.text]
    assert not missing, outcome.text
    assert "Traceback" not in outcome.text


def test_the_mended_month_is_published(county: World) -> None:
    outcome = county.run("--month", "2025-03")
    assert outcome.code == 0, outcome.text
    assert county.release.name == "2025-03.1"


def test_the_same_file_under_another_name_changes_nothing(county: World) -> None:
    visits = county.inbox(VISITS)
    again = visits.with_name(visits.stem + "_again.csv")
    shutil.copy2(visits, again)

    outcome = county.run("--month", "2025-03")
    again.unlink()

    assert outcome.code == 0, outcome.text
    assert county.release.name == "2025-03.1"


def test_a_file_for_a_closed_month_waits_and_then_makes_a_revision(county: World) -> None:
    """Late visits of January: a March run only announces the file, a January run publishes January again."""
    visits = county.inbox("H34062100001/2025-01/MZJZ_202501.csv")
    lines = visits.read_bytes().split(b"\r\n" if b"\r\n" in visits.read_bytes() else b"\n")
    first = lines[1].split(b",")
    column = lines[0].split(b",").index(b"JZLSH")
    first[column] = b"LATE0001"
    late = visits.with_name("MZJZ_202501_late.csv")
    late.write_bytes(b"\n".join([lines[0], b",".join(first), b""]))

    march = county.run("--month", "2025-03")
    assert march.code == 0, march.text
    assert late.name in march.text
    assert "--month 2025-01" in march.text
    assert county.release.name == "2025-03.1"

    january = county.run("--month", "2025-01")
    assert january.code == 0, january.text
    assert county.release.name == "2025-01.2"
    before = county.home / "releases" / "2025-03.1" / "marts" / "mart_kpi_value.parquet"
    after = county.release / "marts" / "mart_kpi_value.parquet"
    changed = duckdb.execute(
        f"""select month, kpi_id, b.status, a.status from '{before}' b join '{after}' a
              using (month, "window", institution_id, kpi_id)
            where a.month <> '2025-01' and a.value is distinct from b.value or a.status <> b.status"""
    ).fetchall()
    assert changed == []


def test_a_gap_in_a_dictionary_is_mended_by_a_replay_and_everything_adds_up(county: World) -> None:
    """Rows that a mapping loses wait in quarantine by cause; the mended mapping brings all of them back, and it is published."""
    places = ("--county", county.county, "--home", county.home)
    chosen = ("--feed", "his_op_visit", "--institution", "H34062100001", "--month", "2025-03")
    mapping = county.county / "mappings" / "vendor_a.yml"
    whole = mapping.read_text(encoding="utf-8")
    mapping.write_text(whole.replace('    "急诊": "2"\n', "", 1), encoding="utf-8")
    must("feed", "replay", *places, *chosen)
    listed = must("feed", "quarantine", *places, *chosen)
    assert "VALUE_NOT_IN_SET" in listed and "急诊: ?" in listed

    mapping.write_text(whole, encoding="utf-8")
    said = must("feed", "replay", *places, *chosen)
    assert re.search(r"离开隔离 left the quarantine: [1-9]", said), said
    outcome = county.run("--month", "2025-03")
    assert outcome.code == 0, outcome.text
    rows, wrong, fen = duckdb.execute(
        f"""select count(*), count(*) filter (delivered_rows <> accepted_rows + quarantined_rows + duplicate_rows),
            count(*) filter (delivered_fen <> accepted_fen + quarantined_fen + duplicate_fen)
            from '{county.release / "marts" / "mart_batch_reconciliation.parquet"}'"""
    ).fetchone()
    assert rows > 0 and wrong == fen == 0
