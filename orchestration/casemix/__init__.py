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

from orchestration.dbt import DbtError, build, build_arguments, ensure_manifest
from sources.base.engine import literal
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
    import duckdb

    if not cases.is_file():
        raise CasesError(f"没有这个文件 {cases} / there is no such file")
    try:
        connection.execute(
            f"create table given as select row_number() over () as place, * from read_csv({literal(cases)}, "
            "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', strict_mode = true)"
        )
    except duckdb.Error as error:
        raise CasesError(
            f"{cases.name} 不是这样的 CSV / is no such CSV: {str(error).splitlines()[0]}"
        ) from error
    found = [name for name, *_ in connection.execute("describe given").fetchall()]
    lacking = [name for name in columns if name not in found]
    if lacking:
        raise CasesError(
            f"{cases.name} 缺少列 {'、'.join(lacking)};要有 {','.join(columns)} / columns {', '.join(lacking)} are missing"
        )
    twice = connection.execute(
        "select min(place) + 1, max(place) + 1 from given group by case_id having count(*) > 1 or case_id is null limit 1"
    ).fetchone()
    if twice:
        raise CasesError(
            f"{cases.name} 第 {twice[0]} 行与第 {twice[1]} 行:case_id 空或重复 / lines {twice[0]} and {twice[1]}: "
            "case_id is empty or comes twice"
        )


def build_models(home: Home, models: Sequence[str]) -> None:
    """Build these models over what lies in the home. Raises DbtError."""
    folder = home.warehouse / "dbt"
    selection = ["--select", *models, "--resource-type", "model"]
    made = build(
        build_arguments(folder, folder, selection=selection), home.root, ensure_manifest(), lambda _: None
    )
    if made.failures:
        raise DbtError("\n".join(made.failures))


def write_result(
    connection: DuckDBPyConnection, out: Path, model: str, columns: Sequence[str], counted: str
) -> dict[str, int]:
    """Write the columns of a model, one row for each case in the order given. Returns {value of `counted`: cases}."""
    listed = ", ".join(f"m.{name}" for name in columns)
    connection.execute(
        f"copy (select {listed} from given as g inner join casemix.{model} as m using (case_id) order by g.place) "
        f"to {literal(out)} (header, delimiter ',')"
    )
    found = connection.execute(f"select {counted}, count(*) from casemix.{model} group by 1 order by 1")
    return dict(found.fetchall())
