"""The county's settings are only written for a home whose rows all mean the same."""

from types import SimpleNamespace

import dagster as dg
import pytest

from orchestration.assets.identity import build_identity_assets
from orchestration.partitions import extent_of, monthly_partitions
from sources.base.files import write_parquet
from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.ingest import ingest_feed
from tests.sources import making

FEED = "his_dept"


def write_settings(county: County, home: Home) -> None:
    months = monthly_partitions("2025-01", "2025-03")
    [settings, _] = build_identity_assets(list(load_contracts().values()), months)
    place = SimpleNamespace(county=county, home=home, verify=False, extent=extent_of)
    with dg.build_asset_context(partition_key="2025-01") as context:
        settings(context, place)


def conformed_under(version: str, home: Home) -> None:
    schema = load_contracts()[FEED].arrow_schema()
    rows = schema.with_metadata({**schema.metadata, b"contract_version": version.encode()}).empty_table()
    write_parquet(home.conformed_batch(FEED, "H34062100001", "2024-12", "b1"), rows)


def test_rows_of_a_broken_contract_stop_the_build_before_it_begins(county: County, tmp_path):
    home = Home(tmp_path)
    conformed_under("0.9.0", home)
    with pytest.raises(dg.Failure) as failure:
        write_settings(county, home)
    assert f"yigongti feed replay --feed {FEED}" in failure.value.description
    assert failure.value.allow_retries is False
    assert not home.run_month.exists()


def test_rows_of_today_do_not(county: County, tmp_path):
    home = Home(tmp_path)
    conformed_under(load_contracts()[FEED].version, home)
    write_settings(county, home)
    assert home.run_month.is_file()


def test_an_altered_batch_stops_the_build_before_it_begins(tmp_path):
    county, home = making.make_county(tmp_path / "county"), Home(tmp_path / "home")
    name = f"{making.TOWNSHIP}/{making.MONTH}/MZJZ_202503.csv"
    making.deliver(county, name, making.visits(making.visit()))
    (outcome,) = ingest_feed(county, home, "his_op_visit", [making.MONTH])
    home.conformed_batch("his_op_visit", making.TOWNSHIP, making.MONTH, outcome.batch_id).unlink()
    with pytest.raises(dg.Failure) as failure:
        write_settings(county, home)
    assert outcome.batch_id in failure.value.description and not home.run_month.exists()
