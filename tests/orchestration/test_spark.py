"""What Spark needs is asked for by name, and what it leaves is shown to whoever reads the build. Spark itself: tests/parity."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration import dbt, spark
from orchestration.settings import SPARK
from sources.base.engine import connect
from sources.base.home import Home
from tests.orchestration.test_cli import invoke


def java(folder: Path, said: str) -> None:
    """A JAVA_HOME whose Java says this of its version, where Java says it."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("said", "version"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "1.8.0_401"', 1), ("what?", None)],
)
def test_the_version_of_java_is_what_java_says(
    said: str, version: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    java(tmp_path, said)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert spark.java_version() == version


def test_without_java_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert spark.java_version() is None


@pytest.mark.parametrize(("there", "told"), [(False, "make spark"), (True, "openjdk-17")])
def test_what_lacks_is_named_before_anything_is_done(
    there: bool, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(spark, "_is_there", lambda module: there)
    java(tmp_path / "java", 'openjdk version "11.0.2"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    code, output = invoke(
        "run", "--target", "spark", "--county", str(tmp_path), "--home", str(tmp_path / "home")
    )
    assert (code, told in output, "Traceback" in output) == (2, True, False)
    assert not (tmp_path / "home").exists()


def test_the_build_database_shows_what_spark_wrote_with_its_comments(tmp_path: Path):
    home = Home(tmp_path / "县's home")
    folder = spark.tables_of(home) / "marts.db" / "mart_x"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"month": ["2025-01", "2025-02", None]}), folder / "part-0.parquet")
    kept = {"relation": True, "columns": True}
    nodes = {
        "made": node("mart_x", "它的表 | it's a table", {"month": "月 | month"}, {"persist_docs": kept}),
        "not made": node("mart_y", "", {}, {}),
    }
    spark.show_tables(home, {"nodes": nodes})
    spark.show_tables(home, {"nodes": nodes})
    assert dbt.row_counts(home, SPARK) == {"mart_x": dbt.Rows(3, {"2025-01": 1, "2025-02": 1})}
    with connect(home.build_database, read_only=True) as connection:
        views = connection.execute("select view_name, comment from duckdb_views() where not internal")
        assert views.fetchall() == [("mart_x", "它的表 | it's a table")]
        columns = connection.execute("select comment from duckdb_columns() where table_name = 'mart_x'")
        assert columns.fetchall() == [("月 | month",)]


def node(
    name: str, description: str, columns: dict[str, str], config: dict[str, object]
) -> dict[str, object]:
    described = {column: {"name": column, "description": words} for column, words in columns.items()}
    return {
        "schema": "marts",
        "alias": name,
        "description": description,
        "columns": described,
        "config": config,
    }
