"""Taking a scheme into a county: judged, copied whole, with the SHA-256 of every file written into its scheme.yml."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from sources.base.yamlfile import Problem
from sources.casemix.checks import check_scheme
from sources.casemix.scheme import (
    DESCRIPTION,
    FOLDER,
    SchemeError,
    SchemeSettings,
    read_settings,
    scheme_content,
)


def import_scheme(source: Path, county_folder: Path, folders: Mapping[str, Path]) -> Path:
    """Copy the scheme in `source` to `<county>/casemix/<its name>` and return that folder; the same again changes nothing.

    Raises SchemeError if it cannot be used, or if another scheme of that name is there already: what cases were grouped by
    must not become something else under the same name.
    """
    problems = check_scheme(source, folders)
    if problems:
        raise SchemeError(problems)
    settings, _ = read_settings(source)
    assert settings is not None, "a scheme without problems has settings"
    digests = scheme_digests(source, settings, folders)
    destination = county_folder / FOLDER / source.name
    if source.name in folders:
        there, _ = read_settings(folders[source.name])
        if there is not None and scheme_digests(folders[source.name], there, folders) == digests:
            return folders[source.name]
        zh = f"已有同名方案 {source.name},内容不同:请换一个编号(如加年份或版本)"
        en = (
            f"there is another scheme named {source.name}: give this one an id of its own (a year, a version)"
        )
        raise SchemeError([Problem(DESCRIPTION, 0, zh, en)])
    _copy(source, destination, settings.model_copy(update={"sha256": digests}))
    return destination


def scheme_digests(folder: Path, settings: SchemeSettings, folders: Mapping[str, Path]) -> dict[str, str]:
    """{table file: SHA-256} and {base: digest of its content}: all that groups cases."""
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.csv"))
    }
    return {
        **found,
        **({f"base {settings.base}": scheme_content(folders, settings.base)} if settings.base else {}),
    }


def _copy(source: Path, destination: Path, settings: SchemeSettings) -> None:
    """Whole or not at all: beside its place first."""
    beside = destination.parent / f".{destination.name}"
    shutil.rmtree(beside, ignore_errors=True)  # of an import that was killed
    beside.mkdir(parents=True)
    for path in sorted(source.glob("*.csv")):
        shutil.copyfile(path, beside / path.name)
    text = yaml.safe_dump(settings.model_dump(exclude_none=True), allow_unicode=True, sort_keys=False)
    (beside / DESCRIPTION).write_text(text, "utf-8")
    beside.rename(destination)
