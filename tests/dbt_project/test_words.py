"""Every model and column says in Chinese and in English what it is, and says it where BI tools look."""

from __future__ import annotations

import re

import duckdb
import pytest

from sources.contracts.load import load_contracts

BILINGUAL = re.compile(r"^[^|]*[\u4e00-\u9fff][^|]* \| [^|]*[A-Za-z][^|]*$")


def _project_nodes(manifest):
    return [node for node in manifest.nodes.values() if node.resource_type in ("model", "seed")]


def test_every_model_is_described_in_both_languages(manifest) -> None:
    unclear = [node.name for node in _project_nodes(manifest) if not BILINGUAL.match(node.description)]
    assert unclear == []


def test_every_column_is_described_in_both_languages(manifest) -> None:
    unclear = [
        f"{node.name}.{column.name}"
        for node in _project_nodes(manifest)
        for column in node.columns.values()
        if not BILINGUAL.match(column.description)
    ]
    assert unclear == []


def test_every_source_is_described_in_both_languages(manifest) -> None:
    unclear = [
        source.unique_id for source in manifest.sources.values() if not BILINGUAL.match(source.description)
    ]
    assert unclear == []


def test_described_columns_are_the_built_columns(manifest, database: duckdb.DuckDBPyConnection) -> None:
    found = database.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() group by table_name"
    ).fetchall()
    built = dict(found)
    for node in _project_nodes(manifest):
        assert list(node.columns) == built[node.name], node.name


def test_staging_says_what_the_contract_says(manifest) -> None:
    """Same columns, same order, same words: a contract and its staging model cannot drift apart."""
    for feed, contract in load_contracts().items():
        model = manifest.nodes[f"model.yigongti.stg_{feed}"]
        staged = {name: column.description for name, column in model.columns.items()}
        promised = {
            name: f"{zh} | {en}" for name, _, zh, en in contract.conformed_columns() if name != "op_flag"
        }
        assert list(staged) == ["deliverer_id", "delivery_month", *promised], feed
        assert {name: staged[name] for name in promised} == promised, feed


def test_staging_keys_are_the_contract_keys(manifest) -> None:
    for feed, contract in load_contracts().items():
        text = manifest.nodes[f"model.yigongti.stg_{feed}"].raw_code
        assert f"key={list(contract.conformed_key)!r}" in text, feed


@pytest.mark.parametrize("table", ["mart_kpi_value", "mart_unit_value", "mart_quality_score"])
def test_comments_of_marts_reach_the_database(database: duckdb.DuckDBPyConnection, table: str) -> None:
    comments = database.execute(
        "select comment from duckdb_columns() where table_name = ?", [table]
    ).fetchall()
    assert comments and all(BILINGUAL.match(comment or "") for (comment,) in comments)
