"""A database that fails is refused with what, where and how to mend it; nothing half-read stays, others go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sources.base.home import Home
from sources.connectors.databases.failures import DatabaseError, Kind
from sources.ingest import ingest_feed
from tests.sources.connectors.databases.making import VISITS, database_county, take
from tests.sources.connectors.databases.servers import URL, Server
from tests.sources.making import HOSPITAL, MONTH, TOWNSHIP, conformed, deliver, visit, visits

FEED = "his_mr_diag"
DIAGNOSES = """\
feeds:
  his_mr_diag:
    query: {query}
    columns: {visit_id: v, seq: n, diag_code: {const: I10}, diag_name: {const: 高血压}, map_status: {const: "1"}}
"""
# A second of reading, so that somebody can interrupt it.
SLOW = "select 'v' || g as v, g as n, pg_sleep(0.01)::text as s from generate_series(1, 100) g"
TABLE = """\
feeds:
  his_mr_diag:
    table: '{table}'
    columns: {visit_id: v, seq: n, diag_code: {const: I10}, diag_name: {const: 高血压}, map_status: {const: "1"}}
"""
QUICK = "settings: {databases: {attempts: 2, wait_seconds: 0, connect_seconds: 2, statement_seconds: 1}}\n"


def slow_mapping(query: str = SLOW) -> str:
    return DIAGNOSES.replace("{query}", query) + "    ignore: [s]\n"


def is_clean(home: Home) -> bool:
    """Nothing landed, nothing conformed, nothing half written."""
    landed = [p for p in home.landing.rglob("*") if p.is_file() and p.name not in ("key_check.json",)]
    return not [p for p in landed if "refused" not in p.parts] and not list(home.root.rglob(".tmp-*"))


class Interrupter(threading.Thread):
    """Ends the reading backend on the server as an administrator would, up to `times` times."""

    def __init__(self, server: Server, times: int) -> None:
        super().__init__(daemon=True)
        self._server, self._times = server, times
        self.done = 0
        self.over = threading.Event()

    def run(self) -> None:
        while self.done < self._times and not self.over.is_set():
            ended = self._server.run(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'yigongti' "
                "and state = 'active' and query like 'COPY%pg_sleep%' and pid <> pg_backend_pid()"
            )
            self.done += len(ended)
            time.sleep(0.05 if not ended else 0.3)


def test_an_ended_backend_is_tried_again_and_every_row_lands_once(
    postgresql: Server, tmp_path: Path, home: Home
) -> None:
    county = database_county(tmp_path / "county", slow_mapping())
    interrupter = Interrupter(postgresql, times=1)
    interrupter.start()
    (outcome,) = take(county, home, FEED)
    interrupter.over.set()
    interrupter.join()
    assert interrupter.done == 1
    assert (outcome.status, outcome.accepted_rows) == ("conformed", 100)
    assert [row["seq"] for row in conformed(home, FEED)] == list(range(1, 101))
    assert not list(home.root.rglob(".tmp-*"))


def test_a_backend_that_is_always_ended_is_a_refusal_that_leaves_nothing(
    postgresql: Server, tmp_path: Path, home: Home
) -> None:
    county = database_county(tmp_path / "county", slow_mapping())
    interrupter = Interrupter(postgresql, times=99)
    interrupter.start()
    (outcome,) = take(county, home, FEED)
    interrupter.over.set()
    interrupter.join()
    assert outcome.refusal.code == "DATABASE_INTERRUPTED"
    assert interrupter.done == 3, "three attempts"
    assert is_clean(home)
    (outcome,) = take(county, home, FEED)
    assert (outcome.status, outcome.accepted_rows) == ("conformed", 100)
    assert not list(home.refused.glob("*.json")), "the refusal is forgotten"


KILLED = """
import sys
from pathlib import Path
from sources.county.county import County
from sources.connectors.databases.failures import DatabaseError, Kind
from sources.base.home import Home
from sources.ingest import ingest_feed
ingest_feed(County.load(sys.argv[1]), Home(Path(sys.argv[2])), "his_mr_diag", ["2025-03"])
"""


def test_killed_while_reading_nothing_is_half_there(postgresql: Server, tmp_path: Path, home: Home) -> None:
    county = database_county(tmp_path / "county", slow_mapping())
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(county.folder), str(home.root)], env=os.environ
    )
    while not list(home.root.rglob("rows.parquet")):
        assert process.poll() is None, "killed before it was done"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list(home.root.rglob("manifest.json"))
    (outcome,) = take(county, home, FEED)
    assert (outcome.landed, outcome.accepted_rows) == ("new", 100)
    assert not list(home.root.rglob(".tmp-*"))


def test_a_server_that_is_down_does_not_stop_the_others(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL, "postgresql://leser:geheim-4711@127.0.0.1:1/his")
    county = database_county(tmp_path / "county", VISITS)
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1)))
    down, up = ingest_feed(county, home, "his_op_visit", [MONTH])
    assert (down.institution_id, down.refusal.code) == (HOSPITAL, "DATABASE_UNREACHABLE")
    assert (up.institution_id, up.status) == (TOWNSHIP, "conformed")
    said = str(down.refusal) + "".join(path.read_text(encoding="utf-8") for path in home.root.rglob("*.json"))
    assert f"database/{HOSPITAL}/MZJZ" in said
    assert not [word for word in ("geheim", "leser", "127.0.0.1", ":1/") if word in said]


def test_a_server_that_is_down_is_not_asked_again_in_the_same_pass(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def down(*_: object) -> None:
        asked.append(1)
        raise DatabaseError(Kind.UNREACHABLE)

    monkeypatch.setenv(URL, "postgresql://127.0.0.1:1/his")
    monkeypatch.setattr("sources.connectors.databases.reading.connect", down)
    county = database_county(tmp_path / "county", VISITS)
    outcomes = ingest_feed(county, home, "his_op_visit", ["2025-01", "2025-02", MONTH], [HOSPITAL])
    assert [outcome.refusal.code for outcome in outcomes] == ["DATABASE_UNREACHABLE"] * 3
    assert len(asked) == 3, "three attempts for the first month, none for the others"


def test_without_the_variable_the_delivery_is_refused(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = database_county(tmp_path / "county", VISITS)
    for url, code in (("", "DATABASE_NOT_CONFIGURED"), ("ftp://x/y", "DATABASE_NOT_CONFIGURED")):
        monkeypatch.setenv(URL, url)
        (outcome,) = take(county, home)
        assert outcome.refusal.code == code
        assert URL in outcome.refusal.message_zh


def test_what_landed_before_stays_when_the_server_is_down(
    postgresql: Server, tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = database_county(tmp_path / "county", DIAGNOSES.replace("{query}", "select 'v' as v, 1 as n"))
    take(county, home, FEED)
    monkeypatch.setenv(URL, "postgresql://root@127.0.0.1:1/test")
    kept, refused = take(county, home, FEED)
    assert (kept.landed, kept.accepted_rows) == ("unchanged", 1)
    assert refused.refusal.code == "DATABASE_UNREACHABLE"
    assert len(conformed(home, FEED)) == 1


def refused(postgresql_or_mariadb: Server, mapping: str, folder: Path, home: Home) -> str:
    county = database_county(folder, mapping.replace("{schema}", postgresql_or_mariadb.name), more=QUICK)
    (outcome,) = take(county, home, FEED)
    assert is_clean(home)
    return f"{outcome.refusal.code} {outcome.refusal.message_zh} {outcome.refusal.message_en}"


def test_a_missing_table_is_told_with_the_nearest(postgresql: Server, tmp_path: Path, home: Home) -> None:
    postgresql.run("create table {here}.zy_zdxx (v text, n int)")
    said = refused(postgresql, TABLE.replace("{table}", "{schema}.ZY_ZDX"), tmp_path / "county", home)
    assert said.startswith("DATABASE_OBJECT_MISSING")
    assert "zy_zdxx" in said
    assert "42P01" in said or "ZY_ZDX" in said


def test_a_missing_column_is_told_with_the_nearest(mariadb: Server, tmp_path: Path, home: Home) -> None:
    mariadb.run("create table zdxx (v varchar(9), n int, cysj datetime)")
    mapping = TABLE.replace("{table}", "zdxx") + "    month_by: CYRQ\n"
    said = refused(mariadb, mapping, tmp_path / "county", home)
    assert said.startswith("DATABASE_OBJECT_MISSING")
    assert "CYRQ" in said
    assert "cysj" in said


def test_a_wrong_column_in_a_query(postgresql: Server, tmp_path: Path, home: Home) -> None:
    said = refused(
        postgresql, DIAGNOSES.replace("{query}", "select nope as v, 1 as n"), tmp_path / "county", home
    )
    assert said.startswith("DATABASE_OBJECT_MISSING")
    assert "query" in said


def test_permission_denied(
    postgresql: Server, tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgresql.run("create table {here}.zdxx (v text, n int)")
    postgresql.run("create role {here} login")
    try:
        monkeypatch.setenv(URL, postgresql.url.replace("root@", f"{postgresql.name}@"))
        said = refused(postgresql, TABLE.replace("{table}", "{schema}.zdxx"), tmp_path / "county", home)
        assert said.startswith("DATABASE_PERMISSION")
        assert postgresql.name not in said.replace(f"{postgresql.name}.zdxx", ""), "no user is named"
    finally:
        postgresql.run("drop role {here}")


def test_permission_denied_in_mariadb(
    mariadb: Server, tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    mariadb.run("create table zdxx (v varchar(9), n int)")
    mariadb.run("create table other (n int)")
    mariadb.run("create user {here}@'127.0.0.1'")
    mariadb.run("grant select on {here}.other to {here}@'127.0.0.1'")
    try:
        monkeypatch.setenv(URL, mariadb.url.replace("root@", f"{mariadb.name}@"))
        said = refused(mariadb, TABLE.replace("{table}", "zdxx"), tmp_path / "county", home)
        assert said.startswith("DATABASE_PERMISSION")
    finally:
        mariadb.run("drop user {here}@'127.0.0.1'")


def test_a_login_that_fails(
    mariadb: Server, tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL, mariadb.url.replace("root@", "nobody:falsch@"))
    said = refused(mariadb, TABLE.replace("{table}", "zdxx"), tmp_path / "county", home)
    assert said.startswith("DATABASE_PERMISSION")
    assert "falsch" not in said


def test_a_statement_that_takes_too_long(postgresql: Server, tmp_path: Path, home: Home) -> None:
    query = SLOW.replace("0.01", "0.05")
    assert refused(postgresql, slow_mapping(query), tmp_path / "county", home).startswith("DATABASE_TIMEOUT")


def test_a_statement_that_takes_too_long_in_mariadb(mariadb: Server, tmp_path: Path, home: Home) -> None:
    query = "select 'v' as v, sum(seq) as n from seq_1_to_10000000000"
    said = refused(mariadb, DIAGNOSES.replace("{query}", query), tmp_path / "county", home)
    assert said.startswith("DATABASE_TIMEOUT")


def test_a_function_that_writes_is_refused_by_the_server(
    postgresql: Server, tmp_path: Path, home: Home
) -> None:
    postgresql.run("create sequence {here}.s")
    mapping = DIAGNOSES.replace("{query}", "select 'v' as v, nextval('{schema}.s') as n")
    assert refused(postgresql, mapping, tmp_path / "county", home).startswith("DATABASE_QUERY_FAILED")


def test_a_required_column_that_the_table_lacks(postgresql: Server, tmp_path: Path, home: Home) -> None:
    postgresql.run("create table {here}.zdxx (v text, other int)")
    said = refused(postgresql, TABLE.replace("{table}", "{schema}.zdxx"), tmp_path / "county", home)
    assert said.startswith("MISSING_COLUMN")


PEAK = """
import resource, sys
from pathlib import Path
from sources.county.county import County
from sources.connectors.databases.failures import DatabaseError, Kind
from sources.base.home import Home
from sources.ingest import ingest_feed
(outcome,) = ingest_feed(County.load(sys.argv[1]), Home(Path(sys.argv[2])), "his_mr_diag", ["2025-03"], ["H34062100001"])
print(outcome.accepted_rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
WIDE = {
    "postgresql": "select 'v' || g as v, g as n, repeat('x', 1000) || g as s from generate_series(1, {rows}) g",
    "mariadb": "select concat('v', seq) as v, seq as n, concat(repeat('x', 1000), seq) as s from seq_1_to_{rows}",
}


@pytest.mark.parametrize("kind", WIDE)
def test_memory_does_not_grow_with_the_rows(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(kind)
    peaks = []
    for rows in (20_000, 200_000):
        county = database_county(
            tmp_path / f"county{rows}", slow_mapping(WIDE[kind].replace("{rows}", str(rows)))
        )
        command = [sys.executable, "-c", PEAK, str(county.folder), str(tmp_path / f"home{rows}")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
        accepted, peak = done.stdout.split()
        assert int(accepted) == rows
        peaks.append(int(peak))
    assert peaks[1] < peaks[0] + 160, f"MiB for 20 and 200 megabytes of text: {peaks}"
