"""The cure for Great Expectations on DuckDB works, and is still needed. If the second part fails, delete
the module.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from expectations.check import Check
from expectations.gx_session import Session

WITHOUT_THE_CURE = """
import great_expectations as gx
context = gx.get_context(mode="ephemeral")
source = context.data_sources.add_sql("duckdb", connection_string="duckdb:///:memory:plain")
with source.get_engine().connect() as connection:
    connection.exec_driver_sql("create table t as select * from (values ('a'), ('b')) as v(x)")
    connection.commit()
    batch = source.add_table_asset("t", table_name="t").add_batch_definition_whole_table("t").get_batch()
    for expectation in ({expectations}):
        print(batch.validate(expectation).success)
"""
CURED = (
    'gx.expectations.ExpectColumnValuesToBeInSet(column="x", value_set=["a", "b"])',
    'gx.expectations.ExpectColumnValuesToMatchRegex(column="x", regex="^[ab]$")',
)


def check(expect: str, **arguments) -> Check:
    texts = dict.fromkeys(("rule_zh", "rule_en", "mend_zh", "mend_en"), "x")
    return Check(
        check_id=f"core.t.{expect}", gate="core", subject="t", category="conformance", severity="critical",
        expect=expect, arguments=arguments, **texts,
    )  # fmt: skip


@pytest.mark.parametrize("expectation", CURED)
def test_the_cure_is_still_needed(expectation: str) -> None:
    """Both expectations hold; a library that knew DuckDB would say so without our help."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_CURE.format(expectations=expectation + ",")],
        capture_output=True,
        text=True,
        check=False,
        env={"GX_ANALYTICS_ENABLED": "false", "PATH": ""},
    )
    assert done.stdout.split() == ["False"], (
        f"GX judges DuckDB by itself now? Drop duckdb_support.py. {done.stderr}"
    )


@pytest.mark.parametrize(
    ("expect", "arguments", "violating"),
    [
        ("ExpectColumnValuesToNotBeNull", {"column": "x"}, {"n3"}),
        ("ExpectColumnValuesToBeInSet", {"column": "x", "value_set": ["a"]}, {"n2"}),
        ("ExpectColumnValuesToNotBeInSet", {"column": "x", "value_set": ["a"]}, {"n1"}),
        ("ExpectColumnValuesToMatchRegex", {"column": "x", "regex": "^a"}, {"n2"}),
        ("ExpectColumnValuesToBeUnique", {"column": "one"}, {"n1", "n2", "n3"}),
        ("ExpectColumnValuesToBeBetween", {"column": "number", "max_value": 2}, {"n3"}),
        ("ExpectCompoundColumnsToBeUnique", {"column_list": ["one", "pair"]}, {"n1", "n2"}),
        (
            "UnexpectedRowsExpectation",
            {"unexpected_rows_query": "select * from {batch} where number = 1"},
            {"n1"},
        ),
    ],
)
def test_expectations_in_use_judge_duckdb_and_find_their_rows(
    tmp_path: Path, expect: str, arguments: dict, violating: set
) -> None:
    with Session(tmp_path) as session:
        session.duckdb.execute("""
            create table scope.t as select 'H' as institution_id, '2025-03' as month, * from (values
                ('n1', 'a', 1, 1, 'p'), ('n2', 'b', 2, 1, 'p'), ('n3', null, 3, 1, 'q')
            ) as v(problem, x, number, one, pair)
        """)
        (answer,) = session.judge("t", [check(expect, **arguments)], ["institution_id", "month", "problem"])
        assert answer.error is None
        assert not answer.success
        rows = session.duckdb.execute(answer.violations_sql).fetchall()
        assert {problem for _, _, problem in rows} == violating


def test_an_expectation_that_cannot_be_evaluated_is_an_error_not_a_pass(tmp_path: Path) -> None:
    with Session(tmp_path) as session:
        session.duckdb.execute("create table scope.t as select 'H' as institution_id, '2025-03' as month")
        wrong = check("ExpectColumnValuesToNotBeNull", column="no_such_column")
        (answer,) = session.judge("t", [wrong], ["institution_id"])
        assert answer.error
