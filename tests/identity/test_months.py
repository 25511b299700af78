"""Months taken in one after another: the people of all at once, and whoever is withdrawn leaves."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.base.engine import connect
from sources.base.home import Home
from sources.county.county import County
from sources.identity import engines, linking, records
from sources.identity.attributes import Attributes
from sources.identity.index import IndexMemoryError, build_person_index
from sources.identity.linking import Linked
from sources.identity.rows import unlock
from sources.identity.store import State
from sources.identity_training.rehearsal import rehearse
from sources.ingest import ingest_feed, withdraw
from sources.intake.withdrawals import Decision
from tests.identity.people import SETTINGS, empty_state, link, partition
from tests.sources.making import TOWNSHIP, deliver, make_county

HEADER = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH,GXSJ"
CARD = "340699198403170020"
# Once 赵子涵 without a card, again with it, and somebody else in the month that is withdrawn.
MONTHS = {
    "2025-01": [("P1", "赵子涵", "", "13812345678")],
    "2025-02": [("P2", "赵子涵", CARD, "13812345678"), ("P3", "王秀芳", "", "13900000001")],
    "2025-03": [("P4", "赵子涵", CARD, ""), ("P5", "李建国", "", "13700000002")],
}


@pytest.mark.parametrize("seed", [1, 2])
def test_months_in_any_order_give_the_people_of_all_at_once(seed: int) -> None:
    """Rows of a record lie in several months, so that older values come after newer ones."""
    rows = rehearse(1_200, seed=seed).attributes
    again = rows.slice(0, 200).set_column(
        rows.schema.get_field_index("source_line"), "source_line", pa.array(range(-200, 0), pa.int64())
    )
    everything = pa.concat_tables([rows, again])
    order = list(range(everything.num_rows))
    random.Random(seed).shuffle(order)
    whole, state = link(everything), empty_state()
    for end in (500, 1_000, len(order)):
        month = link(everything.take(pa.array(order[:end])), state)
        state = _remembering(month)
    assert partition(month) == partition(whole)
    assert month.pairs.equals(whole.pairs)
    assert month.records.equals(whole.records)
    assert month.compared < whole.compared


def _remembering(linked: Linked) -> State:
    people = linked.records.append_column("person_key", linked.records.column("local_key"))
    return State(1, 0, linking.fingerprint(SETTINGS), people, empty_state().persons, linked.pairs)


@pytest.fixture
def county(tmp_path: Path) -> County:
    made = make_county(tmp_path / "county")
    for month, people in MONTHS.items():
        lines = [
            f"{TOWNSHIP},{p},{name},,{card},女,1984-03-17,,{phone},,{month}-05"
            for p, name, card, phone in people
        ]
        deliver(
            made, f"{TOWNSHIP}/{month}/HZ_{month.replace('-', '')}.csv", "\n".join([HEADER, *lines]) + "\n"
        )
    return made


def build(county: County, home: Home, *months: str) -> dict[str, str]:
    """{record: person key} after these months were taken in."""
    batches = ingest_feed(county, home, "his_patient", months)
    assert all(batch.status == "conformed" for batch in batches)
    build_person_index(county, home)
    rows = pq.ParquetFile(home.person_index).read().to_pylist()
    return {row["local_key"]: row["person_key"] for row in rows}


def test_a_month_that_is_withdrawn_leaves_the_index(county: County, tmp_path: Path) -> None:
    home, without = Home(tmp_path / "home"), Home(tmp_path / "without")
    first, second, third = MONTHS
    for month in (first, second):
        before = build(county, home, month)
    assert build(county, without, first, second).keys() == before.keys()
    (batch,) = ingest_feed(county, home, "his_patient", [third])
    with_third = build(county, home, third)
    assert len(with_third) == 5 and before.items() <= with_third.items()
    withdraw(county, home, Decision(batch.batch_id, True, "wrong month", "陈档案", "2025-04-01"))
    build_person_index(county, home)
    assert {
        row["local_key"]: row["person_key"] for row in pq.ParquetFile(home.person_index).read().to_pylist()
    } == before
    names = [path.name for path in home.identity_attributes.rglob("*.parquet")]
    assert len(names) == 2 and not any(name.startswith(batch.batch_id) for name in names)


def test_too_little_memory_says_which_setting_to_raise(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        engines, "token_connection", lambda spill, mib: connect(temp_directory="", memory_limit="1MiB")
    )
    ingest_feed(county, Home(tmp_path / "home"), "his_patient", ["2025-01"])
    with pytest.raises(IndexMemoryError, match="memory_mib"):
        build_person_index(county, Home(tmp_path / "home"))


def test_what_the_engine_of_tokens_holds_is_never_clear(county: County, tmp_path: Path) -> None:
    """Whatever it may write to the disk: no name, card, telephone or day of birth stands in any of its tables."""
    home = Home(tmp_path / "home")
    build(county, home, *MONTHS)
    with engines.token_connection(home.spill, 256) as connection:
        unlock(connection, b"secret of the tests")
        records.load(connection, Attributes(county, home), records.keys_in(home), SETTINGS)
        text = str(connection.execute("from record").fetchall())
    assert text.count("patient") == 5
    assert not any(clear in text for clear in ("赵子涵", "zao", CARD, "13812345678", "1984, 3", "1984-03-17"))
