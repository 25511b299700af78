"""Fixtures: places on real servers, and the URL in the environment as an operator would put it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sources.connectors.databases import servers


@pytest.fixture
def postgresql(monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.Server]:
    with servers.postgresql() as server:
        monkeypatch.setenv(servers.URL, server.url)
        yield server


@pytest.fixture
def mariadb(monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.Server]:
    with servers.mariadb() as server:
        monkeypatch.setenv(servers.URL, server.url)
        yield server
