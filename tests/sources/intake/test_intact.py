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
from sources.intake.intact import is_whole, refuse_altered
from sources.intake.losses import AlteredError
from sources.intake.standing import out_of_force
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
    home.taken_in(FEED).unlink()
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503_2.csv", visits(visit(4)))
    ingest_feed(county, home, FEED, [MONTH])
    _remove(home, batch_id)
    with pytest.raises(AlteredError, match=batch_id):
        refuse_altered(home)


LOST = [
    "landing/his_op_visit/institution_id=H34062100101/month=2025-03/{id}/rows.parquet",
    "landing/his_op_visit/institution_id=H34062100101/month=2025-03/{id}/manifest.json",
    "landing/his_op_visit/institution_id=H34062100101/month=2025-03/{id}",
    "landing/his_op_visit/institution_id=H34062100101/month=2025-03",
    "landing/his_op_visit",
    "landing",
    "conformed/his_op_visit/institution_id=H34062100101/month=2025-03/{id}.parquet",
    "conformed/his_op_visit/institution_id=H34062100101/month=2025-03",
    "conformed/his_op_visit",
    "conformed/batch_outcome/{id}.parquet",
    "conformed/batch_outcome",
    "conformed/column_profile/{id}.parquet",
    "conformed/column_profile",
    "conformed",
]


def _lose(home: Home, name: str) -> None:
    path = home.root / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


@pytest.mark.parametrize("lost", [[each] for each in LOST] + [["landing", "conformed"]])
def test_whatever_is_gone_is_named_and_the_way_out_leads_out(
    county: County, home: Home, batch_id: str, lost: list[str]
) -> None:
    """Where the inbox has been emptied, and where it has not."""
    file = county.inbox / f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv"
    content = file.read_bytes()
    assert is_whole(home)
    for name in lost:
        _lose(home, name.format(id=batch_id))
    file.unlink()
    ingest_feed(county, home, FEED, [MONTH])
    assert not is_whole(home)
    with pytest.raises(AlteredError, match=f"(?s){FEED}.*batch {batch_id}") as said:
        refuse_altered(home)
    (line,) = str(said.value).splitlines()
    assert "MZJZ_202503.csv" in line
    if "feed replay" in line:
        replay(county, home, feed=FEED)
    else:
        assert f"feed withdraw {batch_id}" in line
        shutil.rmtree(home.landed_batch(FEED, TOWNSHIP, MONTH, batch_id), ignore_errors=True)
        file.write_bytes(content)
        ingest_feed(county, home, FEED, [MONTH])
    refuse_altered(home, verify=True)
    assert is_whole(home)


@pytest.mark.parametrize("lost", ["rule_outcome", "rule_outcome/{id}.parquet", "quarantine"])
def test_what_is_written_beside_the_conformed_rows_is_missed(county: County, home: Home, lost: str) -> None:
    """Without the rules that a batch broke the gates would find nothing."""
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1), visit(2, JZSJ="gestern")))
    (outcome,) = ingest_feed(county, home, FEED, [MONTH])
    assert outcome.quarantined_rows == 1
    _lose(
        home,
        lost.format(id=outcome.batch_id)
        if lost == "quarantine"
        else f"conformed/{lost.format(id=outcome.batch_id)}",
    )
    with pytest.raises(
        AlteredError, match=f"{outcome.batch_id}.*{lost.split('/')[0]}.*feed replay --feed {FEED}"
    ):
        refuse_altered(home)
    replay(county, home, feed=FEED)
    refuse_altered(home)


def test_which_batches_count_is_missed_and_a_replay_mends_it(
    county: County, home: Home, batch_id: str
) -> None:
    """Else what was overtaken or withdrawn would count again."""
    withdraw(county, home, Decision(batch_id, True, "重复", "李工", "2025-04-10"))
    (county.inbox / f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv").unlink()
    shutil.rmtree(home.batch_standing)
    assert not is_whole(home)
    with pytest.raises(AlteredError, match=f"conformed/batch_standing.*feed replay --feed {FEED}"):
        refuse_altered(home)
    replay(county, home, feed=FEED)
    refuse_altered(home)
    assert is_whole(home)


def test_a_decision_outlives_the_landing(county: County, home: Home, batch_id: str) -> None:
    """A withdrawn file that still lies in the inbox does not count again."""
    withdraw(county, home, Decision(batch_id, True, "重复", "李工", "2025-04-10"))
    shutil.rmtree(home.landing)
    shutil.rmtree(home.conformed)
    ingest_feed(county, home, FEED, [MONTH])
    refuse_altered(home)
    assert out_of_force(home) == {batch_id}


def test_what_is_gone_with_one_folder_is_told_once(county: County, home: Home, batch_id: str) -> None:
    for number in range(2, 5):
        deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503_{number}.csv", visits(visit(number + 10)))
    ingest_feed(county, home, FEED, [MONTH])
    shutil.rmtree(home.landing / FEED)
    with pytest.raises(AlteredError) as said:
        refuse_altered(home)
    (line,) = str(said.value).splitlines()
    assert line.startswith("4 个批次") and f"landing/{FEED}。" in line


def test_a_batch_that_today_s_mapping_refuses_is_not_missed(
    county: County, home: Home, batch_id: str
) -> None:
    mapping = county.folder / "mappings" / "vendor.yml"
    mapping.write_text(mapping.read_text("utf-8").replace("visit_id: JZLSH", "visit_id: JZLSH2"), "utf-8")
    (refused,) = ingest_feed(County.load(county.folder), home, FEED, [MONTH])
    assert refused.status == "refused"
    refuse_altered(home)
    assert is_whole(home)
