"""The worked example of docs/add-a-feed.md: its contract holds, gives what the page shows, and its file comes through the front door."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sources.base.home import Home
from sources.contracts.load import load_contract, load_contracts
from sources.contracts.staging_models import model_sql
from sources.county.county import County
from sources.ingest import ingest_feed
from tests.sources.making import MONTH, TOWNSHIP, conformed, quarantined, rules

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLE = DOCS / "examples" / "add-a-feed"


def test_the_feed_that_the_page_adds(county: County, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = load_contract(EXAMPLE / "his" / "his_infection.yml")
    page = (DOCS / "add-a-feed.md").read_text("utf-8")
    (shown,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    assert shown == model_sql(contract)

    monkeypatch.setitem(load_contracts(), contract.feed, contract)
    monkeypatch.setattr("sources.intake.intake.contract_sha256", lambda feed: feed)
    shutil.copy(EXAMPLE / "yuangan.yml", county.folder / "mappings")
    shutil.copytree(EXAMPLE / "H34060000101", county.inbox / TOWNSHIP)
    settings = county.folder / "county.yml"
    text = settings.read_text("utf-8").replace(
        f"{TOWNSHIP}, mapping: vendor", f"{TOWNSHIP}, mapping: yuangan"
    )
    settings.write_text(text, "utf-8")
    (outcome,) = ingest_feed(County.load(county.folder), home, contract.feed, [MONTH])
    account = (
        f"接收 delivered {outcome.delivered_rows} = 接受 accepted {outcome.accepted_rows} + 隔离 quarantined "
    )
    assert f"{account}{outcome.quarantined_rows}" in page
    assert quarantined(home) == [(4, "VALUE_NOT_IN_SET", "site")]
    assert rules(home)["TIME_REVERSED", "reported_at"] == 1
    assert {"patient_id", "P00001"}.isdisjoint(
        {*conformed(home, contract.feed)[0], *map(str, conformed(home, contract.feed)[0].values())}
    )
