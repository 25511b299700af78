"""What was put among the landed and the conformed is noticed when it is changed or removed, and how to mend it is said."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sources.base.home import Home
from sources.county.county import County
from sources.ingest import ingest_feed, replay, withdraw
from sources.intake.intact import AlteredError, refuse_altered
from sources.intake.withdrawals import Decision
from tests.sources.making import MONTH, TOWNSHIP, deliver, visit, visits

FEED = "his_op_visit"


@pytest.fixture
def batch_id(county: County, home: Home) -> str:
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1), visit(2)))
    (outcome,) = ingest_feed(county, home, FEED, [MONTH])
    refuse_altered(home)
    return outcome.batch_id


def _one_value(path: Path) -> None:
    """Another staff number of the same length, through the front door of Parquet; written after the outcome."""
    table = pq.ParquetFile(path).read()
    pq.write_table(table.slice(0, 1), path)


def _same_size(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("alter", [_one_value, _same_size, Path.unlink])
def test_an_altered_conformed_file_is_named_and_a_replay_mends_it(
    county: County, home: Home, batch_id: str, alter: Callable[[Path], None]
) -> None:
    alter(home.conformed_batch(FEED, TOWNSHIP, MONTH, batch_id))
    with pytest.raises(AlteredError, match=f"{batch_id}.*feed replay --feed {FEED}"):
        refuse_altered(home)
    replay(county, home, feed=FEED)
    refuse_altered(home, verify=True)


def test_a_file_that_hides_its_time_is_found_when_all_are_read(home: Home, batch_id: str) -> None:
    path = home.conformed_batch(FEED, TOWNSHIP, MONTH, batch_id)
    times = path.stat()
    _same_size(path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    refuse_altered(home)
    with pytest.raises(AlteredError, match=batch_id):
        refuse_altered(home, verify=True)


def test_a_copied_home_is_intact(home: Home, batch_id: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy of a [home]"
    shutil.copytree(home.root, copy, copy_function=shutil.copyfile)
    refuse_altered(Home(copy))


def test_a_landed_batch_that_is_gone_is_named_and_delivered_again_or_withdrawn(
    county: County, home: Home, batch_id: str
) -> None:
    shutil.rmtree(home.landed_batch(FEED, TOWNSHIP, MONTH, batch_id))
    with pytest.raises(AlteredError, match=f"(?s)MZJZ_202503.csv.*feed withdraw {batch_id}"):
        refuse_altered(home)
    ingest_feed(county, home, FEED, [MONTH])
    refuse_altered(home)

    (home.landed_batch(FEED, TOWNSHIP, MONTH, batch_id) / "rows.parquet").write_bytes(b"cut")
    with pytest.raises(AlteredError, match=batch_id):
        refuse_altered(home)
    withdraw(county, home, Decision(batch_id, True, "入库文件损坏", "李工", "2025-04-10"))
    refuse_altered(home)


def _remove(home: Home, batch_id: str) -> None:
    """Everything of a batch, as if it had never come."""
    shutil.rmtree(home.landed_batch(FEED, TOWNSHIP, MONTH, batch_id))
    for path in home.conformed.rglob(f"{batch_id}*"):
        path.unlink()


def test_a_batch_of_which_nothing_is_left_is_missed_and_delivered_again_or_withdrawn(
    county: County, home: Home, batch_id: str
) -> None:
    file = county.inbox / f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv"
    content = file.read_bytes()
    _remove(home, batch_id)
    file.unlink()
    ingest_feed(county, home, FEED, [MONTH])
    with pytest.raises(AlteredError, match=f"(?s)MZJZ_202503.csv.*feed withdraw {batch_id} --reason"):
        refuse_altered(home)
    file.write_bytes(content)
    ingest_feed(county, home, FEED, [MONTH])
    refuse_altered(home)

    _remove(home, batch_id)
    row = withdraw(county, home, Decision(batch_id, True, "不要了", "李工", "2025-04-10"))
    assert row is not None and row.standing == "withdrawn"
    refuse_altered(home)
    withdraw(county, home, Decision(batch_id, False, "要的", "李工", "2025-04-11"))
    with pytest.raises(AlteredError, match=batch_id):
        refuse_altered(home)


def test_of_a_batch_without_its_outcome_a_replay_is_asked_for(
    county: County, home: Home, batch_id: str
) -> None:
    (home.batch_outcome / f"{batch_id}.parquet").unlink()
    with pytest.raises(AlteredError, match=f"{batch_id}.*feed replay --feed {FEED}"):
        refuse_altered(home)
    replay(county, home, feed=FEED)
    refuse_altered(home)


def test_what_was_overtaken_or_refused_may_be_gone(county: County, home: Home, batch_id: str) -> None:
    name = f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv"
    deliver(county, name, visits(visit(1), visit(3)))
    ingest_feed(county, home, FEED, [MONTH])
    _remove(home, batch_id)
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503_2.csv", "no,header\n1,2\n")
    (again, refused) = ingest_feed(county, home, FEED, [MONTH])
    assert (again.status, refused.status) == ("conformed", "refused")
    (county.inbox / f"{TOWNSHIP}/{MONTH}/MZJZ_202503_2.csv").unlink()
    ingest_feed(county, home, FEED, [MONTH])
    refuse_altered(home)


def test_batches_from_before_there_was_a_ledger_are_in_it_from_the_next_on(
    county: County, home: Home, batch_id: str
) -> None:
    (home.landing / FEED / "taken_in.jsonl").unlink()
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503_2.csv", visits(visit(4)))
    ingest_feed(county, home, FEED, [MONTH])
    _remove(home, batch_id)
    with pytest.raises(AlteredError, match=batch_id):
        refuse_altered(home)
