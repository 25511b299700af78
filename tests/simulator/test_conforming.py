"""The simulator and conforming agree: nothing is rejected without defects, exactly the logged lines with them."""

import duckdb
import pytest

from sources import ingest
from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.onboarding.trial import check_delivery

MONTHS = ["2025-02", "2025-03"]


def conform(folder, home: Home):
    county = County.load(folder)
    ingest.prepare(county, home, MONTHS)
    return [
        outcome for feed in load_contracts() for outcome in ingest.ingest_feed(county, home, feed, MONTHS)
    ]


def test_a_clean_county_conforms_without_a_single_rejection(clean, tmp_path):
    outcomes = conform(clean.folder, Home(tmp_path))
    assert {o.status for o in outcomes} == {"conformed"}
    assert sum(o.quarantined_rows + o.duplicate_rows for o in outcomes) == 0
    assert sum(o.delivered_rows for o in outcomes) > 40_000
    assert ingest.unclaimed_files(County.load(clean.folder), MONTHS) == []


@pytest.fixture(scope="module")
def conformed(spoilt, tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home"))
    return home, conform(spoilt.folder, home)


def test_quarantine_holds_exactly_the_logged_lines(spoilt, conformed):
    home, outcomes = conformed
    assert {o.status for o in outcomes} == {"conformed"}
    found = duckdb.sql(
        f"select distinct source_file, source_line, rule_id from read_parquet('{home.root}/quarantine/*/*/*/*.parquet')"
    ).fetchall()
    logged = {
        (e["file"], int(e["line"]), e["gate_rule"])
        for e in spoilt.truth("defect.csv")
        if e["disposition"] == "quarantined"
    }
    assert set(found) == logged


def test_duplicates_are_exactly_the_logged_ones(spoilt, conformed):
    _, outcomes = conformed
    logged = [e for e in spoilt.truth("defect.csv") if e["disposition"] == "duplicate"]
    assert sum(o.duplicate_rows for o in outcomes) == len(logged)


def test_feed_check_reads_every_delivery_and_expects_what_ingest_finds(spoilt, conformed):
    _, outcomes = conformed
    county = County.load(spoilt.folder)
    month = MONTHS[-1]
    for deliverer in county.deliverers:
        looked_at = {
            (file.feed, file.file): file.account.quarantined_rows
            for file in check_delivery(county, deliverer, month).files
        }
        taken_in = {
            (o.feed, o.source_file): o.quarantined_rows
            for o in outcomes
            if (o.institution_id, o.month) == (deliverer, month)
        }
        assert looked_at == taken_in, deliverer
