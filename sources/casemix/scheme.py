"""A scheme as a folder: `scheme.yml` and a CSV per table; tables it does not have are those of its base.

Here: reading, and finding the folder of a scheme by name. Not here: whether the tables fit each other (checks).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from sources.base.strict import Strict
from sources.base.yamlfile import Problem, read_yaml
from sources.casemix.tables import TABLES
from sources.reference import CASEMIX

NATIONAL = "chs-drg-1.1"
DESCRIPTION = "scheme.yml"
FOLDER = "casemix"

Row = Mapping[str, str]
Said = Annotated[str, Field(min_length=1)]


class SchemeSettings(Strict):
    """What scheme.yml says: who the scheme is, where it came from and what may be done with it."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    method: Literal["drg"]
    name_zh: Said
    version: Said
    source: Said
    rights: Said
    base: str | None = None
    note: str | None = None
    # {file: SHA-256} and the content of the base, written when a scheme is imported.
    sha256: dict[str, str] | None = None


class SchemeError(ValueError):
    """A scheme cannot be used. `problems` holds all that was found, each with file and line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class Scheme:
    """Settings and the rows of every table, those of the base included; codes are text as they stand in the files."""

    settings: SchemeSettings
    tables: Mapping[str, list[Row]]

    def rows(self, table: str) -> list[Row]:
        return self.tables.get(table, [])


def scheme_folders(county_folder: Path | None = None) -> dict[str, Path]:
    """{scheme: folder}: those that come with the program, and those that a county imported."""
    places = [CASEMIX, *([county_folder / FOLDER] if county_folder else [])]
    return {path.name: path for place in places for path in sorted(place.glob("[!.]*")) if path.is_dir()}


def load_scheme(folders: Mapping[str, Path], scheme: str) -> Scheme:
    """Read a scheme and what it stands on. Raises SchemeError if it, or its base, is not there or cannot be read."""
    return load_tables(folders, _settings(folders, scheme), folders[scheme])


def load_tables(folders: Mapping[str, Path], settings: SchemeSettings, folder: Path) -> Scheme:
    """The scheme in `folder`, wherever that lies. Raises SchemeError as load_scheme does."""
    base = load_scheme(folders, settings.base).tables if settings.base else {}
    own = {name: list(_rows(folder / f"{name}.csv")) for name in _own_tables(folder)}
    return Scheme(settings, {**base, **own})


def load_table(folders: Mapping[str, Path], scheme: str, table: str) -> list[Row]:
    """One table of a scheme, its own or that of its base; no rows if neither has it. Raises SchemeError as load_scheme does."""
    settings = _settings(folders, scheme)
    path = folders[scheme] / f"{table}.csv"
    if path.is_file():
        return list(_rows(path))
    return load_table(folders, settings.base, table) if settings.base else []


def scheme_content(folders: Mapping[str, Path], scheme: str) -> str:
    """Digest of all that load_scheme would read. Raises SchemeError as that does."""
    settings = _settings(folders, scheme)
    digest = hashlib.sha256((scheme_content(folders, settings.base) if settings.base else "").encode())
    for name in _own_tables(folders[scheme]):
        digest.update(name.encode() + (folders[scheme] / f"{name}.csv").read_bytes())
    return digest.hexdigest()


def _own_tables(folder: Path) -> list[str]:
    return [name for name in TABLES if (folder / f"{name}.csv").is_file()]


def _settings(folders: Mapping[str, Path], scheme: str) -> SchemeSettings:
    if scheme not in folders:
        known = "、".join(sorted(folders))
        zh, en = f"没有分组方案 {scheme};现有:{known}", f"no casemix scheme {scheme}; there are {known}"
        raise SchemeError([Problem(FOLDER, 0, zh, en)])
    settings, problems = read_settings(folders[scheme])
    if settings is None:
        raise SchemeError(problems)
    return settings


def read_settings(folder: Path) -> tuple[SchemeSettings | None, list[Problem]]:
    """scheme.yml of a folder, and what is wrong with it."""
    path = folder / DESCRIPTION
    if not path.is_file():
        zh, en = (
            f"缺少 {DESCRIPTION}(编号、出处、版本、使用权)",
            f"{DESCRIPTION} is missing: id, source, version, rights",
        )
        return None, [Problem(DESCRIPTION, 0, zh, en)]
    file = read_yaml(path, DESCRIPTION)
    if file.problems:
        return None, file.problems
    try:
        return SchemeSettings.model_validate(file.content or {}), []
    except ValidationError as error:
        file.add_validation_errors(error, SchemeSettings)
        return None, file.problems


def _rows(path: Path) -> Iterator[Row]:
    """Every cell as text: 37.5100 is a code, not a number."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
