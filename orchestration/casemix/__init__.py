"""Cases of a file, grouped and settled by the warehouse's own SQL, without a home.

Here: what both doors share. A scratch home gets the cases in the place of the tables that the warehouse would make, the models behind
them are built over it, and the result is written in the order given. Not here: SQL of casemix (dbt_project/models/casemix).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from orchestration.dbt import DbtError, build, build_arguments, ensure_manifest
from sources.base.engine import literal
from sources.base.files import read_texts, replacing
from sources.base.home import Home

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class CasesError(ValueError):
    """A file cannot be read; the message says where and how to mend it, in Chinese and English."""


@contextmanager
def scratch_home() -> Iterator[Home]:
    """A home for the time of one command."""
    with tempfile.TemporaryDirectory(prefix="yigongti-casemix-") as folder:
        home = Home(Path(folder))
        home.warehouse.mkdir(parents=True)
        yield home


def read_cases(connection: DuckDBPyConnection, cases: Path, columns: Sequence[str]) -> None:
    """The file as table `given`, every cell as text, with the number of the row as `place`. Raises CasesError."""
    given = _as_text(cases)
    lacking = [name for name in columns if name not in given.column_names]
    if lacking:
        raise CasesError(
            f"{cases.name} 缺少列 {'、'.join(lacking)};要有 {','.join(columns)} / columns {', '.join(lacking)} are missing"
        )
    connection.register("_given", given.select(list(columns)))
    connection.execute("create table given as select row_number() over () as place, * from _given")
    connection.unregister("_given")
    twice = connection.execute(
        "select min(place), max(place), case_id is null from given group by case_id "
        "having count(*) > 1 or case_id is null order by 1 limit 1"
    ).fetchone()
    if twice:
        first, last, is_empty = twice
        zh, en = ("空", "is empty") if is_empty else ("与前面重复", "comes twice")
        rows = f"{first}" if first == last else f"{first}, {last}"
        raise CasesError(f"{cases.name} 第 {rows} 个病例:case_id {zh} / case {rows}: case_id {en}")


def _as_text(cases: Path) -> pa.Table:
    """A CSV with every cell as text, an empty one as missing. Raises CasesError."""
    if not cases.is_file():
        raise CasesError(f"没有这个文件 {cases} / there is no such file")
    try:
        return read_texts(cases, missing=("",))
    except UnicodeDecodeError as error:
        raise CasesError(f"{cases.name} 请另存为 UTF-8 编码的 CSV / save it as CSV in UTF-8") from error
    except pa.ArrowInvalid as error:
        raise CasesError(
            f"{cases.name} 不是这样的 CSV / is no such CSV: {str(error).splitlines()[0]}"
        ) from error


def build_models(home: Home, models: Sequence[str]) -> None:
    """Build these models over what lies in the home. Raises DbtError."""
    folder = home.warehouse / "dbt"
    selection = ["--select", *models, "--resource-type", "model"]
    made = build(
        build_arguments(folder, folder, selection=selection), home.root, ensure_manifest(), lambda _: None
    )
    if made.failures:
        raise DbtError("\n".join(made.failures))


def require_place(out: Path) -> None:
    """Raises CasesError if the result cannot be written there: before anything is built."""
    if not out.absolute().parent.is_dir():
        raise CasesError(f"没有这个文件夹 {out.parent} / there is no such folder")


def write_result(
    connection: DuckDBPyConnection, out: Path, model: str, columns: Sequence[str], counted: str
) -> dict[str, int]:
    """Write the columns of a model, one row for each case in the order given. Returns {value of `counted`: cases}."""
    listed = ", ".join(f"m.{name}" for name in columns)
    with replacing(out) as beside:
        connection.execute(
            f"copy (select {listed} from given as g inner join casemix.{model} as m using (case_id) order by g.place) "
            f"to {literal(beside)} (format csv, header, delimiter ',')"
        )
    found = connection.execute(f"select {counted}, count(*) from casemix.{model} group by 1 order by 1")
    return dict(found.fetchall())
