"""Whom the web server answers: pages of its own and programs of this machine."""

import pytest
from dagster_webserver.webserver import DagsterWebserver
from starlette.middleware import Middleware

from orchestration.web_server import GuardedWebserver, OwnPagesOnly, refusal

HOST = "127.0.0.1:3000"
MUTATION = "query=mutation%7BdeleteRun%7D"


@pytest.mark.parametrize(
    ("kind", "method", "path", "query", "headers", "answered"),
    [
        ("http", "GET", "/", "", {"host": HOST}, True),
        ("http", "GET", "/", "", {"host": "localhost:3000"}, True),
        ("http", "POST", "/graphql", "", {"host": HOST}, True),
        ("http", "POST", "/graphql", "", {"host": HOST, "origin": "http://127.0.0.1:3000"}, True),
        ("websocket", "", "/graphql", "", {"host": HOST, "origin": "http://127.0.0.1:3000"}, True),
        # GraphiQL's own page runs nothing by itself.
        ("http", "GET", "/graphql", MUTATION, {"host": HOST, "accept": "text/html,*/*"}, True),
        ("http", "GET", "/graphql", MUTATION, {"host": HOST, "accept": "image/png"}, False),
        ("http", "GET", "/graphql/", MUTATION, {"host": HOST}, False),
        ("http", "POST", "/graphql", MUTATION, {"host": HOST, "origin": "http://evil.example"}, False),
        ("http", "POST", "/graphql", "", {"host": HOST, "origin": "http://127.0.0.1:8080"}, False),
        ("http", "POST", "/graphql", "", {"host": HOST, "origin": "null"}, False),
        ("websocket", "", "/graphql", "", {"host": HOST, "origin": "http://evil.example"}, False),
        ("http", "GET", "/", "", {"host": "evil.example:3000"}, False),
        ("http", "GET", "/", "", {}, False),
    ],
)
def test_whom_it_answers(
    kind: str, method: str, path: str, query: str, headers: dict[str, str], answered: bool
):
    assert (refusal(kind, method, path, query, headers) is None) is answered


def test_the_guard_stands_before_everything_else(monkeypatch: pytest.MonkeyPatch):
    server = GuardedWebserver.__new__(GuardedWebserver)
    first, *rest = server.build_middleware()
    assert isinstance(first, Middleware) and first.cls is OwnPagesOnly
    assert [each.cls for each in rest] == [each.cls for each in DagsterWebserver.build_middleware(server)]
