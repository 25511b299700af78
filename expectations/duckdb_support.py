"""The whole cure that makes Great Expectations judge DuckDB, and nothing else.

Great Expectations has no DuckDB dialect. Through duckdb-engine it closes each connection before reading the
result ("list index out of range"), and its regular-expression helper knows no expression for it. We add
`duckdb` to the dialects whose connection is kept, and a branch to the helper. Two shortcuts leave out what only costs time.
`tests/expectations/test_duckdb_support.py` fails as soon as the library no longer needs this, so that the
module can be deleted.
"""

from __future__ import annotations

import enum
import functools
import importlib
import sys
from typing import Any

_ENGINE_MODULE = "great_expectations.execution_engine.sqlalchemy_execution_engine"
_HELPER_MODULE = "great_expectations.expectations.metrics.util"
_HELPER = "get_dialect_regex_expression"


class _Dialect(enum.StrEnum):
    """Looks like an entry of GX's own dialect enum: equal to its name, with a `.value`."""

    DUCKDB = "duckdb"


def install() -> None:
    """Teach the loaded Great Expectations about DuckDB. Safe to call again."""
    engine: Any = importlib.import_module(_ENGINE_MODULE)  # whose names nobody promises
    if _Dialect.DUCKDB in engine._PERSISTED_CONNECTION_DIALECTS:
        return
    engine._PERSISTED_CONNECTION_DIALECTS = (*engine._PERSISTED_CONNECTION_DIALECTS, _Dialect.DUCKDB)
    original = getattr(importlib.import_module(_HELPER_MODULE), _HELPER)
    helper = _with_duckdb(original)
    for name, module in list(sys.modules.items()):
        if name.startswith("great_expectations.") and getattr(module, _HELPER, None) is original:
            setattr(module, _HELPER, helper)


def keep_nothing(context: Any) -> None:
    """Let an ephemeral context not write its configuration: a text that nobody reads, anew for every relation."""
    context._save_project_config = lambda *_: None


def describe_quickly(execution_engine: Any, connection: Any) -> None:
    """Let GX ask DuckDB for a relation's columns directly.

    duckdb-engine reflects through a view over the whole catalogue: 0.15 s for each of some forty relations.
    """
    inspector = _Inspector(execution_engine.dialect, connection)
    execution_engine.get_inspector = lambda: inspector


class _Inspector:
    """The two questions that GX puts to SQLAlchemy's inspector."""

    def __init__(self, dialect: Any, connection: Any) -> None:
        self.dialect = dialect
        self._connection = connection

    def get_pk_constraint(self, table_name: str, schema: str | None = None) -> dict[str, list[str]]:
        """Views and the tables we judge declare no key."""
        return {"constrained_columns": []}

    def get_columns(self, table_name: str, schema: str | None = None) -> list[dict[str, Any]]:
        """Names; types stay unknown to SQLAlchemy, as no expectation in use asks for them."""
        import sqlalchemy as sa

        described = self._connection.execute(f'describe "{schema}"."{table_name}"').fetchall()
        return [{"name": name, "type": sa.types.NullType()} for name, *_ in described]


def _with_duckdb(original: Any) -> Any:
    """Put a DuckDB branch before GX's helper."""

    @functools.wraps(original)
    def helper(column: Any, regex: str, dialect: Any, positive: bool = True) -> Any:
        if getattr(dialect, "name", None) != _Dialect.DUCKDB:
            return original(column, regex, dialect, positive)
        import sqlalchemy as sa

        # A search, as GX defines the expectation; DuckDB's `~` would be a full match.
        found = sa.func.regexp_matches(column, sa.literal(regex))
        return found if positive else sa.not_(found)

    return helper
