"""Two vendors' databases on real servers, through the front door: what is conformed is the source, row by row.

PostgreSQL with a normalised inpatient schema (ZY_…), MariaDB with a wide front page (JBDM1 … JBDM15) in GBK.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from sources.base.home import Home
from tests.sources.connectors.databases.making import database_county, take
from tests.sources.connectors.databases.servers import Server
from tests.sources.making import conformed

STAYS = 60
NORMALISED = (
    """create table {here}.zy_brjbxx (
        brbh varchar(20) primary key, xm varchar(50), xb char(1), csrq date, sfzh char(18), gxsj timestamptz)""",
    """create table {here}.zy_ryxx (
        zylsh varchar(20) primary key, brbh varchar(20) references {here}.zy_brjbxx, ryrq timestamp, cyrq timestamp,
        ryks varchar(10), zt smallint, gxsj timestamp(3))""",
    """create table {here}.zy_zdxx (
        zylsh varchar(20) references {here}.zy_ryxx, zdxh int, "诊断编码" varchar(20), zdmc text, primary key (zylsh, zdxh))""",
    """create table {here}."ZY_FYMX" (
        fylsh bigint primary key, zylsh varchar(20), fssj timestamp, xmbm varchar(20), xmmc varchar(60), sl numeric(12,4),
        dj numeric(14,4), je money)""",
)
FILLED = (
    """insert into {here}.zy_brjbxx select 'P' || g, '病人' || g, (g % 2 + 1)::text, date '1950-01-01' + g * 97,
        null, timestamptz '2025-03-01 00:00:00+00' + g * interval '1 minute' from generate_series(1, 60) g""",
    """insert into {here}.zy_ryxx select 'ZY' || lpad(g::text, 6, '0'), 'P' || g,
        timestamp '2025-02-27 08:00:00' + g * interval '9 hours', case when g % 3 > 0 then
        timestamp '2025-03-05 10:30:00' + g * interval '9 hours' end, '03' || g % 10, case when g % 3 > 0 then 3 else 1 end,
        timestamp '2025-03-20 12:00:00.123' + g * interval '1 second' from generate_series(1, 60) g""",
    """insert into {here}.zy_zdxx select zylsh, n, 'I' || lpad(n::text, 2, '0') || '.x00', '诊断' || n
        from {here}.zy_ryxx, generate_series(0, 2) n""",
    """insert into {here}."ZY_FYMX" select g, 'ZY' || lpad((g % 60 + 1)::text, 6, '0'),
        timestamp '2025-03-01' + g * interval '5 hours', 'X' || g % 7, '项目' || g % 7, g % 5 + 0.25, g * 1.1250,
        (g * 12.34)::numeric::money from generate_series(1, 100) g""",
)
NORMALISED_MAPPING = """\
feeds:
  his_ip_stay:
    query: |
      select r.*, b.xm is not null as yxm from {schema}.zy_ryxx r join {schema}.zy_brjbxx b using (brbh) -- 住院登记
    month_by: RYRQ
    updated: gxsj
    order_by: zylsh
    columns:
      org_code: {const: "{institution}"}
      visit_id: ZYLSH
      patient_id: BRBH
      admit_time: RYRQ
      admit_dept: RYKS
      discharge_time: CYRQ
      status: ZT
      src_update_ts: GXSJ
    ignore: [yxm]
  his_mr_diag:
    query: select d.*, r.ryrq from {schema}.zy_zdxx d join {schema}.zy_ryxx r using (zylsh)
    month_by: ryrq
    order_by: [zylsh, zdxh]
    columns: {visit_id: zylsh, seq: zdxh, diag_code: 诊断编码, diag_name: zdmc, map_status: {const: "1"}}
    ignore: [ryrq]
  his_fee_detail:
    table: '{schema}.zy_fymx'
    month_by: FSSJ
    order_by: FYLSH
    columns:
      org_code: {const: "{institution}"}
      fee_id: FYLSH
      visit_type: {const: "2"}
      visit_id: ZYLSH
      fee_time: FSSJ
      charge_time: FSSJ
      item_code: XMBM
      item_name: XMMC
      item_type: {const: "01"}
      qty: SL
      price: DJ
      amount: JE
      status: {const: "1"}
  his_patient:
    table: '{schema}.ZY_BRJBXX'
    updated: gxsj
    columns:
      org_code: {const: "{institution}"}
      patient_id: brbh
      name: xm
      gender: xb
      birth_date: csrq
      id_no: sfzh
      src_update_ts: gxsj
"""


@pytest.fixture
def inpatients(postgresql: Server) -> Server:
    for statement in (*NORMALISED, *FILLED):
        postgresql.run(statement)
    return postgresql


def test_a_normalised_schema_in_postgresql(inpatients: Server, tmp_path: Path, home: Home) -> None:
    county = database_county(tmp_path / "county", NORMALISED_MAPPING.replace("{schema}", inpatients.name))
    (stays,) = take(county, home, "his_ip_stay")
    source = inpatients.run(
        "select zylsh, ryrq, cyrq, ryks, zt::text, date_trunc('second', gxsj) from {here}.zy_ryxx "
        "where ryrq >= '2025-03-01' and ryrq < '2025-04-01' order by zylsh"
    )
    columns = ("visit_id", "admit_time", "discharge_time", "admit_dept", "status")
    rows = conformed(home, "his_ip_stay")
    assert len(source) == stays.accepted_rows == stays.delivered_rows < STAYS
    assert [tuple(row[name] for name in columns) for row in rows] == [record[:5] for record in source]
    assert [row["src_update_ts"].replace(microsecond=0) for row in rows] == [record[5] for record in source]
    assert [row["source_line"] for row in rows] == list(range(1, len(source) + 1))
    take(county, home, "his_mr_diag")
    source = inpatients.run(
        'select zylsh, zdxh, "诊断编码", zdmc from {here}.zy_zdxx join {here}.zy_ryxx using (zylsh) '
        "where to_char(ryrq, 'YYYY-MM') = '2025-03' order by zylsh, zdxh"
    )
    rows = conformed(home, "his_mr_diag")
    assert [(r["visit_id"], r["seq"], r["diag_code"], r["diag_name"]) for r in rows] == source


def test_money_and_decimals_keep_every_digit(inpatients: Server, tmp_path: Path, home: Home) -> None:
    county = database_county(tmp_path / "county", NORMALISED_MAPPING.replace("{schema}", inpatients.name))
    (fees,) = take(county, home, "his_fee_detail")
    source = inpatients.run(
        'select fylsh::text, sl, round(je::numeric * 100)::bigint, fssj from {here}."ZY_FYMX" f '
        "where fssj < '2025-04-01' order by f.fylsh"
    )
    rows = conformed(home, "his_fee_detail")
    assert [(r["fee_id"], r["qty"], r["amount"], r["fee_time"]) for r in rows] == source
    assert fees.delivered_fen == fees.accepted_fen == sum(record[2] for record in source)


def test_a_register_without_months_lands_whole_and_its_changes_after(
    inpatients: Server, tmp_path: Path, home: Home
) -> None:
    county = database_county(tmp_path / "county", NORMALISED_MAPPING.replace("{schema}", inpatients.name))
    (patients,) = take(county, home, "his_patient")
    assert patients.accepted_rows == STAYS
    first = next(row for row in conformed(home, "his_patient") if row["source_line"] == 1)
    assert first["src_update_ts"] == datetime(2025, 3, 1, 8, 1), "timestamptz in Shanghai's time (V40)"
    inpatients.run("update {here}.zy_brjbxx set xb = '2', gxsj = gxsj + interval '5 days' where brbh = 'P3'")
    assert [o.delivered_rows for o in take(county, home, "his_patient")] == [STAYS, 1]
    assert [o.landed for o in take(county, home, "his_patient")] == ["unchanged", "unchanged"]


BLOCKS = range(1, 16)
WIDE_MAPPING = """\
feeds:
  his_mr_diag:
    table: BA_SY
    month_by: CYSJ
    updated: XGSJ
    order_by: BAH
    columns:
      visit_id: BAH
      map_status: {const: "1"}
      src_update_ts: XGSJ
    repeat:
      into: seq
      start: 0
      keep_when: diag_code
      blocks:
        - {diag_code: JBDM, diag_name: ZYZD, poa: RYBQ}
        - {n: [1, 15], diag_code: "JBDM{n}", diag_name: "QTZD{n}", poa: "RYBQ{n}"}
    ignore: [CYSJ, ZFY, XM]
"""


@pytest.fixture
def front_pages(mariadb: Server) -> Server:
    repeated = ", ".join(f"JBDM{n} varchar(20), QTZD{n} varchar(60), RYBQ{n} tinyint(1)" for n in BLOCKS)
    mariadb.run(
        "create table ba_sy (BAH char(8) primary key, XM varchar(20), CYSJ datetime, ZFY decimal(12,2), "
        f"JBDM varchar(20), ZYZD varchar(60), RYBQ tinyint(1), {repeated}, XGSJ timestamp(3) null) character set gbk"
    )
    for number in range(1, 41):
        cells: list[object] = [
            f"B{number:06d}",
            f"某{number}",
            f"2025-03-{number % 28 + 1:02d} 10:00:00",
            number * 10.25,
        ]
        for n in (0, *BLOCKS):
            filled = n <= number % 16
            cells += (
                [f"E{n:02d}.900x0{n:02d}", f"2型糖尿病伴并发症{n}", n % 4 + 1] if filled else [None, "", None]
            )
        marks = ", ".join(["%s"] * (len(cells) + 1))
        mariadb.run(f"insert into ba_sy values ({marks})", [*cells, f"2025-04-0{number % 9 + 1} 00:00:00.5"])
    return mariadb


def test_a_wide_front_page_in_gbk_in_mariadb(front_pages: Server, tmp_path: Path, home: Home) -> None:
    county = database_county(tmp_path / "county", WIDE_MAPPING)
    (outcome,) = take(county, home, "his_mr_diag")
    source = []
    for record in front_pages.run("select * from ba_sy order by BAH"):
        bah, groups = record[0], [record[start : start + 3] for start in range(4, 52, 3)]
        source += [(bah, n, *group[:2], str(group[2])) for n, group in enumerate(groups) if group[0]]
    rows = conformed(home, "his_mr_diag")
    rows.sort(key=lambda row: (row["visit_id"], row["seq"]))
    told = [(r["visit_id"], r["seq"], r["diag_code"], r["diag_name"], r["poa"]) for r in rows]
    assert told == source
    assert outcome.accepted_rows == len(source)


def test_a_changed_front_page_lands_as_another_version(
    front_pages: Server, tmp_path: Path, home: Home
) -> None:
    county = database_county(tmp_path / "county", WIDE_MAPPING)
    take(county, home, "his_mr_diag")
    front_pages.run(
        "update ba_sy set ZYZD = '更正后的诊断', XGSJ = '2025-04-20 08:00:00' where BAH = 'B000016'"
    )
    first, second = take(county, home, "his_mr_diag")
    assert (first.landed, second.landed, second.delivered_rows) == ("unchanged", "new", 1)
    versions = [r for r in conformed(home, "his_mr_diag") if (r["visit_id"], r["seq"]) == ("B000016", 0)]
    assert [r["diag_name"] for r in versions] == ["2型糖尿病伴并发症0", "更正后的诊断"]
    assert versions[0]["src_update_ts"] < versions[1]["src_update_ts"]
