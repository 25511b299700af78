"""The way to an engine is one, and what is put into a statement stays a name or a text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from sources.base.engine import ALONE, MEMORY, ask, connect, cursor, literal, literals, quoted

ROOT = Path(__file__).parents[3]
ENGINE = "sources/base/engine.py"
# Great Expectations opens its own DuckDB through SQLAlchemy, and is handed the same settings.
THROUGH_SQLALCHEMY = "expectations/gx_session.py"


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for room in ("sources", "expectations", "orchestration"):
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def _functions_of_duckdb(module: ast.Module) -> set[str]:
    """Functions of the package that a module uses (classes begin with a capital)."""
    nodes = list(ast.walk(module))
    used = {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "duckdb"
    }
    imported = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "duckdb"]
    used |= {alias.name for node in imported for alias in node.names}
    return {name for name in used if not name[0].isupper()}


def test_only_the_engine_opens_a_connection() -> None:
    users = {name: used for name, module in _modules() if (used := _functions_of_duckdb(module))}
    assert users == {ENGINE: {"connect"}}
    texts = {name for name, module in _modules() if "duckdb:///" in ast.unparse(module)}
    assert texts == {THROUGH_SQLALCHEMY}


def test_the_engine_fetches_nothing_and_keeps_the_settings_given(tmp_path: Path) -> None:
    settings = "select name, value from duckdb_settings() where name in ($1, $2, $3) order by 1"
    names = [*ALONE, "temp_directory"]
    with connect(temp_directory="") as connection:
        found = dict(connection.execute(settings, names).fetchall())
    assert found == {**ALONE, "temp_directory": ""}
    assert {name: dict(ask(settings, names))[name] for name in ALONE} == ALONE


def test_a_database_opened_to_read_cannot_be_written(tmp_path: Path) -> None:
    with connect(tmp_path / "b.duckdb") as connection:
        connection.execute("create table t as select 1 as n")
    with connect(tmp_path / "b.duckdb", read_only=True) as connection:
        assert connection.execute("from t").fetchall() == [(1,)]
        with pytest.raises(Exception, match="read-only"):
            connection.execute("insert into t values (2)")


def test_cursors_share_an_engine_and_not_what_they_register() -> None:
    with cursor() as first, cursor() as second:
        first.register("rows", pa.table({"n": [1]}))
        second.register("rows", pa.table({"n": [2]}))
        assert (first.execute("from rows").fetchall(), second.execute("from rows").fetchall()) == (
            [(1,)],
            [(2,)],
        )


@pytest.mark.parametrize("text", ["", "门诊", "it's", 'a "b"', "'; drop table t; --"])
def test_a_text_stays_a_text_and_a_name_a_name(text: str) -> None:
    assert ask(f"select {literal(text)} where {literal(text)} in ({literals([text, 'x'])})") == [(text,)]
    name = text or "n"
    with cursor() as connection:
        described = connection.execute(f"select 1 as {quoted(name)}").description
    assert described is not None and described[0][0] == name


def test_a_path_is_a_text() -> None:
    assert literal(Path("/data/it's/*.parquet")) == "'/data/it''s/*.parquet'"


def test_dbt_keeps_to_the_same_share_of_memory(tmp_path: Path) -> None:
    (duckdb, _) = yaml.safe_load((ROOT / "dbt_project" / "profiles.yml").read_text("utf-8"))["yigongti"][
        "outputs"
    ].values()
    assert duckdb["config_options"]["memory_limit"] == MEMORY
    with connect(spill=tmp_path) as bounded:
        (limit,) = bounded.execute("select current_setting('memory_limit')").fetchall()
    assert limit == ("1.8 GiB",)
