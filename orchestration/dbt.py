"""dbt, driven in this process: the manifest that Dagster needs, and the build.

Belongs here: when to parse, which arguments, one build, row counts afterwards. Does not belong here: how dbt
nodes become Dagster assets (orchestration.translator), what Spark needs beside dbt (orchestration.spark).

Why not DbtCliResource: it starts `dbt --version` and then dbt itself as new processes, each importing dbt again:
11.3 s for a project of five models that `dbtRunner` in this process, handed the parsed manifest, builds in 2.3 s.
The events are the same, and dagster-dbt still turns them into materializations and check results.
"""

import fcntl
import hashlib
import importlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.settings import CACHE, DBT_PROJECT, DUCKDB, HOME_VARIABLE
from sources.base.engine import connect, counted, quoted
from sources.base.home import Home
from sources.base.plain_path import plain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RESULT_EVENTS = frozenset({"LogModelResult", "LogSeedResult", "LogSnapshotResult", "LogTestResult"})
PARSED = "partial_parse.msgpack"
STALE_SECONDS = 24 * 3600
NOT_SOURCE = frozenset({"target", "logs", "dbt_packages", "__pycache__"})


class DbtError(Exception):
    """dbt could not parse or could not build; the message is dbt's own."""


@dataclass(frozen=True)
class Build:
    """What one `dbt build` did: result events in order of completion, what failed in dbt's words, and of every test that
    found something the statement that finds it.
    """

    events: tuple[Mapping[str, Any], ...]
    failures: tuple[str, ...]
    found: Mapping[str, str] = field(default_factory=dict)


def project_hash(project: Path = DBT_PROJECT, target: str = DUCKDB) -> str:
    """Hash of everything a parse depends on: the project's files and the versions of dbt and of the engine's adapter."""
    digest = hashlib.sha256()
    for package in ("dbt-core", f"dbt-{target}"):
        digest.update(f"{package}={version(package)}\n".encode())
    for file in sorted(project.rglob("*")):
        relative = file.relative_to(project)
        if file.is_file() and not NOT_SOURCE.intersection(relative.parts) and relative.name != ".user.yml":
            digest.update(f"{relative}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def parse_arguments(project: Path, target_path: Path, target: str = DUCKDB) -> list[str]:
    """Arguments of the parse that makes the manifest."""
    places = _places(project, target_path, target_path, target)
    return ["parse", *places, "--log-level", "none", "--no-partial-parse"]


def build_arguments(
    target_path: Path,
    log_path: Path,
    *,
    project: Path = DBT_PROJECT,
    target: str = DUCKDB,
    selection: Sequence[str] = (),
    indirect_selection: str | None = None,
    console: bool = False,
) -> list[str]:
    """Arguments of the production build, without the unit tests: they judge code, not data.

    The manifest is not written again: what was parsed lies in the cache, and the build does not change it.
    """
    return [
        "build",
        *_places(project, target_path, log_path, target),
        *("--exclude-resource-type", "unit_test", "--no-write-json"),
        *("--log-level", "info" if console else "none", "--log-level-file", "info", "--no-use-colors"),
        *selection,
        *(("--indirect-selection", indirect_selection) if indirect_selection else ()),
    ]


def _places(project: Path, target_path: Path, log_path: Path, target: str) -> list[str]:
    return [
        *("--project-dir", str(project), "--profiles-dir", str(project), "--target", target),
        *("--target-path", str(target_path), "--log-path", str(log_path)),
    ]


def ensure_manifest(project: Path = DBT_PROJECT, cache_dir: Path = CACHE, target: str = DUCKDB) -> Path:
    """Path of manifest.json for today's project; parses only if the project changed since the last parse for that engine.

    Processes that start together parse once: the others wait for the first.
    """
    if not (project / "dbt_project.yml").is_file():
        raise DbtError(f"找不到 dbt 工程 / no dbt project at {project}")
    parsed = cache_dir / "dbt" / project_hash(project, target)
    if not _is_whole(parsed):
        with _alone(parsed.parent):
            if not _is_whole(parsed):
                _parse(project, parsed, target)
    return parsed / "manifest.json"


def _is_whole(parsed: Path) -> bool:
    return all((parsed / name).is_file() for name in ("manifest.json", PARSED))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The only process that parses into this folder: who starts at the same time waits and finds it done."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _parse(project: Path, destination: Path, target: str) -> None:
    """Parse beside the destination, then move it there; what a killed process left half in its place makes way."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory(dir=destination.parent) as scratch, home_variable(Path(scratch)):
        made = Path(scratch) / "target"
        result = dbtRunner().invoke(parse_arguments(project, made, target))
        if not result.success:
            raise DbtError(f"dbt parse: {result.exception or 'failed'}")
        _sweep(destination.parent, Path(scratch))
        shutil.rmtree(destination, ignore_errors=True)
        made.rename(destination)


def _sweep(folder: Path, scratch: Path) -> None:
    """Remove parses of older texts of the project; a recent one may still be read by a run that began before the change."""
    for each in folder.iterdir():
        if each.is_dir() and each != scratch and time.time() - each.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(each, ignore_errors=True)


@cache
def load_manifest(path: Path) -> Mapping[str, Any]:
    """The manifest as a mapping; read once per process."""
    return json.loads(path.read_bytes())


@contextmanager
def home_variable(home: Path) -> Iterator[None]:
    """The environment variable by which dbt's profile and sources find the home."""
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(plain(home))
    try:
        yield
    finally:
        if before is None:
            del os.environ[HOME_VARIABLE]
        else:
            os.environ[HOME_VARIABLE] = before


def load_runner() -> None:
    """Import dbt; separate from the build so that the run report can tell the tool's start from its work."""
    importlib.import_module("dbt.cli.main")


def build(
    arguments: Sequence[str], home: Path, manifest_path: Path, on_result: Callable[[Mapping[str, Any]], None]
) -> Build:
    """Run dbt here; `on_result` hears every finished model and test at once, from dbt's threads."""
    from dbt.cli.main import dbtRunner
    from dbt_common.events.functions import msg_to_dict

    events: list[Mapping[str, Any]] = []

    def keep(message: Any) -> None:
        if message.info.name in RESULT_EVENTS:
            event = msg_to_dict(message)
            events.append(event)
            on_result(event)

    try:
        with home_variable(home):
            result = dbtRunner(manifest=_parsed(manifest_path), callbacks=[keep]).invoke(list(arguments))
    finally:
        let_go()
    if result.exception is not None and not isinstance(result.exception, Exception):
        raise result.exception  # an interrupt is not dbt's to swallow
    return Build(tuple(events), _failures(result), _found(result))


def let_go() -> None:
    """Close the build database, which dbt keeps open from node to node: whoever publishes opens it next."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _failures(result: Any) -> tuple[str, ...]:
    """Name and message of every node that failed; dbt's own error if it did not get as far as nodes."""
    if result.success:
        return ()
    nodes = getattr(result.result, "results", ())
    failed = [f"{each.node.name}: {each.message}" for each in nodes if each.status in ("error", "fail")]
    return tuple(failed) or (str(result.exception or "dbt failed"),)


def _found(result: Any) -> dict[str, str]:
    nodes = getattr(result.result, "results", ())
    return {
        each.node.unique_id: each.node.compiled_code
        for each in nodes
        if each.node.resource_type == "test" and each.status in ("fail", "warn")
    }


def _parsed(manifest_path: Path) -> Any:
    """dbt's own manifest object as the parse left it; sources are relative, so it serves every home."""
    from dbt.contracts.graph.manifest import Manifest

    manifest = Manifest.from_msgpack((manifest_path.parent / PARSED).read_bytes())
    manifest.build_flat_graph()  # what macros see as `graph`; dbt builds it after parsing, so here we must
    return manifest


@dataclass(frozen=True)
class Rows:
    """Rows of a table, and of each month where the table has months."""

    total: int
    by_month: Mapping[str, int]


def read_build(home: Home) -> "DuckDBPyConnection":
    """The build database, to read; views of it name the files of the home relative to it."""
    return connect(
        home.build_database, read_only=True, file_search_path=str(plain(home.root)), spill=home.spill
    )


def row_counts(home: Home, target: str = DUCKDB) -> dict[str, Rows]:
    """Rows per table of the build database. Views are not counted, which would have to be computed, but those that show the
    files of Spark.
    """
    of, name = ("duckdb_tables", "table_name") if target == DUCKDB else ("duckdb_views", "view_name")
    with read_build(home) as connection:
        tables = connection.execute(
            f"select t.schema_name, c.table_name, bool_or(c.column_name = 'month') from {of}() as t "
            f"join duckdb_columns() as c on c.schema_name = t.schema_name and c.table_name = t.{name} "
            "where not t.internal group by all order by all"
        ).fetchall()
        return {
            table: _rows(connection, f"{quoted(schema)}.{quoted(table)}", has_month)
            for schema, table, has_month in tables
        }


def _rows(connection: Any, table: str, has_month: bool) -> Rows:
    total = counted(connection, f"select count(*) from {table}")[0]
    by_month = f"select month, count(*) from {table} where month is not null group by all order by all"
    return Rows(total, dict(connection.execute(by_month).fetchall()) if has_month else {})
