"""The options and arguments that commands share: one spelling and one meaning each.

Belongs here: how a month, a county, a deliverer or a workbook is named on the command line. Does not belong here:
commands (orchestration.cli), what only one of them asks. Imports nothing slow.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from orchestration import settings

Decorator = Callable[[Callable], Callable]

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


class Month(click.ParamType):
    """An accounting month, YYYY-MM."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
            self.fail(
                f"月份写成 YYYY-MM,例如 2025-03 / a month is written like 2025-03, not {value!r}", param, ctx
            )
        return value


def _readable_by_duckdb(_: click.Context, __: click.Parameter, home_dir: Path) -> Path:
    """DuckDB takes what follows a question mark in the path of a database for settings."""
    if "?" in str(home_dir):
        raise click.BadParameter(
            f"数据目录的路径不能含问号,请改名 / the path of a home cannot hold a question mark, rename it: {home_dir}"
        )
    return home_dir


county = click.option(
    "--county",
    "county_dir",
    type=FOLDER,
    default=settings.county_dir,
    show_default="$YIGONGTI_COUNTY, ./demo",
    help="县目录 county folder",
)
home = click.option(
    "--home",
    "home_dir",
    type=FOLDER,
    callback=_readable_by_duckdb,
    default=settings.home_dir,
    show_default="$YIGONGTI_HOME, ./data",
    help="数据目录 home folder",
)
feed = click.option("--feed", "feed_name", help="只此数据源 this feed only, e.g. his_op_visit")
folder = click.argument("directory", type=FOLDER)
county_folder = click.argument("directory", metavar="COUNTY", type=FOLDER)


def place(command: Callable) -> Callable:
    """Where to work: the county and its home."""
    return county(home(command))


def month(text: str = "只此月 this month only", **more: Any) -> Decorator:
    """`--month`, by default one that narrows what is shown."""
    return click.option("--month", type=Month(), help=text, **more)


def institution(text: str = "只此机构 this deliverer only") -> Decorator:
    """`--institution`, which narrows what is shown."""
    return click.option("--institution", help=text)


def output(text: str) -> Decorator:
    """`--output`: the file to write."""
    return click.option("--output", type=FILE, help=text)


def example(*lines: str) -> str:
    """Epilog of a command: how it is really used."""
    return "\b\n例 example:\n" + "\n".join(f"  {line}" for line in lines)
