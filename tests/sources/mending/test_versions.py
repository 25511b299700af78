"""Corrections, deletions, re-deliveries and late rows: the newest counts, and no earlier version is ever lost (V12, V16)."""

from __future__ import annotations

import os
from datetime import datetime

import pytest

from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.county.county import DEMONSTRATION_KEY, County
from sources.ingest import ingest_feed
from sources.mending.versions import Version, key_values, versions
from tests.sources.making import MONTH, MTIME, TOWNSHIP, deliver, visit, visits

DAY = 86_400


def send(county: County, name: str, *lines: str, days_later: int = 0, month: str = MONTH) -> None:
    path = deliver(county, f"{TOWNSHIP}/{month}/MZJZ_{month.replace('-', '')}{name}.csv", visits(*lines))
    os.utime(path, (MTIME + days_later * DAY, MTIME + days_later * DAY))


def told(county: County, home: Home, number: int = 1, months: tuple[str, ...] = (MONTH,)) -> list[Version]:
    ingest_feed(county, home, "his_op_visit", list(months))
    return versions(home, "his_op_visit", {"visit_id": f"MZ{number:06d}"})


def test_a_correction_keeps_both_times_and_both_versions(county: County, home: Home) -> None:
    send(county, "", visit(1), visit(2))
    told(county, home)
    send(county, "_b", visit(1, ZDBM="I11.900", GXSJ="2025-03-20 09:00:00"), days_later=20)
    first, second = told(county, home)
    assert (first.known_since, second.known_since) == (datetime(2025, 4, 8, 10), datetime(2025, 4, 28, 10))
    assert first.event_time == second.event_time == "2025-03-01 08:30:00"
    assert second.changed == {"main_diag_code": ("I10.x00x002", "I11.900")}
    assert (first.counts, second.counts) == (False, True)


def test_an_older_version_that_arrives_late_does_not_win(county: County, home: Home) -> None:
    send(county, "", visit(1, GXSJ="2025-03-20 09:00:00"))
    told(county, home)
    send(county, "_b", visit(1, ZDBM="I11.900", GXSJ="2025-03-02 09:00:00"), days_later=5)
    older, newer = told(county, home)
    assert (older.known_since > newer.known_since, newer.counts) == (True, True)


def test_a_deletion_is_a_version_that_ends_the_row(county: County, home: Home) -> None:
    send(county, "", visit(1))
    told(county, home)
    send(county, "_b", visit(1, CZBZ="D", GXSJ="2025-03-09 09:00:00"), days_later=3)
    kept, deleted = told(county, home)
    assert (kept.op_flag, kept.newest, deleted.newest, deleted.counts) == ("I", False, True, False)


def test_a_whole_month_sent_again_changes_only_what_changed(county: County, home: Home) -> None:
    send(county, "", visit(1), visit(2), visit(3))
    told(county, home)
    send(county, "_all", visit(1), visit(2, ZT="2"), visit(3), days_later=1)
    assert [version.changed for version in told(county, home, 1)] == [{}, {}]
    assert [version.changed for version in told(county, home, 2)] == [{}, {"status": ("1", "2")}]


def test_a_late_row_says_for_which_month_and_since_when(county: County, home: Home) -> None:
    send(county, "_late", visit(9, JZSJ="2025-02-27 08:00:00"), month="2025-02", days_later=40)
    (late,) = told(county, home, 9, ("2025-02", MONTH))
    assert (late.delivery_month, late.event_time) == ("2025-02", "2025-02-27 08:00:00")
    assert late.known_since == datetime(2025, 5, 18, 10)


def test_a_pseudonymised_key_is_found_by_its_clear_value() -> None:
    contract = load_contracts()["si_insured"]
    (name,) = key_values(contract, {"psn_no": "34000000000123456789"}, DEMONSTRATION_KEY)
    assert name == "insurance_key"
    with pytest.raises(ValueError, match="键为"):
        key_values(contract, {"gender": "1"}, DEMONSTRATION_KEY)


def test_a_key_that_leaves_beside_its_pseudonym_is_looked_for_as_it_is() -> None:
    staff = load_contracts()["his_staff"]
    assert key_values(staff, {"staff_id": "P000001"}, DEMONSTRATION_KEY) == {"staff_id": "P000001"}


def test_nobody_ever_sent_it(home: Home) -> None:
    assert versions(home, "his_op_visit", {"visit_id": "x"}) == []


def test_rows_of_a_part_of_the_key_are_told_apart(county: County, home: Home) -> None:
    cells = "ZYLSH,JBDM,ZYZD,JBDM1,QTZD1\nZY1,I10,甲,E11,乙\n"
    deliver(county, f"{TOWNSHIP}/{MONTH}/BASY_202503.csv", cells)
    ingest_feed(county, home, "his_mr_diag", [MONTH])
    found = versions(home, "his_mr_diag", {"visit_id": "ZY1"})
    assert [(v.key, v.counts, v.changed) for v in found] == [
        ({"visit_id": "ZY1", "seq": "0"}, True, {}),
        ({"visit_id": "ZY1", "seq": "1"}, True, {}),
    ]
