"""Contracts are complete, bilingual, and keep every direct identifier inside this room."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sources.contracts.load import load_contract, load_contracts
from sources.contracts.words import conformed_name

CONTRACTS = load_contracts()
FEEDS = list(CONTRACTS)
# Of "feed column type required" per line, in order: what the specification of the feeds says, and others rely on.
SPECIFIED = "be14369608b2c8ab3d9a78d8f08264804268258c426d508ccb6ecfdb52f21d84"


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def test_every_feed_of_the_specification_has_its_contract() -> None:
    lines = [
        f"{feed} {column.name} {column.physical_type} {column.required}"
        for feed in sorted(CONTRACTS)
        for column in CONTRACTS[feed].columns
    ]
    found = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert found == SPECIFIED, f"a feed beyond the specification? then SPECIFIED = {found}"
    assert (len(CONTRACTS), len(lines)) == (93, 1109)


def test_examples_are_what_the_column_takes(connection: duckdb.DuckDBPyConnection) -> None:
    """Every example can be read as its type, fits its length and is one of the valid values."""
    wrong = []
    for contract in CONTRACTS.values():
        for column in contract.columns:
            for example in column.examples:
                read = connection.execute(
                    f"select try_cast(? as {column.duckdb_type})::varchar", [example]
                ).fetchone()[0]
                too_long = column.max_length and not column.valid_values and len(example) > column.max_length
                foreign = column.valid_values and example not in column.valid_values
                if read is None or too_long or foreign:
                    wrong.append(f"{contract.feed}.{column.name}")
    assert wrong == []


def test_names_need_no_quotes_in_sql(connection: duckdb.DuckDBPyConnection) -> None:
    reserved = {
        word
        for (word,) in connection.execute(
            "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
        ).fetchall()
    }
    for contract in CONTRACTS.values():
        assert not reserved & {column.name for column in contract.conformed}, contract.feed


@pytest.mark.parametrize("feed", FEEDS)
def test_every_word_is_there_in_chinese_and_english(feed: str) -> None:
    contract = CONTRACTS[feed]
    chinese = [contract.name, contract.description.zh, contract.grain.zh]
    chinese += [column.business_name for column in contract.columns]
    english = [
        contract.description.en,
        contract.grain.en,
        *(column.description for column in contract.columns),
    ]
    assert [word for word in chinese if not re.search(r"[\u4e00-\u9fff]", word)] == []
    assert [word for word in english if not re.search(r"[A-Za-z]{2}", word)] == []


@pytest.mark.parametrize("feed", FEEDS)
def test_conformed_columns_are_unique_typed_and_described(feed: str) -> None:
    contract = CONTRACTS[feed]
    names = [name for name, _, _, _ in contract.conformed_columns()]
    assert len(names) == len(set(names))
    assert not {"institution_id", "month"} & set(names), "these are the names of the folders"
    assert contract.arrow_schema().names == names
    assert set(contract.conformed_key) <= set(names)
    assert names[-6:] == [
        "source_batch_id",
        "source_file",
        "source_line",
        "op_flag",
        "src_update_ts",
        "row_hash",
    ]


def test_a_product_feed_is_the_products_own() -> None:
    own = {feed for feed, contract in CONTRACTS.items() if contract.provider == "product"}
    assert own == {
        *("cfg_fee_point", "cfg_internal_price", "cfg_kpi", "cfg_target", "dq_results"),
        *("led_allocation", "led_audit", "led_snapshot", "mart_homogeneity", "mart_kpi"),
    }


def test_a_version_of_a_code_system_stands_beside_the_code() -> None:
    told = {
        f"{contract.feed}.{column.name}": column.terminology_version_column
        for contract in CONTRACTS.values()
        for column in contract.columns
        if column.terminology_version_column
    }
    coded = ("his_mr_diag.diag_code", "his_mr_oper.oper_code", "his_op_diag.diag_code")
    assert told == dict.fromkeys(coded, "code_ver")


def test_direct_identifiers_and_free_text_never_leave() -> None:
    for contract in CONTRACTS.values():
        for column in contract.columns:
            leaves_as_it_is = column.privacy is None
            assert not (column.classification == "P3" and leaves_as_it_is), f"{contract.feed}.{column.name}"
    dropped = {c.name for k in CONTRACTS.values() for c in k.columns if c.privacy and c.privacy.drop}
    assert {
        "phone",
        "addr",
        "chief_complaint",
        "conclusion",
        "comment",
        "drugs",
        "chief_doctor",
        "empi_id",
    } <= dropped


def test_pseudonym_columns_have_the_names_the_warehouse_expects() -> None:
    patient = CONTRACTS["his_patient"]
    names = {column.name: conformed_name(column) for column in patient.columns}
    assert names["patient_id"] == "patient_key"
    assert names["id_no"] == "id_card_key"
    assert names["insu_no"] == "insurance_key"
    assert names["birth_date"] == "birth_year"
    assert names["name"] == "is_test"
    assert conformed_name(CONTRACTS["si_insured"].column("month")) == "insured_month"


def test_staff_of_payroll_and_operations_leave_as_the_pseudonym_that_the_staff_list_has() -> None:
    told = {
        f"{contract.feed}.{column.name}": column.privacy.pseudonym
        for contract in CONTRACTS.values()
        for column in contract.columns
        if column.privacy and column.privacy.pseudonym and column.privacy.pseudonym.namespace == "staff"
    }
    assert set(told) == {
        "fin_payroll.staff_id",
        "his_staff.staff_id",
        "led_allocation.beneficiary",
        *(f"his_mr_oper.{name}" for name in ("operator", "assist1", "assist2", "anes_doctor")),
    }
    assert [name for name, rule in told.items() if rule.beside] == ["his_staff.staff_id"]
    assert all(rule.scope is None for rule in told.values())
    leaving = [name for name, *_ in CONTRACTS["his_staff"].conformed_columns()]
    assert leaving[:2] == ["staff_id", "staff_key"]


def test_control_money_is_money() -> None:
    money = {feed: contract.control_money for feed, contract in CONTRACTS.items() if contract.control_money}
    assert money["his_fee_detail"] == "amount"
    assert money["si_settlement"] == "medfee_sumamt"
    assert all(CONTRACTS[feed].column(column).is_money for feed, column in money.items())


# What is wrong: text of a good contract, what stands there instead, and what is said about it.
BROKEN = {
    "a P3 column without privacy": (
        "classification: P0\n    codeSystem: 医保",
        "classification: P3\n    codeSystem: 医保",
        "a P3 column needs a privacy rule",
    ),
    "a type that is none": ("physicalType: varchar(500)", "physicalType: varchar", "a string is no varchar"),
    "two types at odds": ("physicalType: varchar(500)", "physicalType: int", "a string is no int"),
    "a value twice": ("validValues: ['0', '1']", "validValues: ['0', '1', '1']", "has a value twice"),
    "an example that is not valid": ("examples: ['0']", "examples: ['2']", "outside validValues: 2"),
    "a key position and no key": (
        "required: false",
        "required: false\n    primaryKeyPosition: 3",
        "come together",
    ),
    "a format of a number": (
        "physicalType: decimal(6,1)",
        "physicalType: decimal(6,1)\n    format: icd",
        "format is for strings",
    ),
    "an open end of no date": ("examples: ['11']", "openEnded: true", "openEnded"),
    "money that is no bigint": (
        "physicalType: decimal(6,1)",
        "physicalType: decimal(6,1)\n    unit: fen",
        "fen are bigint",
    ),
    "an event time that is no time": (
        "event_time: visit_time",
        "event_time: visit_type",
        "neither date nor timestamp",
    ),
    "a window and no event time": (
        "event_time: visit_time",
        "event_time: null",
        "event_window_months come together",
    ),
    "a scope that is no column": ("scope: org_code", "scope: hospital", "not columns: hospital"),
    "the name of a folder": ("as: patient_key", "as: month", "names taken when leaving: month"),
    "a name taken twice": ("as: patient_key", "as: visit_id", "names taken when leaving: visit_id"),
    "a dropped key": (
        "classification: P2\n    codeSystem: 本地",
        "classification: P2\n    privacy: {drop: true}",
        "a key column is dropped",
    ),
    "a column twice": ("  - name: reg_no", "  - name: visit_id", "columns named twice: visit_id"),
    "unknown word": ("status: active", "status: active\ncolour: red", "colour"),
    "event_time that is no column": (
        "event_time: visit_time",
        "event_time: visit_tim",
        "not columns: visit_tim",
    ),
    "a nullable key": (
        "required: true\n    primaryKey: true",
        "required: false\n    primaryKey: true",
        "a key column is required",
    ),
    "a version of no terminology": (
        "physicalType: varchar(6)",
        "physicalType: varchar(6)\n    terminologyVersionColumn: status",
        "a terminology version needs a terminology",
    ),
    "events that keep every month": (
        "delivery: events",
        "delivery: events\nkeep_every_month: true",
        "only a snapshot can keep every month",
    ),
    "a register without cards": (
        "event_time: visit_time",
        "register_of: ehr\nevent_time: visit_time",
        "a register needs an identity card",
    ),
    "entries of events": (
        "event_time: visit_time",
        "same_entry: [patient_id]\nevent_time: visit_time",
        "same_entry is for lists",
    ),
    "entries told by nothing": (
        "event_time: visit_time",
        "same_entry: [nobody]\nevent_time: visit_time",
        "not columns: nobody",
    ),
    "a time before a text": (
        "physicalType: timestamp",
        "physicalType: timestamp\n    notBefore: visit_id",
        "notBefore visit_id is neither date nor timestamp",
    ),
    "control money not in fen": (
        "control_money: null",
        "control_money: visit_id",
        "control_money visit_id is not in fen",
    ),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_wrong_contract_is_named_with_its_file(tmp_path: Path, why: str) -> None:
    good = Path("sources/contracts/his/his_op_visit.yml").read_text(encoding="utf-8")
    old, new, said = BROKEN[why]
    assert old in good
    path = tmp_path / "his" / "his_op_visit.yml"
    path.parent.mkdir()
    path.write_text(good.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"his_op_visit\.yml") as error:
        load_contract(path)
    assert said in str(error.value)


def test_a_contract_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ph" / "his_op_visit.yml"
    path.parent.mkdir()
    path.write_bytes(Path("sources/contracts/his/his_op_visit.yml").read_bytes())
    with pytest.raises(ValueError, match="folder"):
        load_contract(path)
