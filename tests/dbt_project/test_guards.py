"""What people are paid by: no model behind it reads a column that policy forbids there, in whatever clause.

Columns say themselves what they are (`meta: {guard: …}` in their yml): case money, static resources, single referrals. Not here:
what a county's policy may not say (tests/sources/county/test_money_policy.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlglot
from dbt.contracts.graph.manifest import Manifest
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

# What weighs people and what judges them. What an institution is shared out by stands in pool_driver_value.
OF_PEOPLE = ("staff_point", "pool_work", "physician_fee", "physician_capability")
NEVER = {
    "case_money": "医保发〔2025〕18号",
    "static_resource": "S003 §3.2",
    "referral_count": "S003 §6.4",
}
PREFIX = "model.yigongti."
INDICATORS = ("kpi", "scoring")


def guarded(manifest: Manifest) -> dict[tuple[str, str], str]:
    """{(model, column): guard} of all columns that carry one."""
    return {
        (node.name, name): column.config.meta["guard"]
        for node in manifest.nodes.values()
        if node.resource_type == "model"
        for name, column in node.columns.items()
        if "guard" in column.config.meta
    }


def columns_read(text: str, known: dict[str, list[str]]) -> set[tuple[str, str]]:
    """(relation, column) of everything that a statement reads, in any clause; known: {relation: its columns}."""
    schema = {name: dict.fromkeys(columns, "text") for name, columns in known.items()}
    tree = qualify(
        sqlglot.parse_one(text, dialect="duckdb"), schema=schema, dialect="duckdb",
        validate_qualify_columns=False, quote_identifiers=False,
    )  # fmt: skip
    found = set()
    for scope in traverse_scope(tree):
        tables = {alias: source.name for alias, source in scope.sources.items() if isinstance(source, exp.Table)}
        for column in scope.columns:
            if column.table in tables:
                found.add((tables[column.table], column.name))
    return found


def behind(manifest: Manifest, name: str) -> Iterator[str]:
    """A model and all models it is made of, as far as the indicators: which of them count is policy, and guarded there."""
    waiting, seen = [PREFIX + name], set()
    while waiting:
        node = waiting.pop()
        if node not in seen and node.startswith(PREFIX) and manifest.nodes[node].fqn[1] not in INDICATORS:
            seen.add(node)
            waiting += manifest.nodes[node].depends_on.nodes
    yield from sorted(node.removeprefix(PREFIX) for node in seen)


def offences(manifest: Manifest, texts: dict[str, str], name: str) -> list[str]:
    known = {node.name: list(node.columns) for node in manifest.nodes.values() if node.resource_type == "model"}
    guards, found = guarded(manifest), []
    for model in behind(manifest, name):
        gated = manifest.nodes[PREFIX + model].config.meta.get("quality_gate")
        for read in sorted(columns_read(texts[model], known)):
            guard = guards.get(read)
            if guard in NEVER and not (guard == "referral_count" and gated):
                found.append(f"{model} reads {'.'.join(read)} ({guard}, {NEVER[guard]})")
    return found


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_nothing_forbidden_weighs_people(manifest: Manifest, texts: dict[str, str], name: str) -> None:
    assert offences(manifest, texts, name) == []


def test_every_guard_has_its_columns(manifest: Manifest) -> None:
    assert set(guarded(manifest).values()) >= set(NEVER)


@pytest.mark.parametrize(
    "text",
    [
        "select r.payment_standard_fen as points from warehouse.core.fct_drg_result as r",
        "with a as (select * from core.fct_drg_result) select count(*) from a where a.payment_standard_fen > 1",
        "select 1 as points from core.staff as s inner join core.fct_drg_result as r on s.cost = r.payment_standard_fen",
        "select row_number() over (order by payment_standard_fen) as points from core.fct_drg_result",
    ],
)
def test_a_forbidden_column_is_seen_wherever_it_is_read(text: str) -> None:
    known = {"fct_drg_result": ["settlement_id", "payment_standard_fen"], "staff": ["cost"]}
    assert ("fct_drg_result", "payment_standard_fen") in columns_read(text, known)
