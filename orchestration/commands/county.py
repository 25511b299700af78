"""`yigongti county …`: make a county that does not exist, check one that does."""

import os
import time
from pathlib import Path
from typing import Literal

import click

from orchestration.commands.home import of_another_county, open_home
from orchestration.settings import DEFAULT_COUNTY
from sources.base.home import Home
from sources.base.yamlfile import Problem
from sources.county.county import County


def require_county(county_dir: Path) -> None:
    """A usage error that says how to get a county, unless the folder is one."""
    if not (county_dir / "county.yml").is_file():
        raise click.UsageError(
            f"{county_dir} 里没有 county.yml:用 --county 指定县目录,或先生成演示县 / no county.yml there: "
            f"point to a county with --county, or make one: yigongti county simulate {DEFAULT_COUNTY}"
        )


def load_county(county_dir: Path) -> County:
    """The county, or a usage error that says how to get one."""
    require_county(county_dir)
    return County.load(county_dir)


def simulate(
    directory: Path, *, residents: int, months: int, end: str, seed: int, defects: Literal["default", "none"]
) -> None:
    """Write a simulated county. A folder with something in it is a usage error."""
    from sources.simulator import simulate as write_county

    if directory.exists() and any(directory.iterdir()):
        raise click.UsageError(f"{directory} 不是空目录,请另选或先清空 / is not empty: choose another folder")
    began = time.perf_counter()
    click.echo(f"生成模拟县 simulating a county: {residents:,} 居民 residents × {months} 个月 months")
    write_county(
        directory, residents, months, end, seed, defects, progress=lambda line: click.echo(f"  {line}")
    )
    click.echo(f"{directory}  ({time.perf_counter() - began:.1f} s)")


def new(directory: Path, *, name: str, region: str) -> None:
    """Copy the template county and the demo county's policy tables. A folder with something in it is a usage error."""
    import shutil

    from sources.county.county import COUNTIES
    from sources.county.policy_tables import TABLES

    if directory.exists() and any(directory.iterdir()):
        raise click.UsageError(f"{directory} 不是空目录,请另选或先清空 / is not empty: choose another folder")
    shutil.copytree(COUNTIES / "template", directory, dirs_exist_ok=True)
    for table in TABLES:
        path, of_members = (
            COUNTIES / "demo" / "policy" / f"{table.name}.csv",
            table.optional and table.names_members,
        )
        if path.is_file() and not of_members:
            shutil.copyfile(path, directory / "policy" / path.name)
    (directory / "inbox").mkdir()
    settings = directory / "county.yml"
    text = settings.read_text(encoding="utf-8").replace("name: 某某县", f"name: {name}", 1)
    settings.write_text(text.replace('"340600"', f'"{region}"', 1), encoding="utf-8")
    click.echo(f"{directory}:请填写 county.yml / fill in county.yml, then: yigongti county check {directory}")
    click.echo("政策表取自演示县,均为假设 / policy tables are the demo county's: all assumptions")


def _against_home(directory: Path, home: Home, *, usable: bool) -> list[Problem]:
    """What a county says otherwise than its home; of another county's home nothing but that."""
    from orchestration.publishing.policy_rows import changed_for_published

    if not home.current.is_symlink():
        raise click.UsageError(
            f"{home.root} 里没有发布的版本,--home 要指数据目录 / nothing is published there: --home is the home folder"
        )
    other = of_another_county(County.load(directory), home) if usable else []
    return other or changed_for_published(directory / "policy", home)


def _waivers_of_no_check(directory: Path) -> list[Problem]:
    from sources.county.policy import policy_rows

    rows = [(line, row["check_id"]) for line, row in policy_rows(directory / "policy", "waiver")]
    if not rows:
        return []
    from expectations.known import waiver_problems

    return waiver_problems(rows)


def check(directory: Path, home_dir: Path | None) -> int:
    """Print every problem of a county folder, and what it still lacks. 0 if there is no problem, else 2.

    With a home, policy is also held against that with which its published months were computed.
    """
    from sources.county.county import check as find_problems
    from sources.county.county import notes

    require_county(directory)
    problems = sorted([*find_problems(directory), *_waivers_of_no_check(directory)])
    if home_dir is not None:
        problems = sorted([*problems, *_against_home(directory, open_home(home_dir), usable=not problems)])
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        click.echo(f"{len(problems)} 个问题 / problems", err=True)
        return 2
    for note in notes(directory, os.environ):
        click.echo(f"提醒 note: {note}", err=True)
    click.echo("没有问题 / no problems")
    return 0
