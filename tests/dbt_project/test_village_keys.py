"""Two villages under one township that number alike: what names its village goes there, what does not goes to nobody."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from dbt.contracts.graph.manifest import Manifest

from sources.base.engine import connect
from sources.base.files import write_parquet
from sources.base.home import Home
from sources.county.county import County
from sources.identity.issues import PERSON_ISSUE_SCHEMA
from sources.ingest import ingest_feed, prepare
from tests.dbt_project.conftest import PERSON_INDEX, Dbt, failures
from tests.sources.making import MONTH, TOWNSHIP, VILLAGE, deliver, make_county, with_mapping

OTHER_VILLAGE = "H34062101002"
FEEDS = """\
  his_rx:
    file: "{institution}/{month}/CF_{yyyymm}*"
    columns: {org_code: JGDM, rx_no: CFH, visit_id: JZLSH, staff_id: YS, rx_time: KFSJ, rx_type: LX, rx_amount: JE, status: ZT}
  his_rx_item:
    file: "{institution}/{month}/CFMX_{yyyymm}*"
    columns: {org_code: JGDM, rx_no: CFH, item_no: XH, drug_code: YPDM, drug_name: YPMC, qty: SL, price: DJ, amount: JE}
"""
PRESCRIPTIONS = f"""\
JGDM,CFH,JZLSH,YS,KFSJ,LX,JE,ZT
{VILLAGE},CF01,MZ0001,D1,2025-03-01 08:40:00,1,10.00,1
{OTHER_VILLAGE},CF01,MZ0001,D2,2025-03-02 08:40:00,1,20.00,1
{VILLAGE},CF02,MZ0002,D1,2025-03-03 08:40:00,1,5.00,1
"""
ITEMS = f"""\
JGDM,CFH,XH,YPDM,YPMC,SL,DJ,JE
{VILLAGE},CF01,1,Y1,阿莫西林,1,10.00,10.00
{OTHER_VILLAGE},CF01,1,Y2,头孢,1,20.00,20.00
,CF01,2,Y3,维生素,1,7.00,7.00
,CF02,1,Y1,阿莫西林,1,5.00,5.00
"""


def two_villages(folder: Path) -> County:
    county = make_county(folder)
    path = county.folder / "county.yml"
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if VILLAGE in line)
    path.write_text(
        text.replace(line, f"{line}\n{line.replace(VILLAGE, OTHER_VILLAGE)}"), encoding="utf-8"
    )
    return with_mapping(County.load(folder), FEEDS)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, manifest: Manifest) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("villages")
    county, home = two_villages(folder / "county"), Home(folder / "home")
    deliver(county, f"{TOWNSHIP}/{MONTH}/CF_202503.csv", PRESCRIPTIONS)
    deliver(county, f"{TOWNSHIP}/{MONTH}/CFMX_202503.csv", ITEMS)
    for feed in ("his_rx", "his_rx_item"):
        ingest_feed(county, home, feed, [MONTH])
    prepare(county, home, [MONTH])
    write_parquet(home.person_index, PERSON_INDEX.empty_table())
    write_parquet(home.person_issue, PERSON_ISSUE_SCHEMA.empty_table())
    home.warehouse.mkdir(parents=True)
    result = Dbt(home, folder / "target").run(
        "build", "--resource-type", "model", "--resource-type", "seed", "--select", "+fct_prescription_item",
        manifest=manifest,
    )
    assert result.success, failures(result)
    with connect(home.build_database, read_only=True, file_search_path=str(home.root)) as connection:
        yield connection


def test_every_item_is_there_and_none_is_given_to_the_wrong_village(
    database: duckdb.DuckDBPyConnection,
) -> None:
    sql = "select prescription_id, item_number, institution_id, amount_fen from core.fct_prescription_item order by all"
    assert database.execute(sql).fetchall() == [
        ("CF01", 1, VILLAGE, 1000),
        ("CF01", 1, OTHER_VILLAGE, 2000),
        ("CF01", 2, None, 700),
        ("CF02", 1, VILLAGE, 500),
    ]
