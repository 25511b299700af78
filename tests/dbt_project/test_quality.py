"""The register of data quality rules: every rule that is counted anywhere is named, filed and can be mended."""

from __future__ import annotations

import csv

import sqlglot
from sqlglot import exp

from sources.conforming.rules import RULE_IDS
from sources.contracts.load import load_contracts
from sources.identity import issues
from sources.base.terms import QUALITY_DIMENSIONS
from sources.identity import issues
from sources.base.terms import QUALITY_DIMENSIONS
from tests.dbt_project.conftest import PROJECT


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_rule_of_intake_and_warehouse_is_registered(texts: dict[str, str], manifest) -> None:
    models = [node.name for node in manifest.nodes.values() if node.name.startswith("quality_")]
    of_warehouse = {
        one.this.name
        for name in models
        if name in texts
        for one in sqlglot.parse_one(texts[name], read="duckdb").find_all(exp.Alias)
        if one.alias == "rule_id" and isinstance(one.this, exp.Literal)
    }
    registered: dict[str, set[str]] = {origin: set() for origin in ("intake", "person", "warehouse")}
    for row in _seed("quality_rule"):
        registered[row["origin"]].add(row["rule_id"])
    of_people = {value for name, value in vars(issues).items() if name.isupper() and value == name}
    assert registered == {"intake": set(RULE_IDS), "person": of_people, "warehouse": of_warehouse}


def test_rules_are_filed_and_say_how_to_mend() -> None:
    for row in _seed("quality_rule"):
        assert row["dimension"] in (*QUALITY_DIMENSIONS, "none"), row["rule_id"]
        assert all(row[name] for name in ("name_zh", "name_en", "mend_zh", "mend_en")), row["rule_id"]


def test_columns_that_should_be_filled_exist_and_may_be_empty() -> None:
    for row in _seed("quality_column"):
        contract = load_contracts()[row["feed"]]
        column = next(one for one in contract.conformed if one.name == row["column_name"])
        assert not (column.source and contract.column(column.source).required), row
