"""Codes: the warehouse and the intake agree on which columns are coded, and the national tables read themselves."""

from __future__ import annotations

import re

from sources.contracts.load import load_contracts
from sources.reference import TERMINOLOGIES, nhsa_codes
from sources.terminology.editions import edition_of
from tests.dbt_project.conftest import PROJECT


def test_coded_columns_are_those_of_the_warehouse() -> None:
    text = (PROJECT / "models" / "core" / "codes" / "code_source.sql").read_text("utf-8")
    listed = re.findall(r"\('(\w+)', '(\w+)', '(\w+)', ", text)
    known = {feed: contract.coded_columns(TERMINOLOGIES) for feed, contract in load_contracts().items()}
    assert listed
    assert [(feed, t, c) for feed, t, c in listed if known[feed].get(t) != c] == []


def test_reference_tables_are_whole() -> None:
    assert [len(nhsa_codes(terminology)) for terminology in TERMINOLOGIES] == [33304, 13686]


def test_a_contract_that_names_two_editions_names_none() -> None:
    assert [edition_of(text) for text in ("国临版2.0", "医保2.0", "ICD-10(国临/医保混)", "原系统")] == [
        "GLB",
        "YB",
        "",
        "",
    ]
