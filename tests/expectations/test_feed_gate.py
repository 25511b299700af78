"""The feed gate passes a sound delivery and fails, by name, each way in which a delivery can be broken."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.gate import run_gate
from expectations.result import GateResult
from expectations.summary import summarise
from expectations.verdict import outcome_of, share
from tests.expectations.conftest import BATCH, LEAD, MONTH, TOWN, HandmadeHome, prescription


def judge(handmade: HandmadeHome) -> GateResult:
    return run_gate("feed", handmade.home, [MONTH], ["his_rx"])


def outcome(result: GateResult, check_id: str, month: str = MONTH) -> str:
    rows = result.to_frame()
    found = rows[(rows.check_id == check_id) & (rows.month == month)]
    assert len(found) == 1, f"{check_id}: {len(found)} rows"
    return found.iloc[0].outcome


def assert_figures_say_the_verdict(result: GateResult) -> None:
    """Who has the stored figures can compute every verdict again; nothing violates more often than it was judged."""
    for row in result.to_frame().to_dict("records"):
        assert 0 <= row["violated"] <= row["total"], row
        figures = [row[name] for name in ("violated", "total", "threshold_pct", "tolerated", "severity")]
        assert row["outcome"] in ("not_applicable", "error", "waived", outcome_of(*figures)), row


def test_sound_delivery_passes_every_check(handmade: HandmadeHome) -> None:
    handmade.outcomes([{}], [])
    handmade.expected([("his_rx", TOWN)])
    handmade.prescriptions(1000)
    result = judge(handmade)
    assert set(result.to_frame().outcome) == {"pass"}
    assert not result.failed
    assert outcome(result, "feed.his_rx.rx_no.missing") == "pass"
    assert result.examples == {}


@pytest.mark.parametrize(
    ("batch", "rules", "check", "expected"),
    [
        ({"accepted_rows": 999}, [], "rows_reconcile", "fail"),
        ({"accepted_fen": 4999}, [], "money_reconciles", "fail"),
        ({"accepted_rows": 940, "quarantined_rows": 60}, [], "quarantined", "fail"),
        ({"accepted_rows": 985, "quarantined_rows": 15}, [], "quarantined", "pass_with_violations"),
        ({"accepted_rows": 985, "quarantined_rows": 15}, [], "quarantined_noticeably", "warn"),
        ({"accepted_rows": 900, "duplicate_rows": 100}, [], "duplicated", "warn"),
        (
            {},
            [{"rule_id": "DATE_OUT_OF_RANGE", "column_name": "rx_time", "violated": 20}],
            "dates_in_range",
            "warn",
        ),
        (
            {},
            [{"rule_id": "ID_CARD_INVALID", "column_name": "id_no", "violated": 60}],
            "id_cards_valid",
            "warn",
        ),
        (
            {},
            [{"rule_id": "PLACEHOLDER_DATE", "column_name": "rx_time", "violated": 200}],
            "defaults_few",
            "warn",
        ),
        ({}, [{"rule_id": "UNMAPPED_COLUMN", "column_name": "NEW"}], "columns_mapped", "warn"),
        ({}, [{"violated": 80}], "rx_no.missing", "warn"),
        (
            {},
            [{"rule_id": "TYPE_INVALID", "column_name": "rx_time", "violated": 80}],
            "rx_time.invalid",
            "warn",
        ),
        ({"accepted_rows": 1001, "delivered_rows": 1001}, [], "accepted_rows_stored", "fail"),
    ],
)
def test_each_defect_is_named(
    handmade: HandmadeHome, batch: dict, rules: list[dict], check: str, expected: str
) -> None:
    handmade.outcomes([batch], rules)
    handmade.prescriptions(1000)
    result = judge(handmade)
    assert outcome(result, f"feed.his_rx.{check}") == expected
    assert_figures_say_the_verdict(result)


def test_small_batches_do_not_fail_over_one_row(handmade: HandmadeHome) -> None:
    handmade.outcomes([{"delivered_rows": 10, "accepted_rows": 8, "quarantined_rows": 2}], [{"violated": 2}])
    handmade.prescriptions(8)
    result = judge(handmade)
    assert outcome(result, "feed.his_rx.quarantined") == "pass_with_violations"
    assert outcome(result, "feed.his_rx.rx_no.missing") == "pass_with_violations"


@pytest.mark.parametrize(
    ("delivered", "quarantined", "expected"),
    [(19, 19, "fail"), (1, 1, "fail"), (20, 19, "fail"), (20, 18, "pass"), (0, 0, "pass")],
)
def test_a_delivery_of_which_nothing_is_accepted_fails_however_small(
    handmade: HandmadeHome, delivered: int, quarantined: int, expected: str
) -> None:
    left = delivered - quarantined
    batch = {"delivered_rows": delivered, "accepted_rows": left, "quarantined_rows": quarantined}
    handmade.outcomes([batch], [{"violated": quarantined}])
    handmade.prescriptions(left)
    assert outcome(judge(handmade), "feed.his_rx.accepted_at_all") == expected


def test_a_large_batch_that_fails_does_not_drag_a_small_one_along(handmade: HandmadeHome) -> None:
    small = {
        "batch_id": "s",
        "institution_id": LEAD,
        "delivered_rows": 10,
        "accepted_rows": 8,
        "quarantined_rows": 2,
    }
    handmade.outcomes([{"accepted_rows": 900, "quarantined_rows": 100}, small], [])
    rows = judge(handmade).to_frame()
    found = rows[rows.check_id == "feed.his_rx.quarantined"]
    assert dict(zip(found.institution_id, found.outcome, strict=True)) == {
        TOWN: "fail",
        LEAD: "pass_with_violations",
    }


@pytest.mark.parametrize(
    "broken",
    [{"rx_no": None}, {"status": "no such status"}, {"org_code": "H99999999999"}],
    ids=["required", "value set", "institution"],
)
def test_accepted_rows_are_held_against_the_contract_again(handmade: HandmadeHome, broken: dict) -> None:
    money = {"delivered_fen": 10, "accepted_fen": 10}
    handmade.outcomes([{"delivered_rows": 2, "accepted_rows": 2, **money}], [])
    handmade.accepted([prescription(1), prescription(2) | broken])
    result = judge(handmade)
    assert outcome(result, "feed.his_rx.accepted_rows_fit") == "fail"
    assert result.failures.iloc[0].violated == 1


def test_reused_keys_are_noticed(handmade: HandmadeHome) -> None:
    few = {"rule_id": "KEY_REUSED", "column_name": "", "violated": 2}
    handmade.outcomes([{"accepted_rows": 998, "quarantined_rows": 2}], [few])
    assert outcome(judge(handmade), "feed.his_rx.keys_unambiguous") == "warn"


@pytest.mark.parametrize(("fen", "expected"), [(5, "pass"), (500, "fail")])
def test_conformed_money_is_held_against_the_money_accepted(
    handmade: HandmadeHome, fen: int, expected: str
) -> None:
    """A file changed by hand keeps its rows and not its money."""
    handmade.outcomes(
        [{"delivered_rows": 2, "accepted_rows": 2, "delivered_fen": 10, "accepted_fen": 10}], []
    )
    handmade.accepted([prescription(1), prescription(2) | {"rx_amount": fen}])
    assert outcome(judge(handmade), "feed.his_rx.accepted_money_stored") == expected


def test_refused_file_fails_until_a_good_one_takes_its_place(handmade: HandmadeHome) -> None:
    refused = {"batch_id": "r1", "status": "refused", "delivered_rows": None, "accepted_rows": None}
    handmade.outcomes([refused], [])
    note = {
        "file": BATCH["source_file"],
        "code": "BAD_ENCODING",
        "message_zh": "编码",
        "message_en": "encoding",
    }
    handmade.home.refused.mkdir(parents=True)
    (handmade.home.refused / "0.json").write_text(
        json.dumps({**note, "feed": "his_rx", "sha256": "0"}), "utf-8"
    )
    result = judge(handmade)
    assert outcome(result, "feed.his_rx.usable") == "fail"
    assert result.examples["feed.his_rx.usable"] == [note]

    handmade.outcomes([refused, {}], [])
    handmade.standing([{"batch_id": "r1", "standing": "overtaken", "overtaken_by": "b1"}])
    handmade.prescriptions(1000)
    assert outcome(judge(handmade), "feed.his_rx.usable") == "pass"


@pytest.mark.parametrize("standing", ["overtaken", "withdrawn"])
def test_a_bad_file_that_is_not_in_force_is_not_judged(handmade: HandmadeHome, standing: str) -> None:
    bad = {"batch_id": "bad", "delivered_rows": 900, "accepted_rows": 100, "quarantined_rows": 800}
    handmade.outcomes([bad, {}], [{"batch_id": "bad", "violated": 800}])
    handmade.expected([("his_rx", TOWN)])
    handmade.prescriptions(1000)
    assert judge(handmade).failed

    handmade.standing([{"batch_id": "bad", "standing": standing}])
    result = judge(handmade)
    assert set(result.to_frame().outcome) == {"pass"}
    rows = result.to_frame()
    assert rows[rows.check_id == "feed.his_rx.quarantined"].total.sum() == 1000, "its rows are in no total"


def test_a_withdrawn_delivery_is_missing(handmade: HandmadeHome) -> None:
    handmade.outcomes([{}], [])
    handmade.expected([("his_rx", TOWN)])
    handmade.standing([{"batch_id": "b1", "standing": "withdrawn"}])
    assert outcome(judge(handmade), "feed.his_rx.delivered") == "warn"


@pytest.mark.parametrize(
    ("said", "check"),
    [
        ({"absent_keys": 8, "compared_with": "b2"}, "earlier_rows_repeated"),
        ({"unused_keys": 3}, "later_file_used"),
        ({"moved_keys": 1}, "rows_of_one_institution"),
    ],
)
def test_what_files_of_one_month_disagree_on_is_told(
    handmade: HandmadeHome, said: dict[str, object], check: str
) -> None:
    handmade.outcomes([{}], [])
    handmade.standing([{"batch_id": "b1", "standing": "in_force", **said}])
    handmade.prescriptions(1000)
    assert outcome(judge(handmade), f"feed.his_rx.{check}") == "warn"


def test_missing_delivery_warns_and_does_not_stop(handmade: HandmadeHome) -> None:
    handmade.expected([("his_rx", TOWN), ("his_slot", TOWN)])
    result = judge(handmade)
    assert outcome(result, "feed.his_rx.delivered") == "warn"
    assert not result.failed
    assert "his_slot" not in set(result.to_frame().subject), "only the feeds asked for"


@pytest.mark.parametrize(
    ("before", "expected"), [(500_000, "warn"), (50, "warn"), (10_000, "pass"), (0, "pass")]
)
def test_money_in_another_unit_is_told(handmade: HandmadeHome, before: int, expected: str) -> None:
    earlier = {"batch_id": "before", "month": "2025-02", "accepted_fen": before, "delivered_fen": before}
    handmade.outcomes([{}, earlier], [])
    handmade.expected([("his_rx", TOWN)])
    handmade.prescriptions(1000)
    assert outcome(judge(handmade), "feed.his_rx.money_usual") == expected


def test_volume_is_compared_with_the_months_before(handmade: HandmadeHome) -> None:
    history = [
        {"batch_id": f"h{month}", "month": f"2025-0{month}", "delivered_rows": 4000} for month in (1, 2)
    ]
    handmade.outcomes([*history, {}], [])
    handmade.expected([("his_rx", TOWN)])
    handmade.prescriptions(1000)
    assert outcome(judge(handmade), "feed.his_rx.volume_usual") == "warn"


def test_examples_are_masked_lines_of_the_failing_batch(handmade: HandmadeHome) -> None:
    handmade.outcomes([{"accepted_rows": 900, "quarantined_rows": 100}], [{"violated": 100}])
    handmade.prescriptions(900)
    line = {
        "source_batch_id": "b1",
        "source_file": BATCH["source_file"],
        "source_line": 7,
        "rule_id": "REQUIRED_MISSING",
        "column_name": "rx_no",
        "masked_value": "R***",
        "message_zh": "必填为空",
        "message_en": "m",
        "amount_fen": 1,
    }
    path = handmade.home.quarantined_batch("his_rx", TOWN, MONTH, "b1")
    path.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([line, line | {"column_name": "status", "source_line": 8}]), path)
    examples = judge(handmade).examples
    assert [row["source_line"] for row in examples["feed.his_rx.quarantined"]] == [7, 8]
    assert [row["source_line"] for row in examples["feed.his_rx.rx_no.missing"]] == [7]


def test_the_batch_that_fails_stands_with_its_own_figures(handmade: HandmadeHome) -> None:
    """However many sound rows came beside it: from elsewhere, or from the same institution in another file."""
    bad = {"batch_id": "bad", "delivered_rows": 100, "accepted_rows": 66, "quarantined_rows": 34}
    beside = {"batch_id": "other file", "source_file": "beside.csv"}
    elsewhere = {
        "batch_id": "elsewhere",
        "institution_id": LEAD,
        "delivered_rows": 9000,
        "accepted_rows": 9000,
    }
    handmade.outcomes([bad, beside, elsewhere], [])
    result = judge(handmade)
    rows = result.to_frame()
    (found,) = rows[(rows.check_id == "feed.his_rx.quarantined") & (rows.outcome == "fail")].to_dict(
        "records"
    )
    assert (found["violated"], found["total"], found["batch_id"]) == (34, 100, "bad")
    (check,) = [each for each in summarise([result]) if each.check_id == "feed.his_rx.quarantined"]
    assert (check.worst["violated"], check.worst["total"], check.worst["institution_id"]) == (34, 100, TOWN)
    assert check.share(check.worst) == "34.00%" and (check.violated, check.total) == (34, 10100)
    assert_figures_say_the_verdict(result)


@pytest.mark.parametrize(
    ("batch", "rules", "check"),
    [
        ({"delivered_rows": 10, "accepted_rows": 400}, [], "rows_reconcile"),
        ({"delivered_fen": 10, "accepted_fen": 90000}, [], "money_reconciles"),
        ({}, [{"rule_id": "UNMAPPED_COLUMN", "column_name": name} for name in ("A", "B", "C")], "columns_mapped"),
        ({"delivered_rows": 1, "accepted_rows": 1}, [{"rule_id": "DATE_OUT_OF_RANGE", "column_name": name, "violated": 1}
            for name in ("rx_time", "dispense_time")], "dates_in_range"),
    ],
)  # fmt: skip
def test_a_distance_is_no_count_and_a_row_counts_once(
    handmade: HandmadeHome, batch: dict, rules: list[dict], check: str
) -> None:
    handmade.outcomes([batch], rules)
    result = judge(handmade)
    rows = result.to_frame()
    (found,) = rows[rows.check_id == f"feed.his_rx.{check}"].to_dict("records")
    assert (found["violated"], found["total"]) == (1, 1)
    assert_figures_say_the_verdict(result)


@pytest.mark.parametrize(
    ("violated", "total", "threshold", "said"),
    [
        (0, 10, 0, "0%"),
        (3, 10_000_000, 0, "0.00003%"),
        (50_001, 1_000_000, 5, "5.0001%"),
        (5, 100, 5, "5.00%"),
        (99_999, 100_000, 0, "99.999%"),
        (7, 7, 0, "100%"),
        (0, 0, 0, "–"),
    ],
)
def test_a_share_is_never_rounded_into_another_verdict(
    violated: int, total: int, threshold: float, said: str
) -> None:
    assert share(violated, total, threshold) == said


def test_what_a_later_batch_mended_is_no_open_fault(handmade: HandmadeHome) -> None:
    """100 rows, 25 quarantined; the 25 came again in a second batch and were accepted."""
    first = {"delivered_rows": 100, "accepted_rows": 75, "quarantined_rows": 25}
    second = {"batch_id": "b2", "delivered_rows": 25, "accepted_rows": 25}
    handmade.outcomes([first, second], [{"violated": 25}])
    handmade.prescriptions(75)
    assert judge(handmade).failed

    handmade.standing([{"batch_id": "b1", "standing": "in_force", "resolved_rows": 25}])
    mended = {"batch_id": "b1", "rule_id": "REQUIRED_MISSING", "column_name": "rx_no", "resolved": 25}
    handmade.resolved([{"feed": "his_rx", "institution_id": TOWN, "month": MONTH, **mended}])
    rows = judge(handmade).to_frame()
    for check in ("feed.his_rx.quarantined", "feed.his_rx.rx_no.missing"):
        found = rows[(rows.check_id == check) & (rows.total > 0)]
        assert (set(found.outcome), found.violated.sum(), found.total.sum()) == ({"pass"}, 0, 100), check
