"""Models without their tests, of one month, in ANSI mode: some twenty of them in continuous integration (`make spark-smoke`), all in `make parity`.

dbt-spark turns ANSI mode off with every statement; on a cluster that others run it is on, so a model must not live from its being
off: an overflow or a text that is no number would be an error there.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from orchestration import dbt, spark
from orchestration.assets.warehouse import unread_staging
from orchestration.settings import DUCKDB, SPARK
from sources.base.home import Home
from sources.county.county import County
from sources.identity.index import build_person_index
from sources.ingest import find_deliveries, prepare, take_in_deliveries
from tests.end_to_end.conftest import simulated
from tests.parity.conftest import cluster
from tests.parity.relations import differing, opened

pytestmark = pytest.mark.parity

MONTH = "2025-03"  # ends a quarter, so that the pool is handed out
# With what they read: the largest fact, insured months, days, the history of institutions, one subject of evidence, DRG groups and DIP.
SLICE = (
    *("fct_fee_line", "fct_insured_month", "dim_day", "dim_institution_history", "kpi_evidence__deduction"),
    *("mart_casemix_agreement", "casemix_dip_settlement"),
)


RECEIPT = f"PARITY,YGT01,{MONTH},treasury,10000001,皖财社〔2025〕1号,2025-01-01,,1,假设"
# Where money ends up; two empty tables are equal and prove nothing.
FILLED = (
    *(
        "casemix.casemix_settlement",
        "fund.fund_execution",
        "fund.market_txn",
        "fund.pool_person",
        "fund.physician_fee",
    ),
    *("fund.fund_entry", "restricted.pay_sheet"),
)


@pytest.fixture
def ansi(monkeypatch: pytest.MonkeyPatch) -> None:
    from dbt.adapters.spark.connections import SparkCredentials

    plain = SparkCredentials.__post_init__

    def with_ansi(self: SparkCredentials) -> None:
        plain(self)
        self.server_side_parameters["spark.sql.ansi.enabled"] = "true"

    monkeypatch.setattr(SparkCredentials, "__post_init__", with_ansi)


@pytest.mark.parametrize(
    ("models", "least", "filled"),
    [pytest.param(SLICE, 15, (), id="slice"), pytest.param((), 450, FILLED, id="all")],
)
def test_relations_of_a_month_are_the_same_in_ansi_mode(
    ansi: None, tmp_path: Path, models: Sequence[str], least: int, filled: Sequence[str]
) -> None:
    compare(tmp_path, models, least)
    with opened(tmp_path / "spark") as build:
        empty = [name for name in filled if not build.execute(f"select exists (from {name})").fetchone()[0]]
    assert empty == []


def test_so_they_are_on_a_cluster(ansi: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster(tmp_path) as master:
        monkeypatch.setenv("YIGONGTI_SPARK_MASTER", master)
        monkeypatch.setenv("YIGONGTI_SPARK_MEMORY", "1g")
        compare(tmp_path, SLICE, 15)


def compare(folder: Path, models: Sequence[str], least: int) -> None:
    """Both engines build the models of one month; what Spark made is what DuckDB made, and at least so many relations."""
    county = simulated(folder / "county", residents="500", months="1", end=MONTH, seed="5", defects="default")
    with (county / "policy" / "pool_receipt.csv").open("a", encoding="utf-8") as receipts:
        receipts.write(f"{RECEIPT}\n")
    ours, theirs = taken_in(county, Home(folder / "duckdb"), models), Home(folder / "spark")
    assert built_by_duckdb(ours, models) == ()
    shutil.copytree(ours.conformed, theirs.conformed)
    assert built_by_spark(theirs, models) == ()
    relations, found = differing(ours.root, theirs.root)
    assert found == {}
    assert len(relations) > least


def taken_in(folder: Path, home: Home, models: Sequence[str]) -> Home:
    """A home that has taken in what the models read; without Dagster and gates, which Spark has no part in."""
    county, wanted = County.load(folder), feeds_of(models)
    prepare(county, home, [MONTH], [])
    found = find_deliveries(county, months=[MONTH])
    for feed in sorted({each.feed for each in found} & wanted):
        own = [each for each in found if each.feed == feed]
        take_in_deliveries(county, home, feed, own, [MONTH], None, full=False)
    build_person_index(county, home)
    return home


def feeds_of(models: Sequence[str]) -> set[str]:
    """The feeds behind models, at whatever distance; all for none."""
    manifest = dbt.load_manifest(dbt.ensure_manifest())
    names = {
        name: node["name"] for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    open_, found = [name for name, model in names.items() if not models or model in models], set[str]()
    while open_:
        found.add(name := open_.pop())
        open_ += [each for each in manifest["parent_map"].get(name, ()) if each not in found]
    return {manifest["sources"][name]["name"] for name in found if name in manifest["sources"]}


def built_by_duckdb(home: Home, models: Sequence[str]) -> tuple[str, ...]:
    """Models and all they read, or every one; what failed."""
    parsed = dbt.ensure_manifest()
    return dbt.build(arguments(home, models, DUCKDB, parsed), home.root, parsed, lambda _: None).failures


def built_by_spark(home: Home, models: Sequence[str]) -> tuple[str, ...]:
    """The same, in this process."""
    spark.make_ready(home)
    parsed = dbt.ensure_manifest(target=SPARK)
    try:
        build = dbt.build(arguments(home, models, SPARK, parsed), home.root, parsed, lambda _: None)
        assert ansi_is_on()
    finally:
        spark.stop()
    assert nothing_runs(), "the session kept its Java process"
    spark.show_tables(home, dbt.load_manifest(parsed))
    return build.failures


def arguments(home: Home, models: Sequence[str], target: str, parsed: Path) -> list[str]:
    unread = unread_staging(dbt.load_manifest(parsed))
    chosen = ("--select", *(f"+{each}" for each in models)) if models else ()
    return dbt.build_arguments(
        home.warehouse / "dbt",
        home.root / "logs",
        target=target,
        selection=("--exclude-resource-type", "test", "--exclude", *unread, *chosen),
    )


def ansi_is_on() -> bool:
    from pyspark.sql import SparkSession

    return SparkSession.active().conf.get("spark.sql.ansi.enabled") == "true"


def nothing_runs() -> bool:
    """No Spark context is left in this process."""
    from pyspark import SparkContext

    return SparkContext._active_spark_context is None
