"""What all pages of a release share: templates with their style and filters, and pages of months that are kept.

Not here: what stands on a page (quality, money).
"""

from __future__ import annotations

import importlib.resources
import shutil
from collections.abc import Collection
from functools import cache
from pathlib import Path

import jinja2

from orchestration.account_words import yuan

_STYLE = "page.css"


@cache
def template_of(package: str, name: str) -> jinja2.Template:
    """A template that lies in a package; it may include page.css, and has the filters yuan (of fen), count and points."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(
            lambda wanted: _text(__package__ if wanted == _STYLE else package, wanted)
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["yuan"] = lambda fen: "—" if fen is None else yuan(fen)
    environment.filters["count"] = lambda number: f"{number:,}"
    environment.filters["points"] = lambda score: "—" if score is None else f"{float(score):.1f}"
    return environment.get_template(name)


def keep_months(published: Path, kept: Path, months: Collection[str]) -> None:
    """Copy the folders of all months but these."""
    for folder in sorted(published.glob("*")):
        if folder.name not in months:
            shutil.copytree(folder, kept / folder.name)


def _text(package: str, name: str) -> str:
    return importlib.resources.files(package).joinpath(name).read_text("utf-8")
