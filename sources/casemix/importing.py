"""Taking a scheme into a county: judged, copied whole, with the SHA-256 of every file written into its scheme.yml."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from sources.base.yamlfile import Problem
from sources.casemix.checks import check_scheme
from sources.casemix.scheme import DESCRIPTION, FOLDER, SchemeError


def import_scheme(source: Path, county_folder: Path, folders: Mapping[str, Path]) -> Path:
    """Copy the scheme in `source` to `<county>/casemix/<its name>` and return that folder; the same again changes nothing.

    Raises SchemeError if it cannot be used, or if another scheme of that name is there already: what cases were grouped by
    must not become something else under the same name.
    """
    problems = check_scheme(source, folders)
    if problems:
        raise SchemeError(problems)
    digests = file_digests(source)
    destination = county_folder / FOLDER / source.name
    if source.name in folders:
        if file_digests(folders[source.name]) == digests:
            return folders[source.name]
        zh = f"已有同名方案 {source.name},内容不同:请换一个编号(如加年份或版本)"
        en = (
            f"there is another scheme named {source.name}: give this one an id of its own (a year, a version)"
        )
        raise SchemeError([Problem(DESCRIPTION, 0, zh, en)])
    _copy(source, destination, digests)
    return destination


def file_digests(folder: Path) -> dict[str, str]:
    """{table file: SHA-256}, of what groups cases."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.csv"))}


def _copy(source: Path, destination: Path, digests: Mapping[str, str]) -> None:
    """Whole or not at all: beside its place first."""
    beside = destination.parent / f".{destination.name}"
    shutil.rmtree(beside, ignore_errors=True)  # of an import that was killed
    beside.mkdir(parents=True)
    for name in sorted(digests):
        shutil.copyfile(source / name, beside / name)
    said = yaml.safe_load((source / DESCRIPTION).read_text("utf-8"))
    text = yaml.safe_dump({**said, "sha256": dict(digests)}, allow_unicode=True, sort_keys=False)
    (beside / DESCRIPTION).write_text(text, "utf-8")
    beside.rename(destination)
