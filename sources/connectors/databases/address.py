"""Where a member's database is: a URL out of the environment, or an SQLite file inside the county folder.

Here: which kind of server a URL means, and its parts. A URL is a secret: it stands in no message, manifest or repr.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from sources.base.refusal import RefusedError

KINDS = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mssql": "sqlserver",
    "sqlserver": "sqlserver",
    "oracle": "oracle",
}


@dataclass(frozen=True)
class Address:
    """A database to read from. `text_encoding` overrules what the server declares of its text."""

    kind: str
    secret: str = field(repr=False)
    text_encoding: str | None = None

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(self.secret)

    @property
    def host(self) -> str:
        return urlsplit(self.secret).hostname or "127.0.0.1"

    @property
    def port(self) -> int | None:
        return urlsplit(self.secret).port

    @property
    def user(self) -> str:
        return unquote(urlsplit(self.secret).username or "")

    @property
    def password(self) -> str:
        return unquote(urlsplit(self.secret).password or "")

    @property
    def database(self) -> str:
        return unquote(urlsplit(self.secret).path.lstrip("/"))

    @property
    def options(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.secret).query))


def resolve(
    url_env: str | None,
    sqlite: str | None,
    text_encoding: str | None,
    folder: Path,
    environ: Mapping[str, str],
) -> Address:
    """The address behind a `database:` of county.yml. Raises RefusedError when it is not there or unreadable."""
    if sqlite is not None:
        return Address("sqlite", str(folder / sqlite), text_encoding)
    url = environ.get(str(url_env), "")
    if not url:
        raise RefusedError(
            "DATABASE_NOT_CONFIGURED",
            f"环境变量 {url_env} 未设置:请在运行环境里写入数据库地址,如 postgresql://用户:口令@主机:5432/库名",
            f"environment variable {url_env} is not set: put the address there, such as "
            "postgresql://user:password@host:5432/database",
        )
    try:
        parts = urlsplit(url)
        kind = KINDS.get(parts.scheme.split("+")[0].lower())
        readable = parts.port is None or parts.port > 0
    except ValueError:
        kind, readable = None, False
    if kind is None or not readable:
        schemes = "、".join(sorted(KINDS))
        raise RefusedError(
            "DATABASE_NOT_CONFIGURED",
            f"环境变量 {url_env} 里不是可用的数据库地址:应以 {schemes} 之一开头,口令中的特殊字符要写成 %XX",
            f"environment variable {url_env} holds no usable address: it starts with one of {schemes}, special "
            "characters of a password are written %XX",
        )
    return Address(kind, url, text_encoding)
