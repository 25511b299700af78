"""Which casemix scheme is in force when: policy/casemix_scheme.csv, together with the schemes that the county imported.

Here: reading the rows as decisions, their judgement, and what the warehouse groups by. Not here: what a scheme is (casemix).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.base.yamlfile import Problem
from sources.casemix.grouping import write_grouping
from sources.casemix.importing import scheme_digests
from sources.casemix.scheme import FOLDER, SchemeError, read_settings, scheme_folders
from sources.casemix.switches import Switches, check_variants
from sources.county.policy import policy_rows

TABLE = "casemix_scheme"
RULE = pa.schema([("effective_from", pa.date32()), ("effective_to", pa.date32()), ("scheme", pa.string())])
_ALWAYS = date(9999, 12, 31)


def check_casemix(folder: Path) -> list[Problem]:
    """Every problem of the county's own schemes and of the rows that put one in force.

    Tables of a scheme are judged when it is imported; here they are asked whether they are still those.
    """
    problems: list[Problem] = []
    folders = scheme_folders(folder)
    for path in sorted((folder / FOLDER).glob("[!.]*")):
        if path.is_dir():
            place = f"{FOLDER}/{path.name}"
            found = _changed(path, folders)
            problems += [Problem(f"{place}/{p.file}", p.line, p.message_zh, p.message_en) for p in found]
    return problems or list(_rows(folder))


def write_casemix(folder: Path, home: Home) -> None:
    """Write `<home>/conformed/casemix`: which scheme is in force when, and the rows of those schemes."""
    rows = [row for _, row in policy_rows(folder / "policy", TABLE)]
    decided = [(row["scheme"], _switches(row)) for row in rows]
    write_grouping(home.casemix, scheme_folders(folder), decided)
    rule = [
        {
            "effective_from": row["effective_from"],
            "effective_to": row["effective_to"] or _ALWAYS,
            "scheme": switches.name(scheme),
        }
        for row, (scheme, switches) in zip(rows, decided, strict=True)
    ]
    rule.sort(key=lambda each: each["effective_from"])
    write_parquet(home.casemix / "rule.parquet", pa.Table.from_pylist(rule, schema=RULE))


def _switches(row: dict[str, Any]) -> Switches:
    return Switches(**{name: row[name] for name in Switches.model_fields if row.get(name)})


def _changed(folder: Path, folders: Mapping[str, Path]) -> Iterator[Problem]:
    """An imported scheme is as it was when it was imported, or what was grouped by it can no longer be proven."""
    settings, problems = read_settings(folder)
    yield from problems
    if settings is None:
        return
    if settings.base and settings.base not in folders:
        zh, en = f"基础方案 {settings.base} 不在了", f"its base {settings.base} is gone"
        yield Problem("scheme.yml", 0, zh, en)
    elif settings.sha256 is None or settings.sha256 != scheme_digests(folder, settings, folders):
        zh = "文件与导入时记录的 SHA-256 不同:请用 yigongti casemix import 以新的编号导入"
        en = "the files are not those that were imported (SHA-256): import them under a new id with yigongti casemix import"
        yield Problem("scheme.yml", 0, zh, en)


def _rows(folder: Path) -> Iterator[Problem]:
    folders = scheme_folders(folder)
    for line, row in policy_rows(folder / "policy", TABLE):
        try:
            check_variants(folders, row["scheme"], _switches(row))
        except SchemeError as error:
            for problem in error.problems:
                yield Problem(f"policy/{TABLE}.csv", line, problem.message_zh, problem.message_en)
