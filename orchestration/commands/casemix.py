"""`yigongti casemix …`: cases of a file grouped, a scheme imported. Drawing only."""

from pathlib import Path

import click

from orchestration.commands.county import require_county
from orchestration.console import make_console
from sources.base.terms import GROUPING_STATUSES
from sources.casemix.importing import import_scheme
from sources.casemix.scheme import scheme_folders
from sources.casemix.switches import Switches


def group(cases: Path, out: Path, scheme: str, decided: tuple[str, ...], county_dir: Path | None) -> None:
    """Group and say how many cases ended how."""
    from orchestration.casemix.group import group_cases

    if county_dir is not None:
        require_county(county_dir)
    _say(group_cases(cases, out, scheme, _switches(decided), county_dir), out)


def dip(cases: Path, rules: Path, out: Path) -> None:
    """Settle and say how many cases deviate."""
    from orchestration.casemix.dip import settle_cases

    _say(settle_cases(cases, rules, out), out)


def _say(counted: dict[str, int], out: Path) -> None:
    said = ",".join(f"{GROUPING_STATUSES.get(name, name)} {number:,}" for name, number in counted.items())
    make_console().print(
        f"{sum(counted.values()):,} 例 cases:{said} → {out}", soft_wrap=True, highlight=False
    )


def _switches(decided: tuple[str, ...]) -> Switches:
    """From NAME=VALUE texts. What is no switch, or none of its values, is a usage error."""
    from pydantic import ValidationError

    given = dict(text.partition("=")[::2] for text in decided)
    try:
        return Switches.model_validate(given)
    except ValidationError as error:
        names = ", ".join(Switches.model_fields)
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise click.BadParameter(f"{where}: {first['msg']} ({names})", param_hint="--set") from error


def import_into(source: Path, county_dir: Path) -> None:
    """Import a scheme; what is wrong with it is said whole."""
    require_county(county_dir)
    if not source.is_dir():
        raise click.UsageError(f"没有这个文件夹 {source} / there is no such folder")
    folder = import_scheme(source, county_dir, scheme_folders(county_dir))
    make_console().print(
        f"{folder.name} → {folder}\n在 policy/casemix_scheme.csv 写明从哪天起适用 / say in policy/casemix_scheme.csv from when",
        soft_wrap=True,
        highlight=False,
    )
