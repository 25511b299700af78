"""Dagster's web server for one machine: it answers this machine's own pages and programs, and nothing else.

Whoever can send it a request can start runs and delete history: Dagster has no log-in, and its GraphQL takes a mutation even by
GET, which any page open in a browser of this machine could send. Belongs here: what is refused. Does not belong here: starting
the server and the daemon (orchestration.ui).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import dagster_webserver.app
from dagster_webserver.cli import main
from dagster_webserver.webserver import DagsterWebserver
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def refusal(kind: str, method: str, path: str, query: str, headers: Mapping[str, str]) -> str | None:
    """Why a request is not answered, None if it is.

    Another host name: a page elsewhere whose name was made to point here. Another origin: a page elsewhere that sends to us.
    """
    host = headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in LOOPBACK:
        return "只回答本机 / this machine only: Host must be 127.0.0.1"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return "只回答自己的页面 / only for pages of this server"
    asks = (
        kind == "http"
        and method == "GET"
        and path.rstrip("/").endswith("/graphql")
        and "query" in parse_qs(query)
    )
    if asks and "text/html" not in headers.get("accept", ""):
        return "GraphQL 用 POST / GraphQL is asked by POST"
    return None


class OwnPagesOnly:
    """Refuses before Dagster sees the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        why = refusal(
            scope["type"],
            scope.get("method", ""),
            scope["path"],
            scope["query_string"].decode("latin-1"),
            headers,
        )
        if why is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(why, status_code=403)(scope, receive, send)


class GuardedWebserver(DagsterWebserver):
    """Dagster's server behind our guard."""

    def build_middleware(self) -> list[Middleware]:
        return [Middleware(OwnPagesOnly), *super().build_middleware()]


def serve() -> Any:
    """The command line of `dagster-webserver`, guarded."""
    vars(dagster_webserver.app)["DagsterWebserver"] = GuardedWebserver
    return main()


if __name__ == "__main__":
    serve()
