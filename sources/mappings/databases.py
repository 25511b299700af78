"""What county.yml and mappings say of databases: where one is, which table or query a feed comes from, the bounds.

Here: the shape of these keys, whether they can be right, and the source they mean for one deliverer and month. Not here:
connecting (connectors.databases). Addresses are secrets and stand in the environment, never in these files.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from sources.base.strict import Strict
from sources.connectors.databases.address import Address, resolve
from sources.connectors.databases.selection import Selection
from sources.mappings.language import as_list

# Statements are tried in the grammars of all servers: which one it is stands in the environment only.
_GRAMMARS = ("postgres", "mysql", "tsql", "oracle", "sqlite")


class Database(Strict):
    """Where one deliverer's database is: a URL in the environment, or an SQLite file inside the county folder."""

    url_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    sqlite: str | None = None
    text_encoding: Literal["utf-8", "gb18030", "big5"] | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Database:
        if (self.url_env is None) == (self.sqlite is None):
            raise ValueError("url_env 与 sqlite 只写一个 / give either `url_env` or `sqlite`")
        if self.sqlite is not None:
            path = PurePosixPath(self.sqlite)
            if path.is_absolute() or ".." in path.parts:
                raise ValueError("sqlite 写县目录内的路径 / `sqlite` is a path inside the county folder")
        return self

    def address(self, folder: Path, environ: Mapping[str, str]) -> Address:
        """Where it is now. Raises RefusedError when the environment does not say."""
        return resolve(self.url_env, self.sqlite, self.text_encoding, folder, environ)


class DatabaseSettings(Strict):
    """Bounds of reading databases; each is an assumption (假设) a county may change."""

    connect_seconds: int = Field(default=10, ge=1)
    statement_seconds: int = Field(default=3600, ge=1)
    attempts: int = Field(default=3, ge=1)
    wait_seconds: float = Field(default=2, ge=0)
    late_window_days: int = Field(default=7, ge=0)
    gone_share_limit: float = Field(default=0.2, ge=0, le=1)


class DatabaseKeys(Strict):
    """The keys of a feed's mapping that take the place of `file` when it comes from a database."""

    table: str | None = Field(default=None, min_length=1)
    query: str | None = Field(default=None, min_length=1)
    month_by: str | None = None
    updated: str | None = None
    order_by: Annotated[tuple[str, ...], BeforeValidator(as_list)] = ()

    @property
    def is_database(self) -> bool:
        return self.table is not None or self.query is not None

    @model_validator(mode="after")
    def _one_way_in(self) -> DatabaseKeys:
        ways = [name for name in ("file", "table", "query") if getattr(self, name, None) is not None]
        if len(ways) != 1:
            raise ValueError("file、table、query 要写且只写一个 / give one of `file`, `table` or `query`")
        if ways == ["file"] and (self.month_by or self.updated or self.order_by):
            raise ValueError(
                "month_by、updated、order_by 只与 table 或 query 同用 / `month_by`, `updated` and `order_by` go with `table` or `query`"
            )
        return self

    def source(self, institution: str, month: str, ignore: tuple[str, ...]) -> Selection:
        """What to read for one deliverer and month."""
        words = {"{institution}": institution, "{month}": month, "{yyyymm}": month.replace("-", "")}

        def filled(text: str | None) -> str | None:
            for word, value in words.items():
                text = text.replace(word, value) if text is not None else None
            return text

        # Of a query the SELECT says what it gives; of a table the ignored columns need not travel.
        left_out = ignore if self.query is None else ()
        return Selection(
            filled(self.table), filled(self.query), self.month_by, self.updated, self.order_by, left_out
        )


def query_problem(query: str) -> tuple[str, str] | None:
    """What is wrong with a mapping's query, in both languages: it must be one SELECT and nothing else."""
    import sqlglot
    from sqlglot import exp

    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    text = re.sub(r"\{(institution|month|yyyymm)\}", "2025", query)
    said = ""
    for grammar in _GRAMMARS:
        try:
            statements = [each for each in sqlglot.parse(text, dialect=grammar) if each is not None]
        except sqlglot.errors.SqlglotError as error:
            said = said or re.sub(r"\x1b\[\d+m", "", str(error)).splitlines()[0]
            continue
        if len(statements) != 1:
            return "query 只能有一条语句", "query must be one statement"
        changing = (exp.DML, exp.DDL, exp.Into, exp.Lock, exp.Command, exp.Drop, exp.TruncateTable)
        found = [node for node in statements[0].find_all(*changing) if not isinstance(node, exp.Query)]
        if found or not isinstance(statements[0], exp.Query):
            return (
                "query 只能是 SELECT,不能改动数据或加锁",
                "query must be a SELECT that changes and locks nothing",
            )
        return None
    return f"query 不是能读懂的 SELECT:{said}", f"query cannot be read as a SELECT: {said}"


def key_problems(keys: DatabaseKeys) -> Iterator[tuple[str, str, str]]:
    """(key, Chinese, English) of everything wrong with the database keys of one feed."""
    if keys.query is not None and (problem := query_problem(keys.query)) is not None:
        yield ("query", *problem)
