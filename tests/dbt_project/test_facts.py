"""Facts say whose feed's rows they keep, and the gate reads of them what dbt reads."""

from __future__ import annotations

from expectations.facts import load_facts
from orchestration.kpi_registry import DBT_PROJECT


def test_every_fact_names_its_feed(manifest) -> None:
    models = {name.rsplit(".", 1)[1] for name in manifest.nodes if name.startswith("model.yigongti.fct_")}
    assert models <= {fact.table for fact in load_facts()}


def test_the_first_line_says_the_grain(manifest) -> None:
    """Of facts and dimensions: the columns of which no two rows agree, as the tests of the model hold them."""
    for node in manifest.nodes.values():
        if node.resource_type == "model" and node.name.startswith(("fct_", "dim_")):
            first = (DBT_PROJECT / node.original_file_path).read_text("utf-8").splitlines()[0]
            assert first == f"-- Grain: {', '.join(_key(manifest, node.unique_id))}.", node.name


def _key(manifest, model: str) -> list[str]:
    """The columns of its unique_key test, else the column that is tested to be unique."""
    tests = [n for n in manifest.nodes.values() if getattr(n, "attached_node", None) == model]
    by_name = {n.test_metadata.name: n for n in tests if n.test_metadata}
    if "unique_key" in by_name:
        return by_name["unique_key"].test_metadata.kwargs["columns"]
    return [by_name["unique"].column_name]


def test_every_register_is_reconciled() -> None:
    """What is kept of people who are in no event is accounted for too."""
    assert {"his_patient", "his_staff", "ph_ehr", "si_insured"} <= {fact.feed for fact in load_facts()}


def test_the_gate_reads_what_dbt_reads(manifest) -> None:
    keys = {
        node.attached_node: node.test_metadata.kwargs["columns"]
        for node in manifest.nodes.values()
        if node.resource_type == "test"
        and getattr(node, "test_metadata", None)
        and node.test_metadata.name == "unique_key"
    }
    for fact in load_facts():
        node = manifest.nodes[f"model.yigongti.{fact.table}"]
        assert list(fact.key) == keys[node.unique_id], fact.table
        assert f"model.yigongti.stg_{fact.feed}" in node.depends_on.nodes, fact.table
        assert fact.money is None or (fact.money.endswith("_fen") and fact.money in node.columns), fact.table
