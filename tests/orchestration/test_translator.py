"""Which asset a dbt node is."""

import dagster as dg
import pytest

from orchestration.translator import (
    PERSON_INDEX_KEY,
    SETTINGS_KEY,
    WarehouseTranslator,
    attach_tests,
    described_test,
    feed_key,
    model_key,
    source_key,
)


@pytest.mark.parametrize(
    ("source", "table", "key"),
    [
        ("conformed", "his_rx", feed_key("his_rx")),
        ("county", "institution", SETTINGS_KEY),
        ("policy", "kpi_target", SETTINGS_KEY),
        ("pipeline", "run_month", SETTINGS_KEY),
        ("pipeline", "person_index", PERSON_INDEX_KEY),
    ],
)
def test_a_source_is_the_asset_that_writes_it(source: str, table: str, key: dg.AssetKey):
    assert source_key(source, table) == key
    props = {"resource_type": "source", "source_name": source, "name": table}
    assert WarehouseTranslator().get_asset_key(props) == key


def test_a_model_is_named_after_itself():
    props = {"resource_type": "model", "name": "kpi_value", "fqn": ["yigongti", "kpi", "kpi_value"]}
    assert WarehouseTranslator().get_asset_key(props) == model_key("kpi_value")


def test_a_node_is_filed_under_its_folder():
    staging = {"resource_type": "model", "fqn": ["yigongti", "staging", "his", "stg_his_rx"]}
    seed = {"resource_type": "seed", "fqn": ["yigongti", "kpi_registry"]}
    assert [WarehouseTranslator().get_group_name(each) for each in (staging, seed)] == [
        "staging",
        "reference",
    ]
    assert WarehouseTranslator().get_tags(staging) == {"layer": "staging", "domain": "hospital"}
    assert WarehouseTranslator().get_owners(staging) != WarehouseTranslator().get_owners(seed)


def test_a_test_of_several_tables_belongs_to_the_last_model_it_names():
    def node(kind: str, name: str, upstream: list[str], attached: str | None = None) -> dict:
        depends = {"nodes": upstream}
        return {
            "resource_type": kind,
            "name": name,
            "depends_on": depends,
            "attached_node": attached,
            "config": {},
        }

    nodes = {
        "model.p.a": node("model", "a", []),
        "model.p.b": node("model", "b", ["model.p.a"]),
        "test.p.both": node("test", "both", ["model.p.a", "model.p.b"]),
        "test.p.source": node("test", "source", ["source.p.s.t", "model.p.a"]),
        "test.p.own": node("test", "own", ["model.p.a", "model.p.b"], attached="model.p.a"),
    }
    attach_tests({"nodes": nodes})
    assert nodes["test.p.both"]["config"]["meta"] == {"dagster": {"ref": {"name": "b"}}}
    assert nodes["test.p.source"]["config"]["meta"] == {"dagster": {"ref": {"name": "a"}}}
    assert nodes["test.p.own"]["config"] == {}
    assert nodes["model.p.b"]["config"] == {}


def test_every_test_of_the_project_says_what_it_demands(manifest: dict):
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert [node["name"] for node in tests if not described_test(node)] == []
    (key,) = (node for node in tests if node["name"] == "fct_slot_key")
    assert "deliverer_id, slot_id" in described_test(key)
    assert described_test({"description": "own"}) == "own"
