"""No cell stops a county: every nasty value in every column of every contract, and through every verb of a mapping, ends as
accepted, quarantined or duplicate, rows and fen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa
import pytest

from sources.conforming.batch import Conformer
from sources.conforming.judged import BatchIdentity, Piece
from sources.connectors.delivered import LINE, MALFORMED
from sources.contracts.contract import Contract
from sources.contracts.date_bounds import DateSettings
from sources.contracts.load import load_contracts
from sources.contracts.words import Column
from sources.mappings.mapping import Mapping
from sources.mappings.plan import FeedPlan, plan_of

INSTITUTION, MONTH = "H34062100001", "2025-03"
NASTY = (
    None, "", " ", "0", "-0", "+", "-", ".", ",", "1,2,3", "1.2.3", "NaN", "inf", "-Infinity", "nan", "1e5", "1e99", "-9e99",
    "1E+16", "9e18", "6901234567892", "999999999999.995", "99999999999999", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "170141183460469231731687303715884105727", "1" * 40, "9" * 400, "0." + "1" * 60, "00012", "1_000",
    "0x1F", "١٢٣", "一百", "10²", "½", "¥12.50元", "12元", "1,234.56", "1,23,456", "$5", "(5.00)", "5-", "5%", "true", "null",
    "2025-02-30", "2025-13-01", "0000-00-00", "0001-01-01", "9999-12-31", "99999-01-01", "-2025-01-01", "20250301", "2025030125",
    "45717", "45717.99999", "80000", "1700000000", "1700000000000", "17000000000000000", "2025-03-01T25:61:61", "2025年3月1日",
    "2025-03-01 08:00:00+99:99", "2025-03-01T08:00:00Z", "01-三月 -25", "Mon Mar 03 08:00:00 CST 2025", "24:00", "11010119900307851X",
    "110101199003078515", "110101900307851", "13800138000", "A" * 5000, "汉" * 3000, "a\tb", "a\nb", "a\x00b", "\x1f", "\x7f",
    "'", "''", '"', "\\", "%s", "{}", "${x}", "; drop table t; --", "\u202e", "\ufeff1", "1\u200b", "\U0001f600", "=1+1", "?", "#N/A",
)  # fmt: skip
VERBS: dict[str, dict[str, object]] = {
    "as it is": {},
    "join concat": {"from": ["{c}", "{c}"], "join": "concat", "separator": ","},
    "join date_hour": {"from": ["{c}", "{c}"], "join": "date_hour"},
    "first_of": {"first_of": ["absent", "{c}"]},
    "split": {"from": "{c}", "split": ".", "part": 2},
    "extract": {"from": "{c}", "extract": r"^(\d+\.\d\d)$"},
    "replace": {"from": "{c}", "replace": {"1": "", "元": "9" * 20}},
    "dictionary": {"from": "{c}", "dictionary": "words"},
    "factor": {"from": "{c}", "factor": "9999999999"},
    "small factor": {"from": "{c}", "factor": "0.000001"},
    "wanyuan": {"from": "{c}", "money_unit": "wanyuan"},
    "fen": {"from": "{c}", "money_unit": "fen"},
    "expression sum": {"expression": "\"{c}\" + coalesce(\"{c}\", 0) - 1"},
    "expression choice": {"expression": "case \"{c}\" when '1' then '2' when '' then null else coalesce(\"{c}\", '0') end"},
    "expression in parts": {"expression": "\"{c}\" - 0.5", "split": ".", "part": 2},
    "cut_at": {"from": "{c}", "cut_at": 3},
}  # fmt: skip


def applies(said: dict[str, object], column: Column) -> bool:
    """Whether `county check` lets a column say that."""
    if said.get("join") == "date_hour":
        return column.logical_type == "timestamp"
    if "factor" in said:
        return column.logical_type in ("integer", "number") and not column.is_money
    return "money_unit" not in said or column.is_money


def plan(contract: Contract, verb: str) -> FeedPlan:
    def filled(column: Column) -> object:
        said = json.loads(json.dumps(VERBS[verb]).replace("{c}", column.name))
        return said if said and applies(said, column) else column.name

    mapping = Mapping.model_validate(
        {
            "vendor": "v", "name_zh": "厂", "system": "mixed", "money_unit": "yuan",
            "dictionaries": {"words": {"0": "1", "1": "", "12元": "x"}},
            "feeds": {contract.feed: {"file": "{institution}/{month}/f*", "columns": {
                column.name: filled(column) for column in contract.columns}}},
        }
    )  # fmt: skip
    return plan_of(mapping, contract.feed)


def rows(contract: Contract) -> pa.Table:
    """Every nasty value in every column, the other columns holding what their examples show."""
    usual = {c.name: (c.examples or c.valid_values or ("1",))[0] for c in contract.columns}
    lines = [{**usual, column.name: value} for column in contract.columns for value in NASTY]
    texts = {name: pa.array([line[name] for line in lines], pa.string()) for name in usual}
    return pa.table({**texts, LINE: range(2, len(lines) + 2), MALFORMED: pa.nulls(len(lines), pa.string())})


@pytest.fixture(scope="module")
def conformer() -> Iterator[Conformer]:
    with Conformer(b"nasty values, tried on every column", {INSTITUTION}, {}, DateSettings()) as opened:
        yield opened


def accounted(conformer: Conformer, contract: Contract, verb: str) -> None:
    table, batch = rows(contract), BatchIdentity("0" * 16, INSTITUTION, MONTH, "f.csv")
    how = plan(contract, verb)
    (part,) = conformer.conform(how, [Piece(batch, table)])
    account = part.account.verified()
    assert account.delivered_rows == table.num_rows
    assert account.delivered_fen == conformer.delivered_fen(table, how)


@pytest.mark.parametrize("feed", load_contracts())
def test_no_value_stops_a_feed(conformer: Conformer, feed: str) -> None:
    accounted(conformer, load_contracts()[feed], "as it is")


def kind(column: Column) -> tuple[object, ...]:
    """What decides how a value of this column is read."""
    rule = column.privacy.model_dump(exclude={"as_"}, exclude_defaults=True).keys() if column.privacy else ()
    return (
        column.logical_type, column.format, column.is_money, column.when_invalid, column.open_ended, *sorted(rule),
    )  # fmt: skip


# The smallest feeds that have a column of every kind.
EVERY_KIND = (
    "fin_payroll", "gov_accreditation", "his_mr_oper", "his_org", "his_patient", "his_satisfaction", "ph_child", "ph_followup_htn",
    "si_settle_opsp",
)  # fmt: skip


def test_between_them_these_feeds_have_every_kind_of_column() -> None:
    contracts = load_contracts()
    every = {kind(column) for contract in contracts.values() for column in contract.columns}
    assert {kind(column) for feed in EVERY_KIND for column in contracts[feed].columns} == every


@pytest.mark.parametrize("feed", EVERY_KIND)
@pytest.mark.parametrize("verb", VERBS)
def test_no_value_stops_a_verb(conformer: Conformer, feed: str, verb: str) -> None:
    accounted(conformer, load_contracts()[feed], verb)
