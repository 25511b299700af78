"""The splits of money that DuckDB makes (tests/dbt_project/test_money), made by Spark in ANSI mode: the same to the fen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration import spark
from orchestration.settings import DUCKDB, SPARK
from sources.base.home import Home
from tests.dbt_project.conftest import Dbt
from tests.dbt_project.money import cases, statement

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.parity

ORDERED = "select g, k, total, weight, amount_fen from ({}) order by g, k"


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, str]:
    """{engine: what the macro writes for it}."""
    home = Home(tmp_path / "home")
    home.warehouse.mkdir(parents=True)
    written = {engine: statement(Dbt(home, tmp_path / engine), engine) for engine in (DUCKDB, SPARK)}
    spark.stop()
    return written


@pytest.fixture
def session(tmp_path: Path) -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    spark.require_spark()
    builder = SparkSession.builder.master("local[2]").config("spark.sql.ansi.enabled", "true")
    session = builder.config("spark.sql.warehouse.dir", str(tmp_path / "spark")).getOrCreate()
    yield session
    session.stop()


def test_every_split_is_the_same(texts: dict[str, str], session: SparkSession, tmp_path: Path) -> None:
    file = tmp_path / "cases.parquet"
    pq.write_table(cases(), file)
    session.read.parquet(str(file)).createOrReplaceTempView("cases")
    theirs = [tuple(row) for row in session.sql(ORDERED.format(texts[SPARK])).toLocalIterator()]
    with duckdb.connect() as connection:
        connection.read_parquet(str(file)).create_view("cases")
        ours = connection.execute(ORDERED.format(texts[DUCKDB])).fetchall()
    assert len(ours) == cases().num_rows
    assert theirs == ours
