"""A county whose hospital delivers from a database, and a small SQLite database of visits."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from sources.base.home import Home
from sources.county.county import County
from sources.ingest import BatchOutcome, ingest_feed
from tests.sources.connectors.databases.servers import URL
from tests.sources.making import HOSPITAL, MONTH, MTIME, VISIT_HEADER, make_county, visit

FEED = "his_op_visit"
HEAD = "vendor: db\nname_zh: 某数据库\nsystem: his\nmoney_unit: yuan\n"
VISITS = """\
feeds:
  his_op_visit:
    table: MZJZ
    month_by: JZSJ
    updated: GXSJ
    order_by: XH
    columns:
      org_code: JGDM
      visit_id: JZLSH
      patient_id: HZBH
      visit_time: JZSJ
      visit_type: JZLX
      dept_code: KSDM
      staff_id: YSGH
      main_diag_code: ZDBM
      main_diag_name: ZDMC
      obs_hours: LGXS
      status: ZT
      src_update_ts: GXSJ
      op_flag: CZBZ
    ignore: [XH]
"""
SQLITE = "{sqlite: databases/hospital.sqlite}"
PATIENT_TRIES = "settings: {databases: {attempts: 3, wait_seconds: 0, connect_seconds: 3}}\n"


def database_county(
    folder: Path, mapping: str, database: str = f"{{url_env: {URL}}}", more: str = ""
) -> County:
    """The small county, its hospital delivering from a database under `mapping` (text after the mapping's head)."""
    make_county(folder)
    (folder / "mappings" / "db.yml").write_text(HEAD + mapping, encoding="utf-8")
    path = folder / "county.yml"
    text = path.read_text(encoding="utf-8").replace(
        "{institution: H34062100001, mapping: vendor}",
        f"{{institution: H34062100001, mapping: db, database: {database}}}",
    )
    text = text.replace("first_month: 2025-01\n", "first_month: 2025-01\nlast_month: 2025-04\n")
    path.write_text(text + (more or PATIENT_TRIES), encoding="utf-8")
    return County.load(folder)


class VisitDatabase:
    """An SQLite database of visits inside a county folder, changed as a hospital's system would."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "databases" / "hospital.sqlite"
        self.path.parent.mkdir(parents=True)
        self._connection = sqlite3.connect(self.path)
        self.run(f"create table mzjz ({VISIT_HEADER.lower()})")
        self._seconds = MTIME

    def run(self, sql: str, arguments: Iterable = ()) -> None:
        """Execute and commit; the file's time moves on by a minute, whatever the clock says."""
        with self._connection:
            self._connection.execute(sql, tuple(arguments))
        self._seconds = getattr(self, "_seconds", MTIME) + 60
        os.utime(self.path, (self._seconds, self._seconds))

    def add(self, number: int, **changes: str) -> None:
        cells = visit(number, JGDM=HOSPITAL, **changes).split(",")
        self.run(f"insert into mzjz values ({', '.join('?' * len(cells))})", cells)


def take(
    county: County, home: Home, feed: str = FEED, month: str = MONTH, full: bool = False
) -> list[BatchOutcome]:
    """Everything that feed gives for the hospital in a month."""
    return ingest_feed(county, home, feed, [month], [HOSPITAL], full=full)
