"""The index is built again exactly when something it is made of, or something it became, is another."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sources.base.home import Home
from sources.county.county import County
from sources.identity import unchanged
from sources.identity.index import build_person_index
from sources.ingest import ingest_feed, withdraw
from sources.intake.withdrawals import Decision
from tests.sources.making import MONTH, TOWNSHIP, deliver, make_county

HEADER = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH,GXSJ"


def register(county: County, home: Home, name: str, *numbers: str) -> str:
    """A file of patients is taken in; its batch."""
    lines = [f"{TOWNSHIP},{n},赵子涵,,,女,1984-03-17,,13812345678,,{MONTH}-05" for n in numbers]
    deliver(county, f"{TOWNSHIP}/{MONTH}/{name}.csv", "\n".join([HEADER, *lines]) + "\n")
    return ingest_feed(county, home, "his_patient", [MONTH])[-1].batch_id


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "county")


@pytest.fixture
def home(county: County, tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    register(county, home, "HZ_202503", "P1", "P2")
    build_person_index(county, home)
    return home


def written(home: Home) -> int:
    return home.person_index.stat().st_mtime_ns


def test_nothing_new_costs_nothing(county: County, home: Home) -> None:
    before, counted = written(home), build_person_index(county, home, full=True)
    assert written(home) != before
    before, again = written(home), build_person_index(county, home)
    assert written(home) == before
    assert again == counted
    assert again["pairs_kept"] == 1 and again["pairs_compared"] == 0


def another_batch(county: County, home: Home) -> None:
    register(county, home, "HZ_202503_2", "P3")


def a_withdrawal(county: County, home: Home) -> None:
    (batch,) = ingest_feed(county, home, "his_patient", [MONTH])
    withdraw(county, home, Decision(batch.batch_id, True, "试验", "陈档案", "2025-04-01"))


def a_decision(county: County, home: Home) -> None:
    (pair,) = pq.read_table(home.identity / "review.parquet")["pair_id"].to_pylist() or ["0123456789abcdef"]
    folder = county.folder / "identity"
    folder.mkdir()
    (folder / "decisions.csv").write_text(
        f"pair_id,decision,decided_by,decided_on\n{pair},different,陈档案,2025-04-01\n", "utf-8"
    )


def a_setting(county: County, home: Home) -> None:
    identity = county.settings.identity
    object.__setattr__(identity, "card_names", identity.card_names + 1)


def no_index(county: County, home: Home) -> None:
    home.person_index.unlink()


def an_altered_index(county: County, home: Home) -> None:
    table = pq.ParquetFile(home.person_index).read()
    pq.write_table(table.slice(0, 1), home.person_index)


def touched_records(county: County, home: Home) -> None:
    (records,) = home.identity.glob("records-*.parquet")
    os.utime(records, (1, 1))


def no_state(county: County, home: Home) -> None:
    (home.identity / "state.json").unlink()


def no_review_list(county: County, home: Home) -> None:
    home.identity_review.unlink()


@pytest.mark.parametrize(
    "happening",
    [
        another_batch,
        a_withdrawal,
        a_decision,
        a_setting,
        no_index,
        an_altered_index,
        touched_records,
        no_state,
        no_review_list,
    ],
)
def test_whatever_it_rests_on_is_noticed(
    county: County, home: Home, happening: Callable[[County, Home], None]
) -> None:
    assert unchanged.Made(county, home).counts() is not None
    happening(county, home)
    assert unchanged.Made(county, home).counts() is None
    build_person_index(county, home)
    assert unchanged.Made(county, home).counts() is not None


def test_other_code_builds_anew(county: County, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "_code", lambda: "other")
    assert unchanged.Made(county, home).counts() is None
