"""The home that a command was given: one that runs have filled, or one that a run may fill."""

from pathlib import Path

import click

from orchestration.settings import DEFAULT_HOME, HOME_VARIABLE
from sources.base.home import Home
from sources.base.yamlfile import Problem
from sources.county.county import County


def open_home(home_dir: Path) -> Home:
    """A home that a run has filled, or a usage error that names the folder."""
    home = Home(home_dir)
    if not home.is_filled:
        there = "不是数据目录 is no home" if home_dir.exists() else "不存在 does not exist"
        raise click.UsageError(
            f"--home {home_dir}: {there};用 --home(或 ${HOME_VARIABLE})指定 yigongti run 用过的目录,默认 {DEFAULT_HOME} / "
            f"point --home (or ${HOME_VARIABLE}) to the folder that yigongti run was given"
        )
    return home


def home_to_fill(home_dir: Path) -> Home:
    """A home, or a folder that may become one; a usage error for a county's."""
    if (home_dir / "county.yml").exists():
        raise click.UsageError(
            f"--home {home_dir} 是县目录,不能作数据目录;请另选 / is a county folder and cannot be the home: choose another"
        )
    return Home(home_dir)


def home_of(county: County, home_dir: Path) -> Home:
    """A home that runs of this county have filled, or a usage error."""
    home = open_home(home_dir)
    require_county(county, home)
    return home


def require_county(county: County, home: Home) -> None:
    """A usage error if what is published in the home is another county's."""
    for problem in of_another_county(county, home):
        raise click.UsageError(f"{problem.message_zh} / {problem.message_en}")


def of_another_county(county: County, home: Home) -> list[Problem]:
    """That the home's release names another county; a home without a release names none."""
    from orchestration.publishing.manifest import county_of

    published = county_of(home)
    if published is None or published["region_code"] == county.region_code:
        return []
    theirs, ours = f"{published['name']}({published['region_code']})", f"{county.name}({county.region_code})"
    zh = f"{home.root} 是 {theirs} 的数据目录,不是 {ours} 的;请核对县目录与 --home"
    en = f"{home.root} is the home of {theirs}, not of {ours}: check the county folder and --home"
    return [Problem("county.yml", 0, zh, en)]


def require_key(home: Home, secret: bytes) -> None:
    """The key that the home was filled under. Raises KeyMismatchError for another: nothing there could be read."""
    from sources.intake.landing import Landing

    if home.landing.is_dir():
        Landing(home, secret).open()
