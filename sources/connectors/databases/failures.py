"""What can go wrong with a database, told apart by the server's error code, said to the people who can mend it.

Here: the kinds of failure, which of them may pass by themselves, and the refusal each becomes. The server's own words
are dropped: they may quote a value, a user or a host. Not here: the codes of each server (its module).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TypeVar

from sources.base.refusal import RefusedError


class Kind(Enum):
    """Kinds of failure; the value is the refusal code."""

    UNREACHABLE = "DATABASE_UNREACHABLE"
    INTERRUPTED = "DATABASE_INTERRUPTED"
    TIMEOUT = "DATABASE_TIMEOUT"
    PERMISSION = "DATABASE_PERMISSION"
    MISSING = "DATABASE_OBJECT_MISSING"
    ENCODING = "DATABASE_ENCODING"
    DAMAGED = "DATABASE_DAMAGED"
    QUERY = "DATABASE_QUERY_FAILED"


# Worth another try; anything else would fail the same way again.
TRANSIENT = frozenset((Kind.UNREACHABLE, Kind.INTERRUPTED))


class DatabaseError(Exception):
    """A failure told apart. `code` is the server's error code (SQLSTATE or number), `subject` a table or column."""

    def __init__(self, kind: Kind, code: str = "", subject: str = "") -> None:
        super().__init__(f"{kind.value} {code}".strip())
        self.kind, self.code, self.subject = kind, code, subject

    @property
    def is_transient(self) -> bool:
        return self.kind in TRANSIENT


Failure = TypeVar("Failure", bound=Exception)


@contextmanager
def failing_as(
    errors: type[Failure] | tuple[type[Failure], ...], told_apart: Callable[[Failure], DatabaseError]
) -> Iterator[None]:
    """Raise what `told_apart` makes of a driver's error in its place, without the driver's own words."""
    try:
        yield
    except errors as error:
        raise told_apart(error) from None


_SAID = {
    Kind.UNREACHABLE: (
        "连不上数据库:请确认服务器已启动、网络和端口可达、连接数未满,然后重新运行",
        "the database cannot be reached: see that the server runs, that network and port are open and connections "
        "are to be had, then run again",
    ),
    Kind.INTERRUPTED: (
        "读取中途连接断开,多次重试仍未读完,已读部分没有留下:请在服务器空闲时重新运行",
        "the connection broke while reading and further tries broke too; nothing was kept: run again at a quiet hour",
    ),
    Kind.TIMEOUT: (
        "查询超过时限:请给 month_by 列建索引、改在空闲时段运行,或放宽 settings.databases.statement_seconds",
        "the statement took too long: index the month_by column, run at a quiet hour, or allow more in "
        "settings.databases.statement_seconds",
    ),
    Kind.PERMISSION: (
        "账号无法登录或没有读取权限:请核对口令,并授予该账号对所需表的只读(SELECT)权限",
        "the account cannot log in or must not read: check the password and grant it SELECT on the tables it needs",
    ),
    Kind.MISSING: (
        "表或列不存在:请核对映射文件里的 table、query、month_by、updated、order_by",
        "a table or column does not exist: check table, query, month_by, updated and order_by in the mapping",
    ),
    Kind.ENCODING: (
        "文字的实际编码与数据库声明的不符:请在 county.yml 的 database 中写明 text_encoding(如 gb18030)",
        "text is not in the encoding the database declares: state text_encoding (such as gb18030) under `database` "
        "in county.yml",
    ),
    Kind.DAMAGED: (
        "数据库文件已损坏或不是 SQLite 文件:请从源系统重新备份一份",
        "the database file is damaged or is no SQLite file: make a fresh backup of the source system",
    ),
    Kind.QUERY: (
        "数据库不接受该查询:请用数据库自己的工具试运行映射文件里的 query,改正后再运行",
        "the database does not accept the statement: try the mapping's query in a tool of the database and mend it",
    ),
}


def refusal(error: DatabaseError, place: str) -> RefusedError:
    """The refusal of one delivery. `place` names the delivery as people know it (database/institution/table)."""
    zh, en = _SAID[error.kind]
    code = f" [{error.code}]" if error.code else ""
    subject_zh = f"({error.subject})" if error.subject else ""
    subject_en = f" ({error.subject})" if error.subject else ""
    return RefusedError(
        error.kind.value, f"{place}:{zh}{subject_zh}{code}", f"{place}: {en}{subject_en}{code}"
    )
