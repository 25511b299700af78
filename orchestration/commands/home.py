"""The home that a command was given: one that runs have filled, or one that a run may fill."""

from pathlib import Path

import click

from orchestration.settings import DEFAULT_HOME, HOME_VARIABLE
from sources.base.home import Home


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


def require_key(home: Home, secret: bytes) -> None:
    """The key that the home was filled under. Raises KeyMismatchError for another: nothing there could be read."""
    from sources.intake.landing import Landing

    if home.landing.is_dir():
        Landing(home, secret).open()
