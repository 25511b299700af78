"""One SQL text for two engines: what DuckDB and Spark would read differently, found in the tree of a statement.

Here: the text of the models without what macros dispatch by engine, and the rules, each a function from a statement to
the places that break it. Not here: which models are judged (test_dialect).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlglot
from dbt.contracts.graph.manifest import Manifest
from sqlfluff.core import dialect_selector
from sqlglot import exp, tokens

if TYPE_CHECKING:
    from tests.dbt_project.conftest import Dbt

# What both engines call and mean alike, by sqlglot's names (strposition is position, datefromparts make_date). Others
# differ silently: regexp_replace, concat, log, hash, dayofweek, date_trunc, …
SHARED_FUNCTIONS = frozenset({
    "abs", "avg", "case", "cast", "coalesce", "count", "datefromparts", "exp", "floor", "greatest", "grouping", "if", "lag", "lastday", "least", "length",
    "ln", "max", "median", "min", "nullif", "percentilecont", "rank", "replace", "round", "rownumber", "sqrt", "stddevpop", "strposition",
    "substring", "sum", "translate", "trim", "trycast", "upper",
})  # fmt: skip
# Macros that spell by engine what differs; in the text judged here they stand under their own names.
DISPATCHED = frozenset({"days_between", "seconds_between", "integer_divide", "joined_text", "json_text", "wide"})
# A delivered row is known everywhere by its batch and line. What else identifies the rows that a window puts in order:
IDENTIFIED_BY = {
    "dim_division": {"division_code", "institution_id"},
    "dim_institution": {"institution_id", "valid_from"},
    "dim_institution_history": {"org_code", "valid_from"},
    "dim_drug": {"attribute", "value"},
    "dim_service_item": {"attribute", "value"},
    "fund_capitation_head": {"month", "person_key", "deliverer_id"},
    "fund_community_score": {"alliance_id", "institution_id"},
    "fund_share": {"month", "budget_year", "insurance_type_code", "method", "measure", "community_id"},
    "fund_share_scheme": {"month", "budget_year", "insurance_type_code", "scheme", "part", "community_id"},
    "assistance_account": {"staff_id", "month", "institution_id"},
    "fund_truncation": {"month", "budget_year", "insurance_type_code", "person_key", "community_id"},
    "kpi_evidence__equipment": {"month", "deliverer_id", "equipment_id"},
    "kpi_evidence__payroll": {"month", "deliverer_id", "staff_key", "pay_item"},
    "kpi_evidence__performance_pay": {"month", "deliverer_id", "staff_key", "pay_item"},
    "settled_case": {"deliverer_id", "settlement_id"},
    "casemix_case": {"deliverer_id", "settlement_id"},
    "casemix_code": {"case_number", "position"},
    "casemix_case_value": {"deliverer_id", "settlement_id"},
    "kpi_evidence__casemix": {"case_id"},
    "casemix_delivered_code": {"deliverer_id", "settlement_id", "terminology", "place"},
    "casemix_comparison": {"deliverer_id", "settlement_id", "result_batch"},
    "casemix_dip_case": {"case_id", "place_from_end", "result_batch"},
    "settlement_dip": {"case_id", "place_from_end", "result_batch"},
    # Of each of the three a rule names the case's own or any, and no two rules the same.
    "pool_distribution_measure": {"staff_id"},
    "pool_receipt": {"community_id", "budget_year", "month"},
    "pool_use": {"community_id", "month", "use"},
    "pool_round": {"community_id", "year", "month"},
    "pool_part": {"community_id", "month", "driver"},
    "pool_department": {"month", "institution_id", "department_code"},
    "pool_person": {"month", "institution_id", "department_code", "staff_id"},
    # Experts by year and month; techniques by institution, technique and month.
    "pool_claim": {"month"},
    # Claims by month and number; what a use had by month.
    "pool_claim_payment": {"community_id", "use", "month"},
    "pool_surplus_split": {"community_id", "budget_year", "month", "party"},
    "fund_balance": {"account_id", "month"},
    "casemix_dip_settlement": {"region", "dip_type", "insurance", "event_date"},
    "settlement_payment_method": {"institution_id", "insurance", "care_kind", "event_date"},
    # Of region and insurance a rule names the case's own or any, and no two rules the same.
    "settlement_drg_case": {"method", "region", "insurance", "event_date"},
    "settlement_part": {"deliverer_id", "settlement_id"},
    "settlement_special_case": {"deliverer_id", "settlement_id", "special_case_id"},
    "settlement_difference": {"case_id", "family", "place_from_end", "result_batch"},
    "casemix_settlement": {"insurance_key", "case_id"},
    "settlement_year": {"clearing_year", "event_date", "region"},
    "deductible_chain": {"person_key", "begin_date", "case_id"},
    "market_charge": {"service_id", "stays"},
    "market_contract_part": {"deliverer_id", "contract_id", "party"},
    "market_part": {"service_id", "party"},
    "code_name": {"feed", "terminology", "deliverer_id", "source_code", "source_name"},
    "code_reading": {"terminology", "code_system", "source_code", "step"},
    "mart_quality_rule": {"month", "institution_id", "rule_id", "feed", "column_name"},
    "quality_delivery": {"institution_id", "feed", "month"},
    # Judged rows alike in all of this are alike in what is shown of them.
    "quality_example": {
        "rule_id",
        "feed",
        "column_name",
        "deliverer_id",
        "month",
        "source_file",
        "source_line",
    },
    "fee_item_point": {"deliverer_id", "item_code"},
    "staff_share": {"team_key", "role"},
    "staff_department": {"month", "institution_id", "staff_id", "department_code"},
    "staff_point": {"month", "deliverer_id", "staff_id"},
    "physician_fee": {"month", "institution_id", "department_code", "staff_id"},
    "assistance_ledger": {"staff_id", "entry_key"},
    "physician_case_weight": {"deliverer_id", "settlement_id", "result_batch"},
    "pay_person": {"month", "deliverer_id", "staff_key", "staff_id"},
    "pay_post": {"month", "institution_id", "staff_key"},
    "pay_monitor": {"month", "institution_id", "staff_key"},
    "quality_person_issue": {"batch_id"},
    "score_annual": {"month", "institution_id", "score_from", "effective_from"},
    "score_institution": {"month", "institution_id", "score_from", "effective_from"},
    "score_target": {"month", "institution_id", "kpi_id", "institution_tier", "effective_from"},
}
RESERVED = {
    word.lower()
    for engine in ("duckdb", "sparksql")
    for word in dialect_selector(engine).sets("reserved_keywords")
}


def shared_text(dbt: Dbt) -> dict[str, str]:
    """Compiled text by name of model or test, in which a dispatched macro is only its name and its arguments.

    The project has been parsed. Names of relations lose their quotes: dbt writes those as the engine wants them.
    """
    neutral = Manifest.from_msgpack((dbt.scratch / "partial_parse.msgpack").read_bytes())
    neutral.build_flat_graph()
    for macro in neutral.macros.values():
        if macro.package_name == "yigongti" and macro.name.startswith("default__"):
            macro.macro_sql = _neutral(macro.macro_sql)
    result = dbt.run("compile", manifest=neutral)
    assert result.success, result.exception
    code = {one.node.name: getattr(one.node, "compiled_code", None) for one in result.result}
    return {name: re.sub(r'"build"\."(\w+)"\."(\w+)"', r"\1.\2", text) for name, text in code.items() if text}


def _neutral(macro_sql: str) -> str:
    head, name, arguments = re.match(r"(\{% macro default__(\w+)\((.*?)\) -?%\})", macro_sql).groups()
    names = [argument.split("=")[0].strip() for argument in arguments.split(",")]
    if name == "incoming":
        return head + "{{ source_name }}.{{ table_name }}{% endmacro %}"
    return head + name + "(" + ", ".join(f"{{{{ {one} }}}}" for one in names) + "){% endmacro %}"


def read_alike(_: str, sql: str) -> Iterator[str]:
    """DuckDB and Spark read the same tree: no syntax, no meaning, no order of nulls that only one of them knows."""
    try:
        ours, theirs = (_comparable(sqlglot.parse_one(sql, read=engine)) for engine in ("duckdb", "spark"))
    except sqlglot.ParseError as error:
        yield str(error)
        return
    if ours != theirs:
        others = {repr(node) for node in theirs.walk()}
        yield min((node.sql() for node in ours.walk() if repr(node) not in others), key=len, default=sql)


def _comparable(tree: exp.Expr) -> exp.Expr:
    """Undo what sqlglot, not the engine, reads differently: a Spark cast as the lenient one of old versions, make_date,
    which it knows of DuckDB only, and what a division may do, which `divisions_are_guarded` settles.
    """
    for node in reversed(list(tree.find_all(exp.Cast, exp.DateFromParts, exp.Div, exp.Ordered))):
        if isinstance(node, exp.Div):
            node.replace(exp.Anonymous(this="/", expressions=[node.this, node.expression]))
        elif isinstance(node, exp.Cast):
            node.replace(exp.Anonymous(this="cast", expressions=[node.this, node.to]))
        elif isinstance(node, exp.DateFromParts):
            parts = [node.args[part] for part in ("year", "month", "day")]
            node.replace(exp.Anonymous(this="make_date", expressions=parts))
        elif _in_aggregate(node):
            node.set("nulls_first", False)
    return tree


def _in_aggregate(ordered: exp.Ordered) -> bool:
    """Whether it sorts what an aggregate is computed of: those leave nulls out."""
    return isinstance(ordered.parent.parent, exp.WithinGroup)


def nulls_have_a_place(_: str, sql: str) -> Iterator[str]:
    """Every sort says where nulls go. Three engines that put them in three places must agree on it."""
    readings = [
        list(sqlglot.parse_one(sql, read=engine).find_all(exp.Ordered))
        for engine in ("duckdb", "spark", "postgres")
    ]
    for ours, *others in zip(*readings, strict=True):
        places = {one.args["nulls_first"] for one in (ours, *others)}
        if len(places) > 1 and not _in_aggregate(ours):
            yield ours.sql("duckdb")


def windows_end_in_a_key(name: str, sql: str) -> Iterator[str]:
    """No ties in a window's order: the engine may turn them as it likes, and the numbers with them."""
    identity = IDENTIFIED_BY.get(name, {"source_batch_id", "source_line"})
    for window in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Window):
        order = window.args.get("order")
        if order is None or isinstance(window.this, exp.Rank):  # equal ranks are meant
            continue
        parts = [*window.args.get("partition_by", []), order]
        if not identity <= {column.name for part in parts for column in part.find_all(exp.Column)}:
            yield window.sql("duckdb")


def outer_joins_read_both_sides(_: str, sql: str) -> Iterator[str]:
    """A condition of an outer join on its left side alone makes DuckDB try every pair: a county's year would not end (0026)."""
    for join in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Join):
        condition = join.args.get("on")
        if join.side and condition is not None:
            for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
                tables = {column.table for column in part.find_all(exp.Column)}
                if tables and join.this.alias_or_name not in tables:
                    yield part.sql("duckdb")


def decimals_are_sized(_: str, sql: str) -> Iterator[str]:
    """A bare decimal is (18,3) in DuckDB and (10,0) in Spark: money and scores would be cut."""
    for kind in sqlglot.parse_one(sql, read="spark").find_all(
        exp.DataType
    ):  # as DuckDB, a bare one is filled up
        if kind.is_type(exp.DType.DECIMAL) and len(kind.expressions) != 2:
            yield kind.parent.sql("spark")


def nulls_have_a_type(_: str, sql: str) -> Iterator[str]:
    """An untyped null is a column of type `void` in Spark, which no table can store."""
    for select in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Select):
        yield from (one.sql("duckdb") for one in select.expressions if isinstance(one.unalias(), exp.Null))


def divisions_are_guarded(_: str, sql: str) -> Iterator[str]:
    """`/` keeps integers in one engine and 1/0 is infinite in the other: only the macro `quotient` divides."""
    for division in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Div, exp.IntDiv, exp.Mod):
        above, below = division.this, division.expression
        guarded = (
            isinstance(below, exp.Nullif) and isinstance(above, exp.Cast) and isinstance(below.this, exp.Cast)
        )
        if not (guarded and above.is_type("double") and below.this.is_type("double")):
            yield division.sql("duckdb")


def functions_are_shared(_: str, sql: str) -> Iterator[str]:
    """Only functions known to mean the same in both; days_between and others that differ are dispatched macros."""
    for function in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Func):
        called = function.name.lower() if isinstance(function, exp.Anonymous) else function.key
        if called not in SHARED_FUNCTIONS | DISPATCHED and not isinstance(function, exp.Connector):
            yield function.sql("duckdb")


def no_shorthand(_: str, sql: str) -> Iterator[str]:
    """`x::date`, `interval`, `qualify`, `* exclude (…)`, list comprehensions: Spark took them up late or never."""
    late = {tokens.TokenType.DCOLON, tokens.TokenType.INTERVAL, tokens.TokenType.QUALIFY}
    yield from (token.text for token in sqlglot.tokenize(sql, read="duckdb") if token.token_type in late)
    for node in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Star, exp.Comprehension):
        if isinstance(node, exp.Comprehension) or any(node.args.values()):
            yield node.sql("duckdb")


def names_need_no_quotes(_: str, sql: str) -> Iterator[str]:
    """No column is a keyword of either engine: it would need quotes, and in Spark "a" is a text."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    aliases = (alias.args["alias"] for alias in tree.find_all(exp.Alias) if alias.args.get("alias"))
    yield from (name.name for name in aliases if name.name.lower() in RESERVED)
    yield from (name.name for name in tree.find_all(exp.Identifier) if name.quoted)
