"""The models and tests are one text that DuckDB and Spark read alike; each rule is shown to notice what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from dbt.contracts.graph.nodes import ModelNode, SingularTestNode

from tests.dbt_project import dialect

Rule = Callable[[str, str], Iterator[str]]
RULES: dict[Rule, tuple[str, ...]] = {
    dialect.read_alike: (
        "select a // b as c from t",
        "select date_diff('day', a, b) as c from t",
        "select \"a\" || 'b' as c from t",
        "select a from t order by a asc",
    ),
    dialect.nulls_have_a_place: (
        "select a from t order by a",
        "select a from t order by a desc",
        "select max(a) over (partition by b order by c desc) as d from t",
    ),
    dialect.windows_end_in_a_key: (
        "select row_number() over (partition by a order by b desc nulls last) as n from t",
        "select lag(a) over (order by source_line asc nulls last) as n from t",
    ),
    dialect.outer_joins_read_both_sides: (
        "select t.a from t left join u on t.b = 'x' and t.a = u.a",
        "select t.a from t full join u on t.a = u.a and t.c",
    ),
    dialect.decimals_are_sized: (
        "select cast(a as decimal) as b from t",
        "select cast(a as numeric(9)) as b from t",
    ),
    dialect.nulls_have_a_type: (
        "select null as a from t",
        "select a from t union all select null as a from u",
    ),
    dialect.divisions_are_guarded: ("select a / b as c from t", "select cast(a as double) / b as c from t"),
    dialect.functions_are_shared: (
        "select concat(a, b) as c from t",
        "select regexp_replace(a, 'x', '') as c from t",
        "select date_trunc('month', a) as c from t",
        "select date_part('year', a) as c from t",
    ),
    dialect.no_shorthand: (
        "select a::date as b from t",
        "select a + interval 1 day as b from t",
        "select * exclude (a) from t",
        "select [x for x in a] as b from t",
        "select a from t qualify count(*) over (partition by a) > 1",
    ),
    dialect.names_need_no_quotes: ('select a as "b c" from t', "select a as user from t"),
}
# A published name that is a keyword of DuckDB and has to be quoted there; it stays until its deprecation has run.
PUBLISHED = {("mart_kpi_value", "window")}


@pytest.fixture(scope="module")
def written(texts: dict[str, str], manifest) -> dict[str, str]:
    """The models and singular tests; generic tests quote what they are given."""
    judged = {node.name for node in manifest.nodes.values() if isinstance(node, ModelNode | SingularTestNode)}
    assert len(judged) > 100 and judged <= set(texts)
    return {name: texts[name] for name in judged}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_text_keeps_the_rule(written: dict[str, str], rule: Rule) -> None:
    broken = {(name, found) for name, text in written.items() for found in rule(name, text)}
    assert broken - (PUBLISHED if rule is dialect.names_need_no_quotes else set()) == set()


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, broken in RULES.items() for text in broken]
)
def test_the_rule_notices_what_breaks_it(rule: Rule, text: str) -> None:
    assert list(rule("some_model", text))


def test_windows_are_explained_only_where_they_are(written: dict[str, str]) -> None:
    assert {name for name in dialect.IDENTIFIED_BY if " over (" not in written.get(name, "")} == set()


def test_no_contract_has_the_width_of_a_sum(manifest) -> None:
    """DuckDB gives a sum of decimals 38 digits, Spark ten more than its terms: a contract says a width that somebody cast to."""
    typed = {
        (node.name, column.name): column.data_type
        for node in manifest.nodes.values()
        for column in node.columns.values()
        if column.data_type
    }
    assert len(typed) > 200
    assert {
        column: kind for column, kind in typed.items() if kind.replace(" ", "").startswith("decimal(38")
    } == {}
