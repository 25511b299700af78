"""The fate of every accepted row: each reason is told from the others, and a row without a reason stops the run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations import reconciliation
from expectations.check import load_suite
from expectations.facts import Fact, load_facts
from expectations.gate import run_gate
from sources.contracts.load import load_contracts
from tests.expectations.conftest import LEAD, MONTH, TOWN, HandmadeHome, prescription

LATER = dt.datetime(2025, 3, 9)


@pytest.fixture(autouse=True)
def nothing_else_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the core gate only its checks of the reconciliation: the facts are empty but for one."""
    checks = [check for check in load_suite("core") if check.subject == "reconciliation"]
    monkeypatch.setattr("expectations.gate.load_suite", lambda _: checks)


def judged(
    handmade: HandmadeHome,
    rows: list[dict[str, Any]],
    kept: list[int],
    arrived_fen: int | None = None,
    others: Sequence[dict[str, Any]] = (),
) -> tuple[dict, dict[str, str]]:
    """(the reconciliation of the prescriptions, {check: outcome}) of these accepted rows, of which the fact holds those lines; `others`:
    outcomes of batches besides.
    """
    lines = [row | {"source_line": number, "row_hash": str(number)} for number, row in enumerate(rows, 1)]
    fen = sum(row["rx_amount"] for row in lines) if arrived_fen is None else arrived_fen
    batch = {"delivered_rows": len(rows), "accepted_rows": len(rows), "accepted_fen": fen}
    handmade.outcomes([batch, *others], [])
    handmade.accepted(lines)
    facts = [row for row in lines if row["source_line"] in kept]
    values = ", ".join(
        f"('{TOWN}', '{TOWN}', '{row['rx_no']}', '{MONTH}', {row['rx_amount']}, 'b1', {row['source_line']}, true)"
        for row in facts
    )
    handmade.build(
        "create schema core",
        f"create table core.dim_month as select '{MONTH}' as month",
        *(empty_fact(fact) for fact in load_facts() if fact.table != "fct_prescription"),
        f"""create table core.fct_prescription as select * from (values {values}) as v(
            deliverer_id, institution_id, prescription_id, month, amount_fen, source_batch_id, source_line, is_valid)""",
    )
    rows_judged = run_gate("core", handmade.home, [MONTH]).to_frame()
    found = rows_judged[rows_judged.check_id.str.startswith("core.his_rx.")]
    outcomes = {
        check.rsplit(".", 1)[-1]: outcome
        for check, outcome in zip(found.check_id, found.outcome, strict=True)
    }
    (row,) = [
        row for row in reconciliation.load(handmade.home).to_pylist() if row["fact"] == "fct_prescription"
    ]
    return row, outcomes


def empty_fact(fact: Fact) -> str:
    """A fact without rows, whose key has the types of its contract."""
    contract = load_contracts()[fact.feed]
    types = {name: kind for name, kind, *_ in contract.conformed_columns()}
    own = fact.own_key(contract)
    names = {
        "deliverer_id": "varchar",
        "month": "varchar",
        "source_batch_id": "varchar",
        "source_line": "bigint",
    }
    names |= {name: types[theirs] for name, theirs in zip(own, contract.conformed_key, strict=True)}
    names |= {fact.money: "bigint"} if fact.money else {}
    return f"create table core.{fact.table} ({', '.join(f'{name} {kind}' for name, kind in names.items())})"


def counts(row: dict) -> dict[str, int]:
    """What is not nothing, in rows."""
    return {name: value for name, value in row.items() if name.endswith("_rows") and value}


def test_a_version_and_the_one_that_counts(handmade: HandmadeHome) -> None:
    newer = prescription(2) | {"src_update_ts": LATER, "rx_amount": 7}
    row, outcomes = judged(handmade, [prescription(1), prescription(2), newer], kept=[1, 3])
    assert counts(row) == {"accepted_rows": 3, "fact_rows": 2, "superseded_rows": 1}
    assert (row["accepted_fen"], row["fact_fen"], row["superseded_fen"], row["unexplained_fen"]) == (
        17,
        12,
        5,
        0,
    )
    assert set(outcomes.values()) == {"pass"}


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([prescription(1), prescription(2)], [1]),  # nothing is there in its place
        ([prescription(1) | {"src_update_ts": LATER}, prescription(1)], [2]),  # an older one is there
    ],
    ids=["nothing instead", "an older one instead"],
)
def test_a_row_without_a_reason_is_missed(handmade: HandmadeHome, rows: list[dict], kept: list[int]) -> None:
    row, outcomes = judged(handmade, rows, kept)
    assert (row["unexplained_rows"], row["unexplained_fen"]) == (1, 5)
    assert (outcomes["rows_reconcile"], outcomes["money_reconciles"]) == ("fail", "fail")


def test_money_changed_on_the_way_is_missed(handmade: HandmadeHome) -> None:
    rows = [prescription(1), prescription(2)]
    _, outcomes = judged(handmade, rows, kept=[1, 2], arrived_fen=1_000)
    assert (outcomes["rows_reconcile"], outcomes["money_reconciles"]) == ("pass", "fail")


def test_deleted_rows_and_their_notices(handmade: HandmadeHome) -> None:
    notice = {"op_flag": "D", "rx_amount": 0}
    rows = [
        prescription(1),
        prescription(1) | notice | {"src_update_ts": LATER},
        prescription(2) | {"src_update_ts": LATER},
        prescription(2) | notice,  # without a time: acts on what arrived before it
        prescription(3),
        prescription(4),
        prescription(4) | notice | {"src_update_ts": LATER},
        prescription(4) | {"src_update_ts": LATER + dt.timedelta(hours=1)},  # and entered once more
    ]
    row, outcomes = judged(handmade, rows, kept=[5, 8])
    assert counts(row) == {"accepted_rows": 8, "fact_rows": 2, "deleted_rows": 5, "superseded_rows": 1}
    assert outcomes["rows_reconcile"] == "pass"


@pytest.mark.parametrize(
    "change",
    [
        {"visit_id": "another visit"},
        {"rx_time": dt.datetime(2025, 2, 28, 9)},
        {"rx_amount": -5},
    ],
    ids=["visit", "month", "sign"],
)
def test_another_event_under_the_same_key_is_told(handmade: HandmadeHome, change: dict) -> None:
    rows = [prescription(number) | {"visit_id": "V1"} for number in range(100)]
    newer = rows[0] | {"src_update_ts": LATER}
    row, outcomes = judged(handmade, [*rows, newer | change], kept=list(range(2, 102)))
    assert (row["replaced_rows"], row["overwriting_rows"], row["superseded_rows"]) == (1, 1, 0)
    assert (outcomes["events_kept_all"], outcomes["events_kept"]) == ("warn", "pass_with_violations")


def test_many_events_under_a_few_keys_stop_the_run(handmade: HandmadeHome) -> None:
    """Every row of a delivery renumbered 1 to 4, each with a time of its own: the models see a hundred versions of four rows."""
    rows = [
        prescription(number % 4)
        | {"visit_id": f"V{number}", "src_update_ts": LATER + dt.timedelta(minutes=number)}
        for number in range(100)
    ]
    row, outcomes = judged(handmade, rows, kept=[97, 98, 99, 100])
    assert counts(row) == {"accepted_rows": 100, "fact_rows": 4, "replaced_rows": 96, "overwriting_rows": 96}
    assert (outcomes["rows_reconcile"], outcomes["events_kept"]) == ("pass", "fail")


def test_of_other_months_only_keys_are_read_but_of_batches_with_a_record_of_the_month(
    handmade: HandmadeHome,
) -> None:
    """The cost does not grow with history: a batch of February without a record of March is a file of nothing but keys here."""
    february = handmade.home.conformed_batch("his_rx", TOWN, "2025-02", "unrelated")
    february.parent.mkdir(parents=True)
    keys = {"org_code": TOWN, "rx_no": "another", "source_batch_id": february.stem, "source_line": 2}
    pq.write_table(pa.Table.from_pylist([keys]), february)
    earlier = prescription(1) | {"rx_amount": -5, "source_batch_id": "earlier", "source_line": 1}
    handmade.accepted([earlier], month="2025-02", batch_id="earlier")
    others = [{"batch_id": name, "month": "2025-02"} for name in ("unrelated", "earlier")]
    newer = prescription(1) | {"src_update_ts": LATER}
    row, outcomes = judged(handmade, [newer, prescription(2)], kept=[1, 2], others=others)
    assert counts(row) == {"accepted_rows": 2, "fact_rows": 2, "overwriting_rows": 1}
    assert outcomes["rows_reconcile"] == "pass"


def patient(number: int, **changes: Any) -> dict[str, Any]:
    """One entry of the register of TOWN, whoever delivers it."""
    return {"org_code": TOWN, "patient_key": f"P{number}", "is_test": False, "birth_year": 1950} | changes


def registered(
    handmade: HandmadeHome, delivered: dict[str, list[dict[str, Any]]], kept: list[tuple[str, int]]
) -> tuple[dict[str, dict[str, int]], set[tuple[str, str]]]:
    """({deliverer: what is not nothing}, {(check, outcome)}) of the register: rows by deliverer, of which these lines are kept."""
    batches, facts = [], []
    for days, (who, rows) in enumerate(delivered.items()):
        lines = [
            row | {"source_line": number, "row_hash": f"{who}{number}"} for number, row in enumerate(rows, 1)
        ]
        landed = dt.datetime(2025, 4, 8) + dt.timedelta(days=days)
        batch = {"feed": "his_patient", "institution_id": who, "batch_id": who, "first_landed_at": landed}
        batches.append(
            batch | {"accepted_rows": len(rows), "delivered_rows": len(rows), "accepted_fen": None}
        )
        handmade.accepted(lines, "his_patient", batch_id=who, institution=who)
        facts += [
            f"('{who}', '{row['org_code']}', '{row['patient_key']}', {row['is_test']}, '{who}', {row['source_line']})"
            for row in lines
            if (who, row["source_line"]) in kept
        ]
    handmade.outcomes(batches, [])
    handmade.build(
        "create schema core",
        f"create table core.dim_month as select '{MONTH}' as month",
        *(empty_fact(fact) for fact in load_facts() if fact.table != "dim_patient"),
        f"""create table core.dim_patient as select * from (values {", ".join(facts)}) as v(
            deliverer_id, institution_id, patient_key, is_test, source_batch_id, source_line)""",
    )
    judged_rows = run_gate("core", handmade.home, [MONTH]).to_frame()
    found = judged_rows[judged_rows.check_id.str.startswith("core.his_patient.")]
    reconciled = [
        row for row in reconciliation.load(handmade.home).to_pylist() if row["fact"] == "dim_patient"
    ]
    outcomes = {
        (check.rsplit(".", 1)[-1], outcome)
        for check, outcome in zip(found.check_id, found.outcome, strict=True)
    }
    return {row["institution_id"]: counts(row) for row in reconciled}, outcomes


def test_an_entry_listed_twice_is_superseded(handmade: HandmadeHome) -> None:
    rows = [patient(1), patient(2, is_test=True), patient(1, birth_year=None)]
    found, outcomes = registered(handmade, {TOWN: rows}, kept=[(TOWN, 2), (TOWN, 3)])
    assert found == {TOWN: {"accepted_rows": 3, "fact_rows": 2, "test_rows": 1, "superseded_rows": 1}}
    assert {outcome for _, outcome in outcomes} == {"pass"}


def test_of_an_entry_of_two_deliverers_one_counts_and_the_other_is_accounted_for(
    handmade: HandmadeHome,
) -> None:
    """The later delivery has it; what it deleted leaves that of the other in force."""
    deleted = [patient(3), patient(3, op_flag="D")]
    rows = {TOWN: [patient(1), patient(2), patient(3)], LEAD: [patient(1), *deleted]}
    found, outcomes = registered(handmade, rows, kept=[(TOWN, 2), (TOWN, 3), (LEAD, 1)])
    assert found == {
        TOWN: {"accepted_rows": 3, "fact_rows": 2, "superseded_rows": 1},
        LEAD: {"accepted_rows": 3, "fact_rows": 1, "deleted_rows": 2},
    }
    assert {outcome for _, outcome in outcomes} == {"pass"}
    missing, outcomes = registered(handmade, rows, kept=[(TOWN, 1), (TOWN, 2), (TOWN, 3)])
    assert missing[LEAD]["unexplained_rows"] == 1 and ("rows_reconcile", "fail") in outcomes


@pytest.mark.parametrize(
    ("first", "second", "fate"),
    [
        ({}, {"birth_year": 1960}, "replaced_rows"),
        ({"id_card_key": "a"}, {"id_card_key": "b"}, "replaced_rows"),
        ({"id_card_key": "a"}, {"id_card_key": "a", "birth_year": 1960}, "superseded_rows"),
        ({"gender": "9"}, {"gender": "1"}, "superseded_rows"),
        ({"insurance_key": "a"}, {"insurance_key": "b"}, "superseded_rows"),
    ],
    ids=["born in another year", "another card", "the same card", "sex became known", "another insurance"],
)
def test_somebody_else_under_a_number_is_told_from_a_correction(
    handmade: HandmadeHome, first: dict, second: dict, fate: str
) -> None:
    rows = [patient(1, **first), patient(1, **second, src_update_ts=LATER)]
    found, _ = registered(handmade, {TOWN: rows}, kept=[(TOWN, 2)])
    assert found[TOWN][fate] == 1
