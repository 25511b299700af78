"""What happens to months that are published: late rows make a revision, and a mended mapping brings rows back.

One county, in the order of the tests: all its months are published, then something arrives for January, then a gap in a
dictionary is found in March.
"""

from __future__ import annotations

import re

import duckdb
import pytest

from tests.end_to_end.conftest import World, must

pytestmark = pytest.mark.proof


def test_a_file_for_a_closed_month_waits_and_then_makes_a_revision(own: World) -> None:
    """Late visits of January: a March run only announces the file, a January run publishes January again."""
    visits = own.inbox("H34062100001/2025-01/MZJZ_202501.csv")
    lines = visits.read_bytes().split(b"\r\n" if b"\r\n" in visits.read_bytes() else b"\n")
    first = lines[1].split(b",")
    column = lines[0].split(b",").index(b"JZLSH")
    first[column] = b"LATE0001"
    late = visits.with_name("MZJZ_202501_late.csv")
    late.write_bytes(b"\n".join([lines[0], b",".join(first), b""]))

    march = own.run("--month", "2025-03")
    assert march.code == 0, march.text
    assert late.name in march.text
    assert "--month 2025-01" in march.text
    assert own.release.name == "2025-03.1"

    january = own.run("--month", "2025-01")
    assert january.code == 0, january.text
    assert own.release.name == "2025-01.2"
    before = own.home / "releases" / "2025-03.1" / "marts" / "mart_kpi_value.parquet"
    after = own.release / "marts" / "mart_kpi_value.parquet"
    changed = duckdb.execute(
        f"""select month, kpi_id, b.status, a.status from '{before}' b join '{after}' a
              using (month, kpi_window, institution_id, kpi_id)
            where a.month <> '2025-01' and a.value is distinct from b.value or a.status <> b.status"""
    ).fetchall()
    assert changed == []


def test_a_gap_in_a_dictionary_is_mended_by_a_replay_and_everything_adds_up(own: World) -> None:
    """Rows that a mapping loses wait in quarantine by cause; the mended mapping brings all of them back, and it is published."""
    places = ("--county", own.county, "--home", own.home)
    chosen = ("--feed", "his_op_visit", "--institution", "H34062100001", "--month", "2025-03")
    mapping = own.county / "mappings" / "vendor_a.yml"
    whole = mapping.read_text(encoding="utf-8")
    mapping.write_text(whole.replace('    "急诊": "2"\n', "", 1), encoding="utf-8")
    must("feed", "replay", *places, *chosen)
    listed = must("feed", "quarantine", *places, *chosen)
    assert "VALUE_NOT_IN_SET" in listed and "急诊: ?" in listed

    mapping.write_text(whole, encoding="utf-8")
    said = must("feed", "replay", *places, *chosen)
    assert re.search(r"离开隔离 left the quarantine: [1-9]", said), said
    outcome = own.run("--month", "2025-03")
    assert outcome.code == 0, outcome.text
    rows, wrong, fen = duckdb.execute(
        f"""select count(*), count(*) filter (delivered_rows <> accepted_rows + quarantined_rows + duplicate_rows),
            count(*) filter (delivered_fen <> accepted_fen + quarantined_fen + duplicate_fen)
            from '{own.release / "marts" / "mart_batch_reconciliation.parquet"}'"""
    ).fetchone()
    assert rows > 0 and wrong == fen == 0
