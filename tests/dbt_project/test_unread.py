"""No feed is forgotten: a model of the core reads its staging model, or the contract says why none does."""

from __future__ import annotations

from sources.contracts.load import load_contracts


def test_a_feed_is_read_or_says_why_not(manifest) -> None:
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    read = {name for node in models if node.fqn[1] == "core" for name in node.depends_on.nodes}
    unread = {feed for feed in load_contracts() if f"model.yigongti.stg_{feed}" not in read}
    assert unread == {feed for feed, contract in load_contracts().items() if contract.unread_because}


def test_the_reason_stands_with_the_model(manifest) -> None:
    for feed, contract in load_contracts().items():
        told = manifest.nodes[f"model.yigongti.stg_{feed}"].config.meta.get("unread_because")
        why = contract.unread_because
        assert told == (f"{why.zh} | {why.en}" if why else None), feed


def test_what_says_why_is_read_by_nothing(manifest) -> None:
    """Neither outside the core: a run leaves it out."""
    unread = {f"model.yigongti.stg_{feed}" for feed, c in load_contracts().items() if c.unread_because}
    nodes = [node for node in manifest.nodes.values() if node.resource_type != "seed"]
    assert {node.name for node in nodes if unread & set(node.depends_on.nodes)} == set()
