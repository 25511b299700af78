"""Waivers: accepted until a date, by a named owner, judged against the closing date of the run's month."""

from __future__ import annotations

import datetime as dt

import pytest

from expectations.gate import closing_date, run_gate
from expectations.known import waiver_problems
from tests.expectations.conftest import LEAD, MONTH, TOWN, HandmadeHome

CHECK = "feed.his_rx.quarantined"


def waiver(**changes) -> dict:
    return {
        "check_id": CHECK,
        "institution_id": TOWN,
        "month_from": None,
        "reason": "厂商修复中",
        "owner": "李工",
        "expires_on": dt.date(2025, 4, 30),
        "effective_from": dt.date(2025, 1, 1),
        "effective_to": None,
        "batches": "b0 b1",
    } | changes


def judge(handmade: HandmadeHome, *waivers: dict) -> tuple[str, str]:
    """(outcome, Chinese message) of a batch with too many quarantined rows."""
    handmade.outcomes([{"accepted_rows": 900, "quarantined_rows": 100}], [])
    handmade.prescriptions(900)
    if waivers:
        handmade.policy("waiver", list(waivers))
    rows = run_gate("feed", handmade.home, [MONTH], ["his_rx"]).to_frame()
    row = rows[rows.check_id == CHECK].iloc[0]
    return row.outcome, row.message_zh


def test_a_waiver_in_force_waives_and_names_its_owner(handmade: HandmadeHome) -> None:
    outcome, message = judge(handmade, waiver())
    assert outcome == "waived"
    assert "李工" in message and "厂商修复中" in message and "2025-04-30" in message


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_on": dt.date(2025, 4, 14)},  # the accounts of March close on 15 April
        {"institution_id": LEAD},
        {"check_id": "feed.his_rx.usable"},
        {"month_from": "2025-04"},
        {"effective_to": dt.date(2025, 3, 31)},
    ],
    ids=["expired", "other institution", "other check", "later month", "withdrawn"],
)
def test_a_waiver_that_does_not_apply_leaves_the_failure(handmade: HandmadeHome, changes: dict) -> None:
    outcome, message = judge(handmade, waiver(**changes))
    assert outcome == "fail"
    assert ("到期" in message) == ("expires_on" in changes)


def test_a_waiver_holds_to_the_day_it_expires_and_for_every_institution_if_none_is_named(handmade) -> None:
    assert judge(handmade, waiver(expires_on=dt.date(2025, 4, 15), institution_id=None))[0] == "waived"


def test_expiry_follows_the_countys_closing_day_not_the_calendar(handmade: HandmadeHome) -> None:
    handmade.close_after(10)
    assert closing_date(handmade.home, MONTH) == dt.date(2025, 4, 10)
    assert closing_date(handmade.home, "2025-02") == dt.date(2025, 6, 7)
    assert judge(handmade, waiver(expires_on=dt.date(2025, 4, 14)))[0] == "waived"


def test_a_policy_without_a_closing_day_is_an_error(handmade: HandmadeHome) -> None:
    handmade.policy("kpi_parameter", [{"parameter": "minimum_peers", "value": 5}])
    with pytest.raises(LookupError, match="close_after_days"):
        closing_date(handmade.home, MONTH)


def test_reconciliation_cannot_be_waived(handmade: HandmadeHome) -> None:
    handmade.outcomes([{"accepted_rows": 999}], [])
    handmade.prescriptions(999)
    handmade.policy("waiver", [waiver(check_id="feed.his_rx.rows_reconcile")])
    failures = run_gate("feed", handmade.home, [MONTH], ["his_rx"]).failures
    (message,) = failures[failures.check_id == "feed.his_rx.rows_reconcile"].message_zh
    assert "不可豁免" in message


@pytest.mark.parametrize("batches", [None, "", "b0 b2"])
def test_a_waiver_does_not_cover_the_next_bad_file(handmade: HandmadeHome, batches: str | None) -> None:
    outcome, message = judge(handmade, waiver(batches=batches))
    assert outcome == "fail"
    assert "豁免未写明批次 b1" in message and "batches=b1" in message


def test_a_failing_batch_names_its_ways_out(handmade: HandmadeHome) -> None:
    outcome, message = judge(handmade)
    assert outcome == "fail"
    assert "yigongti feed withdraw b1" in message and f"check_id={CHECK}" in message
    handmade.outcomes([{"accepted_rows": 999}], [])
    failures = run_gate("feed", handmade.home, [MONTH], ["his_rx"]).failures
    (message,) = failures[failures.check_id == "feed.his_rx.rows_reconcile"].message_zh
    assert "feed withdraw b1" in message and "waiver.csv" not in message, (
        "what cannot be waived is not offered"
    )


def test_a_waiver_of_no_check_is_told_with_its_line() -> None:
    """It would never apply, and nobody would know."""
    sound = ["feed.his_rx.quarantined", "feed.his_rx.rx_no.missing", "core.fct_fee_line.key_unique"]
    assert waiver_problems(list(enumerate(sound))) == []
    unknown, fixed = waiver_problems([(2, "feed.his_rx.quarantine"), (3, "feed.his_rx.rows_reconcile")])
    assert unknown.line == 2 and "near: feed.his_rx.quarantined" in unknown.message_en
    assert fixed.line == 3 and "cannot be waived" in fixed.message_en
