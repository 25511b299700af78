"""What a published release promises: same bytes again, nothing to do twice, and every number walks home."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from orchestration.publishing.evidence import evidence_file
from tests.end_to_end.conftest import World, must, yigongti
from tests.processes import from_scratch


def _hashes(release: Path) -> dict[str, str]:
    return {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted((release / "marts").glob("*.parquet"))
    }


@pytest.mark.proof
def test_same_inputs_give_the_same_mart_bytes(messy: World, tmp_path: Path) -> None:
    again = World(messy.county, tmp_path / "home")
    outcome = from_scratch("run", "--county", again.county, "--home", again.home)
    assert outcome.code == 0, outcome.text
    first = _hashes(messy.release)
    assert len(first) >= 9
    assert _hashes(again.release) == first


def test_a_second_run_publishes_nothing(messy: World) -> None:
    before = messy.release
    outcome = messy.run()
    assert outcome.code == 0, outcome.text
    assert messy.release == before
    assert len([p for p in (messy.home / "releases").iterdir() if p.is_dir()]) == 1


def test_manifest_hashes_are_those_of_the_files(messy: World) -> None:
    manifest = json.loads((messy.release / "manifest.json").read_text("utf-8"))
    files = {f["path"]: f["sha256"] for f in manifest["files"]}
    on_disk = {
        str(p.relative_to(messy.release)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in messy.release.rglob("*")
        if p.is_file() and p.name not in ("manifest.json", "manifest.sha256")
    }
    assert files == on_disk


def test_explain_walks_a_number_to_a_line_of_a_file(messy: World) -> None:
    """The evidence rows printed for an average length of stay are lines of the delivered file."""
    con = duckdb.connect()
    institution, denominator = con.execute(
        """select institution_id, denominator from read_parquet(?)
           where kpi_id = 'KPI-010' and month = '2025-03' and kpi_window = 'month' and denominator > 0
           order by denominator limit 1""",
        [str(messy.release / "marts" / "mart_kpi_value.parquet")],
    ).fetchone()
    text = must(
        "explain", "--home", messy.home, "--month", "2025-03",
        "--institution", institution, "--kpi", "KPI-010", "--rows",
    )  # fmt: skip
    file, line = con.execute(
        """select source_file, source_line from read_parquet(?, hive_partitioning = false)
           where institution_id = ? and typical_stays is not null order by source_file, source_line limit 1""",
        [str(messy.release / "lineage" / evidence_file("stay", "2025-03")), institution],
    ).fetchone()
    delivered = messy.county / "inbox" / file.split("#")[0]
    assert delivered.exists()
    assert Path(file.split("#")[0]).name in text
    assert str(line) in text
    assert str(int(denominator)) in text
    if delivered.suffix == ".csv":
        raw = delivered.read_bytes()
        try:
            lines = raw.decode("utf-8").splitlines()
        except UnicodeDecodeError:
            lines = raw.decode("gb18030").splitlines()
        assert 1 < line <= len(lines)


def test_every_batch_reconciles(messy: World) -> None:
    unequal = duckdb.execute(
        """select count(*) filter (where delivered_rows <> accepted_rows + quarantined_rows + duplicate_rows
             or delivered_fen <> accepted_fen + quarantined_fen + duplicate_fen), count(*), sum(duplicate_rows),
             sum(quarantined_rows), sum(delivered_fen)
           from read_parquet(?)""",
        [str(messy.release / "marts" / "mart_batch_reconciliation.parquet")],
    ).fetchone()
    assert unequal[0] == 0
    assert all(n > 0 for n in unequal[1:])


def test_the_duckdb_file_holds_the_marts_with_bilingual_comments(messy: World) -> None:
    con = duckdb.connect(str(messy.release / "marts.duckdb"), read_only=True)
    columns = con.execute(
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'"
    ).fetchall()
    assert len({t for t, _, _ in columns}) == len(_hashes(messy.release))
    silent = [(t, c) for t, c, comment in columns if not comment or "|" not in comment]
    assert silent == []


def test_wrong_usage_exits_2(tmp_path: Path) -> None:
    assert yigongti("run", "--county", tmp_path / "nowhere", "--home", tmp_path / "home").code == 2
    assert yigongti("run", "--month", "2025-13").code == 2
