"""Compacted rows: those that count and no others, a file per month, the same bytes whenever they are made."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sources.base.engine import ask
from sources.base.home import Home
from sources.compacted import Compacted, compact
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.ingest import ingest_feed, prepare, withdraw
from sources.intake.standing import rows_in_force
from sources.intake.withdrawals import Decision
from tests.sources.making import HOSPITAL, MONTH, TOWNSHIP, deliver, visit, visits

FEED, APRIL = "his_op_visit", "2025-04"


@pytest.fixture
def county(county: County) -> County:
    """Visits of two institutions in two months; the hospital sends a second file."""
    for month in (MONTH, APRIL):
        for who in (HOSPITAL, TOWNSHIP):
            rows = [visit(n, JGDM=who, JZSJ=f"{month}-0{n} 08:00:00") for n in range(1, 6)]
            deliver(county, f"{who}/{month}/MZJZ_{month.replace('-', '')}.csv", visits(*rows))
    deliver(county, f"{HOSPITAL}/{MONTH}/MZJZ_202503_2.csv", visits(visit(9, JGDM=HOSPITAL)))
    return county


@pytest.fixture
def home(county: County, tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    prepare(county, home, [MONTH, APRIL], [])
    ingest_feed(county, home, FEED, [MONTH, APRIL])
    return home


def made(home: Home, folder: Path) -> Compacted:
    (found,) = compact(home, folder, [FEED])
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))
    }


def test_a_month_is_one_file_of_the_rows_that_count_in_order(home: Home, tmp_path: Path) -> None:
    found = made(home, tmp_path / "lake")
    assert (found.files, found.written, found.rows) == (2, 2, 21)
    path = tmp_path / "lake" / FEED / f"month={MONTH}" / f"{FEED}.parquet"
    table = pq.ParquetFile(path).read()
    assert table.column_names == ["institution_id", *(c.name for c in load_contracts()[FEED].conformed)]
    order = list(
        zip(*(table[name].to_pylist() for name in ("institution_id", "org_code", "visit_id")), strict=True)
    )
    assert order == sorted(order)
    columns = ", ".join(c.name for c in load_contracts()[FEED].conformed)
    counted = ask(f"select {columns} from {rows_in_force(home, FEED)} order by all")
    assert ask(f"select {columns} from '{tmp_path}/lake/{FEED}/*/*.parquet' order by all") == counted


def test_what_has_not_changed_is_left_and_the_bytes_are_those_of_a_new_folder(
    county: County, home: Home, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    assert made(home, lake).written == 2
    before = contents(lake)
    assert made(home, lake).written == 0
    (batch,) = (b for b in ingest_feed(county, home, FEED, [MONTH]) if b.source_file.endswith("_2.csv"))
    withdraw(county, home, Decision(batch.batch_id, True, "报错了", "李工", "2025-04-10"))
    again = made(home, lake)
    assert (again.written, again.rows) == (1, 20)
    made(home, tmp_path / "new")
    assert contents(lake) == contents(tmp_path / "new")
    withdraw(county, home, Decision(batch.batch_id, False, "没错", "李工", "2025-04-11"))
    assert made(home, lake).written == 1
    assert contents(lake) == before


def test_a_month_of_which_nothing_counts_has_no_file(county: County, home: Home, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    made(home, lake)
    (lake / FEED / "notes.txt").write_text("not ours")
    for batch in ingest_feed(county, home, FEED, [APRIL]):
        withdraw(county, home, Decision(batch.batch_id, True, "报错了", "李工", "2025-04-10"))
    assert made(home, lake).files == 1
    assert not (lake / FEED / f"month={APRIL}").exists()
    assert (lake / FEED / "notes.txt").exists()


def test_a_batch_of_an_older_contract_has_todays_columns(home: Home, tmp_path: Path) -> None:
    """A contract gained a column since: of the batch conformed before it is null, of the others it is not."""
    (old, *_) = sorted((home.conformed / FEED).glob(f"institution_id={HOSPITAL}/month={MONTH}/*.parquet"))
    rows = pq.ParquetFile(old).read()
    pq.write_table(rows.drop_columns(["staff_id"]), old)
    assert made(home, tmp_path / "lake").rows == 21
    found = ask(
        f"select source_batch_id = '{old.stem}', count(*), count(staff_id) from '{tmp_path}/lake/{FEED}/*/*.parquet' group by 1 order by 1"
    )
    assert found == [(False, 21 - len(rows), 21 - len(rows)), (True, len(rows), 0)]
