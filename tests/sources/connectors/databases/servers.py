"""Real servers on loopback for these tests: a schema or database of its own for every test, dropped afterwards.

Without a server a test is skipped with the reason; where YIGONGTI_REQUIRE_SERVERS is set (continuous integration) it
fails instead: a proof that did not run must not look like one that did.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pymysql
import pytest

POSTGRESQL = os.environ.get("YIGONGTI_TEST_POSTGRESQL", "postgresql://root@127.0.0.1:5432/test")
MARIADB = os.environ.get("YIGONGTI_TEST_MARIADB", "mysql://root@127.0.0.1:3306/test")
URL = "YIGONGTI_DATABASE_TEST"


class Cursor(Protocol):
    """What these tests use of a driver's cursor."""

    def execute(self, sql: str, arguments: Any = None) -> Any: ...
    def fetchall(self) -> list[tuple]: ...


@dataclass
class Server:
    """A place of one's own on a server: `name` is the schema (PostgreSQL) or database (MariaDB)."""

    url: str
    name: str
    connection: Any

    def run(self, sql: str, arguments: Any = None) -> list[tuple]:
        """Execute one statement; `{here}` stands for the schema. Rows when there are any."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql.replace("{here}", self.name), arguments)
            return list(cursor.fetchall()) if cursor.description else []


def unavailable(what: str, error: Exception) -> None:
    """Skip loudly, or fail where servers are required."""
    message = f"{what} is not there: {error}"
    if os.environ.get("YIGONGTI_REQUIRE_SERVERS"):
        pytest.fail(message)
    pytest.skip(f"NOT PROVEN HERE: {message}")


@contextmanager
def postgresql() -> Iterator[Server]:
    """A schema of its own in PostgreSQL."""
    try:
        connection = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=5)
    except psycopg.Error as error:
        unavailable("PostgreSQL", error)
        raise AssertionError from error
    server = Server(POSTGRESQL, f"yigongti_{uuid.uuid4().hex[:12]}", connection)
    try:
        server.run("create schema {here}")
        yield server
    finally:
        server.run("drop schema if exists {here} cascade")
        connection.close()


@contextmanager
def mariadb() -> Iterator[Server]:
    """A database of its own in MariaDB."""
    parts = urlsplit(MARIADB)
    try:
        connection = pymysql.connect(
            host=parts.hostname, port=parts.port or 3306, user=parts.username or "root",
            password=parts.password or "", charset="utf8mb4", autocommit=True, connect_timeout=5,
        )  # fmt: skip
    except pymysql.MySQLError as error:
        unavailable("MariaDB", error)
        raise AssertionError from error
    name = f"yigongti_{uuid.uuid4().hex[:12]}"
    url = urlunsplit(("mysql", parts.netloc, f"/{name}", "", ""))
    server = Server(url, name, connection)
    try:
        server.run("create database {here}")
        server.run("use {here}")
        yield server
    finally:
        server.run("drop database if exists {here}")
        connection.close()
