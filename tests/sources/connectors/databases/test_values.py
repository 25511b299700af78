"""Every odd value a server can hold ends as text that says the same, digit by digit; null stays null, '' stays ''."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from sources.base.bounds import Bounds
from sources.connectors.databases.address import Address, resolve
from sources.connectors.databases.failures import DatabaseError, Kind
from sources.connectors.databases.reading import reading
from sources.connectors.databases.selection import Selection
from sources.connectors.databases.server import Limits
from tests.sources.connectors.databases.servers import URL, Server

LIMITS = Limits(5, 60, Bounds())


def address_of(text_encoding: str | None = None) -> Address:
    return resolve(URL, None, text_encoding, Path(), os.environ)


def read(address: Address, table: str, order_by: tuple[str, ...] = ()) -> list[dict]:
    """All rows of a table as the connector gives them."""
    source = Selection(table, None, None, None, order_by, ())
    with reading(address, source, "2025-03", None, LIMITS, frozenset()) as found:
        return [row for chunk in found.chunks for row in chunk.to_pylist()]


POSTGRESQL = {
    "numeric": (
        "'12345678901234567890123456789012345678.000000001'",
        "12345678901234567890123456789012345678.000000001",
    ),
    "numeric(60,30)": ("0.000000000000000000000000000001", "0.000000000000000000000000000001"),
    "money": ("1234567.89", "1234567.89"),
    "bigint": ("9223372036854775807", "9223372036854775807"),
    "real": ("1.1", "1.1"),
    "double precision": ("0.1", "0.1"),
    "date": ("'infinity'", "infinity"),
    "timestamp": ("'0044-03-15 10:00:00 BC'", "0044-03-15 10:00:00 BC"),
    "timestamp(6)": ("'2025-03-01 08:30:00.123456'", "2025-03-01 08:30:00.123456"),
    "timestamptz": ("'2025-02-28 16:30:00+00'", "2025-03-01 00:30:00"),
    "time": ("'24:00:00'", "24:00:00"),
    "interval": ("'1 day 02:03:04'", "1 day 02:03:04"),
    "boolean": ("true", "true"),
    "char(5)": ("'ab'", "ab"),
    "text": ("''", ""),
    "varchar": ("null", None),
    "varchar(20)": ("'𠮷㐂\u3000张'", "𠮷㐂\u3000张"),
    "json": ("""'{"a":  1}'""", """{"a":  1}"""),
    "integer[]": ("'{1,2,null}'", "{1,2,NULL}"),
    "text[]": ("""array['a,b', 'c"d']""", '{"a,b","c\\"d"}'),
    "bytea": ("'\\x00ff'", "\\x00ff"),
    "uuid": ("'00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"),
    "inet": ("'10.0.0.1'", "10.0.0.1/32"),
    "bit(3)": ("b'101'", "101"),
    "xml": ("'<a>1</a>'", "<a>1</a>"),
    "point": ("'(1,2)'", "(1,2)"),
}


def test_values_of_postgresql(postgresql: Server) -> None:
    columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(POSTGRESQL))
    postgresql.run(f"create table {{here}}.odd ({columns})")
    postgresql.run(
        f"insert into {{here}}.odd values ({', '.join(value for value, _ in POSTGRESQL.values())})"
    )
    (row,) = read(address_of(), f"{postgresql.name}.odd")
    told = dict(zip(POSTGRESQL, row.values(), strict=True))
    assert told == {kind: text for kind, (_, text) in POSTGRESQL.items()}


MARIADB = {
    "decimal(65,30)": ("12345678901234567890123456789012345.000000000000000000000000000001",) * 2,
    "bigint unsigned": ("18446744073709551615",) * 2,
    "tinyint(1)": ("7", "7"),
    "bit(5)": ("b'10101'", "21"),
    "float": ("16777216", "16777216"),
    "float not null": ("1.1", "1.1"),
    "double": ("0.1", "0.1"),
    "date": ("'0000-00-00'", "0000-00-00"),
    "date not null": ("'2025-00-00'", "2025-00-00"),
    "datetime": ("'0000-00-00 00:00:00'", "0000-00-00 00:00:00"),
    "datetime(6)": ("'9999-12-31 23:59:59.999999'", "9999-12-31 23:59:59.999999"),
    "time": ("'-838:59:59'", "-838:59:59"),
    "year": ("2025", "2025"),
    "varchar(20) character set gbk": ("'高血压㈱'", "高血压㈱"),
    "varchar(20) character set latin1": ("'café'", "café"),
    "varchar(20) character set utf8mb4": ("'𠮷'", "𠮷"),
    "char(5)": ("'ab'", "ab"),
    "text": ("''", ""),
    "varchar(10)": ("null", None),
    "json": ("""'{"a": 1}'""", """{"a": 1}"""),
    "enum('a','b')": ("'b'", "b"),
    "set('x','y')": ("'x,y'", "x,y"),
    "blob": ("x'00ff'", "0x00FF"),
    "varbinary(10)": ("'abc'", "abc"),
}


def test_values_of_mariadb(mariadb: Server) -> None:
    mariadb.run("set session sql_mode = ''")
    columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(MARIADB))
    mariadb.run(f"create table odd ({columns})")
    mariadb.run(f"insert into odd values ({', '.join(value for value, _ in MARIADB.values())})")
    mariadb.run("set time_zone = '+00:00'")
    (row,) = read(address_of(), "ODD")
    told = dict(zip(MARIADB, row.values(), strict=True))
    assert told == {kind: text for kind, (_, text) in MARIADB.items()}


def test_a_server_too_old_for_a_setting_is_read_all_the_same(
    mariadb: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ("session no_such_setting = 1", "session transaction read onlyy", "time_zone = '+08:00'")
    monkeypatch.setattr("sources.connectors.databases.mysql._SESSION", settings)
    mariadb.run("create table t (n int)")
    mariadb.run("insert into t values (1)")
    assert read(address_of(), "t") == [{"n": "1"}]


def test_a_password_of_any_letters(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    postgresql.run("create table {here}.t (n int)")
    monkeypatch.setenv(URL, postgresql.url.replace("root@", "root:p%40s@:%2F#w%3f@".replace("#", "%23")))
    assert read(address_of(), f"{postgresql.name}.t") == []


def test_a_timestamp_of_mariadb_is_told_in_shanghai(mariadb: Server) -> None:
    mariadb.run("create table t (ts timestamp(3) null)")
    mariadb.run("set time_zone = '+00:00'")
    mariadb.run("insert into t values ('2025-02-28 16:30:00.5')")
    assert read(address_of(), "t") == [{"ts": "2025-03-01 00:30:00.500"}]


def test_gbk_bytes_in_a_column_declared_otherwise_need_the_encoding_stated(mariadb: Server) -> None:
    mariadb.run("create table t (n int, v varchar(20) character set latin1)")
    mariadb.run("insert into t values (1, x'b8dfd1aad1b9'), (2, null), (3, '')")
    assert [row["v"] for row in read(address_of("gb18030"), "t", ("n",))] == ["高血压", None, ""]


def test_gbk_bytes_told_as_latin_letters_are_noticed(mariadb: Server) -> None:
    mariadb.run("create table t (n int, v varchar(20) character set latin1)")
    cells = ", ".join(
        f"({n}, x'{name.encode('gbk').hex()}')" for n, name in enumerate(("高血压", "糖尿病", "冠心病"))
    )
    mariadb.run(f"insert into t values {cells}")
    with pytest.raises(DatabaseError) as failed:
        read(address_of(), "t")
    assert (failed.value.kind, failed.value.subject) == (Kind.ENCODING, "v")
    assert len(read(address_of("gb18030"), "t")) == 3


def test_latin_letters_that_mean_themselves_are_not_refused(mariadb: Server) -> None:
    mariadb.run("create table t (n int, v varchar(40))")
    mariadb.run(
        "insert into t values (1, '张××××'), (2, 'Ménière'), (3, 'Sjögren'), (4, '阿·买·提'), (5, '±0.5°'), (6, '王××××')"
    )
    assert len(read(address_of(), "t")) == 6


def test_names_in_any_case_and_in_chinese(
    postgresql: Server, mariadb: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL, postgresql.url)
    postgresql.run('create table {here}."住院 ""登记""" ("列 一" int, "A.b" int)')
    postgresql.run('insert into {here}."住院 ""登记""" values (1, 2)')
    assert read(address_of(), f'{postgresql.name}."住院 ""登记"""') == [{"列 一": "1", "A.b": "2"}]
    monkeypatch.setenv(URL, mariadb.url)
    mariadb.run("create table `住院``登记` (`列 一` int)")
    mariadb.run("insert into `住院``登记` values (1)")
    assert read(address_of(), "住院`登记") == [{"列 一": "1"}]


SQLITE = {
    "integer": (9223372036854775807, "9223372036854775807"),
    "real": (0.1, "0.1"),
    "real beyond six digits": (16777217.25, "16777217.25"),
    "real whole": (12.0, "12.0"),
    "text": ("张 三", "张 三"),
    "empty": ("", ""),
    "null": (None, None),
    "blob": (b"\x00\xff", "0x00FF"),
}


def test_values_of_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(f"create table t ({', '.join(f'c{n}' for n in range(len(SQLITE)))})")
        marks = ", ".join("?" * len(SQLITE))
        connection.execute(f"insert into t values ({marks})", [value for value, _ in SQLITE.values()])
    (row,) = read(Address("sqlite", str(path)), "t")
    assert dict(zip(SQLITE, row.values(), strict=True)) == {kind: text for kind, (_, text) in SQLITE.items()}


def test_gbk_text_in_sqlite_is_refused_or_read_as_stated(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table t (v text)")
        connection.execute("insert into t values (cast(x'b8dfd1aad1b9' as text))")
    with pytest.raises(DatabaseError) as failed:
        read(Address("sqlite", str(path)), "t")
    assert failed.value.kind is Kind.ENCODING
    assert read(Address("sqlite", str(path), "gb18030"), "t") == [{"v": "高血压"}]


def test_a_file_that_is_no_database_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(DatabaseError) as failed:
        read(Address("sqlite", str(path)), "t")
    assert failed.value.kind is Kind.DAMAGED


def test_nothing_can_be_written_through_the_connection(
    postgresql: Server, mariadb: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sources.connectors.databases.drivers import connect

    postgresql.run("create table {here}.t (n int)")
    mariadb.run("create table t (n int)")
    sqlite3.connect(tmp_path / "t.sqlite").execute("create table t (n int)")
    for url, table in ((postgresql.url, f"{postgresql.name}.t"), (mariadb.url, "t"), (None, "t")):
        if url is not None:
            monkeypatch.setenv(URL, url)
        address = address_of() if url else Address("sqlite", str(tmp_path / "t.sqlite"))
        server = connect(address, LIMITS)
        with pytest.raises(DatabaseError):
            list(server.stream(f"insert into {table} values (1)", ()))
        server.close()
    assert postgresql.run("select count(*) from {here}.t") == [(0,)]
    assert mariadb.run("select count(*) from t") == [(0,)]
