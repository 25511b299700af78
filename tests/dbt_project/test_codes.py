"""Codes: the warehouse and the intake agree on which columns are coded, and the national tables read themselves."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from sources.contracts.load import load_contracts
from sources.reference import TERMINOLOGIES, nhsa_codes
from sources.terminology.editions import edition_of


def test_coded_columns_are_those_of_the_warehouse(texts: dict[str, str]) -> None:
    delivered = sqlglot.parse_one(texts["code_source"], read="duckdb").find(exp.CTE)
    columns = [
        {one.alias: one.unalias().name for one in select.expressions}
        for select in delivered.find_all(exp.Select)
    ]
    listed = {(each["feed"], each["terminology"], each["source_code"]) for each in columns}
    known = {feed: contract.coded_columns(TERMINOLOGIES) for feed, contract in load_contracts().items()}
    assert listed
    assert {(feed, t, c) for feed, t, c in listed if known[feed].get(t) != c} == set()


def test_reference_tables_are_whole() -> None:
    assert [len(nhsa_codes(terminology)) for terminology in TERMINOLOGIES] == [33304, 13686]


def test_a_contract_that_names_two_editions_names_none() -> None:
    assert [edition_of(text) for text in ("国临版2.0", "医保2.0", "ICD-10(国临/医保混)", "原系统")] == [
        "GLB",
        "YB",
        "",
        "",
    ]
