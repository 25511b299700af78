"""One Great Expectations session over one in-process DuckDB: the only module that imports the library.

A session owns a named in-memory DuckDB. Callers create views or tables in its schema `scope` (rows of the
months judged, always with `institution_id` and `month`), and ask for answers about them. Nothing a session
returns carries a judged value: a first pass asks GX for yes or no, and where the answer is no, for the query
that finds the rows. What does not belong here: which checks exist (suites/), what an answer means
(judging.py).
"""

from __future__ import annotations

import functools
import itertools
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from expectations import duckdb_support
from expectations.check import Check
from sources.base.engine import ALONE, bounded, literal

SCOPE_SCHEMA = "scope"
# Nothing that lives longer than the statement that needs it.
_BOUNDED = {"preserve_insertion_order": "false", "enable_external_file_cache": "false"}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """GX's answer for one check on one relation.

    `violations_sql` selects one row per violating row (columns asked for) and is None when there is none;
    `error` is the library's message when the check could not be evaluated.
    """

    check: Check
    success: bool
    violations_sql: str | None = None
    error: str | None = None


@functools.cache
def library() -> Any:
    """Import GX once, silent and without telemetry (it costs seconds, therefore never at module level)."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations

    duckdb_support.install()
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations


class Session:
    """A GX ephemeral context and the DuckDB it judges, which puts into `spill` what memory cannot hold. Use as a context manager."""

    def __init__(self, spill: Path) -> None:
        gx = library()
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        duckdb_support.keep_nothing(context)
        self._source = context.data_sources.add_sql(
            "duckdb",
            connection_string=f"duckdb:///:memory:gate{next(_numbers)}",
            kwargs={"connect_args": {"config": dict(ALONE)}},
        )
        self._engine = self._source.get_execution_engine()
        with self._engine.get_connection() as connection:
            self.duckdb: duckdb.DuckDBPyConnection = connection.connection.dbapi_connection
        duckdb_support.describe_quickly(self._engine, self.duckdb)
        for name, value in {**bounded(spill), **_BOUNDED}.items():
            self.duckdb.execute(f"set {name} = {literal(value)}")
        self.duckdb.execute(f"create schema {SCOPE_SCHEMA}")
        self._batches: dict[str, Any] = {}

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()
        self._engine.engine.dispose()
        self._source.get_engine().dispose()

    def columns(self, relation: str) -> list[str]:
        """Column names of `scope.<relation>`; empty if there is no such relation."""
        try:
            described = self.duckdb.execute(f'describe {SCOPE_SCHEMA}."{relation}"').fetchall()
        except duckdb.CatalogException:
            return []
        return [name for name, *_ in described]

    def judge(self, relation: str, checks: Sequence[Check], wanted: Sequence[str]) -> list[Answer]:
        """Judge `scope.<relation>`; violating rows are found by the columns `wanted` (those that exist)."""
        answers = self._validate(relation, checks, "BOOLEAN_ONLY")
        failing = [check for check, answer in zip(checks, answers, strict=True) if _failed(answer)]
        found = dict(
            zip((c.check_id for c in failing), self._explain(relation, failing, wanted), strict=True)
        )
        return [
            Answer(check, bool(answer.success), found.get(check.check_id), _error(answer))
            for check, answer in zip(checks, answers, strict=True)
        ]

    def _explain(self, relation: str, checks: Sequence[Check], wanted: Sequence[str]) -> list[str]:
        """Per check the SQL that finds the violating rows: ours where GX offers none that can be executed."""
        present = set(self.columns(relation))
        shown = [column for column in wanted if column in present]
        own = [check.violations_sql(f"{SCOPE_SCHEMA}.{relation}", shown) for check in checks]
        asked = [check for check, sql in zip(checks, own, strict=True) if sql is None]
        settings = {
            "result_format": "SUMMARY",
            "unexpected_index_column_names": shown,
            "return_unexpected_index_query": True,
            "partial_unexpected_count": 0,
        }
        answers = iter(self._validate(relation, asked, settings) if asked else [])
        queries = [sql or next(answers).result["unexpected_index_query"].rstrip("; ") for sql in own]
        return [self._only(sql, wanted) for sql in queries]

    def _only(self, sql: str, wanted: Sequence[str]) -> str:
        """Nothing but the columns `wanted` of a query; a slice column it lacks becomes null."""
        output = {column[0] for column in self.duckdb.execute(f"select * from ({sql}) limit 0").description}
        absent = [f"null::varchar as {name}" for name in ("institution_id", "month") if name not in output]
        names = [f'"{name}"' for name in wanted if name in output]
        return f"select {', '.join([*names, *absent])} from ({sql}) as violation"

    def _validate(self, relation: str, checks: Sequence[Check], result_format: Any) -> list[Any]:
        gx = library()
        expectations = [_expectation(gx, check, number) for number, check in enumerate(checks)]
        suite = gx.ExpectationSuite(name=f"{relation}", expectations=expectations)
        results = self._batch(relation).validate(suite, result_format=result_format).results
        by_number = {result.expectation_config.meta["number"]: result for result in results}
        return [by_number[number] for number in range(len(checks))]

    def _batch(self, relation: str) -> Any:
        if relation not in self._batches:
            asset = self._source.add_table_asset(relation, table_name=relation, schema_name=SCOPE_SCHEMA)
            self._batches[relation] = asset.add_batch_definition_whole_table("scope").get_batch()
        return self._batches[relation]


def _expectation(gx: Any, check: Check, number: int) -> Any:
    """The GX expectation of a check. `meta` keeps the order: GX may return results in another."""
    return getattr(gx.expectations, check.expect)(**check.arguments, meta={"number": number})


def _failed(answer: Any) -> bool:
    return not answer.success and _error(answer) is None


def _error(answer: Any) -> str | None:
    """GX reports an exception either directly or per metric; one message is enough."""
    info = answer.exception_info or {}
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = [str(entry["exception_message"]) for entry in entries if entry.get("raised_exception")]
    return messages[0] if messages else None
