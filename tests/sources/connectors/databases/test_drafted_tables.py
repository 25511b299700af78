"""A draft looks at a member's own tables only: what a server keeps for itself is nobody's delivery."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sources.connectors.databases.address import resolve
from sources.onboarding.tables import read_tables
from tests.sources.connectors.databases.servers import URL, Server


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_system_tables_are_not_sampled(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server: Server = request.getfixturevalue(kind)
    server.run("create table {here}.mzjz (jzlsh varchar(20), jzsj timestamp)")
    server.run("insert into {here}.mzjz values ('MZ1', '2025-03-01 08:00:00')")
    address = resolve(URL, None, None, tmp_path, os.environ)
    drafted = [sample.table for sample in read_tables(address, ())]
    assert f"{server.name}.mzjz" in drafted
    system = ("pg_catalog.", "information_schema.", "mysql.", "performance_schema.", "sys.")
    assert [name for name in drafted if name.lower().startswith(system)] == []
