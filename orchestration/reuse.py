"""What the build database was built from, so that only what depends on a change is built again.

Belongs here: when what it remembers may be believed, and what lies in the files that models read. Does not belong here:
deciding for one relation (dbt_project/macros/reuse.sql), whether a run has anything to do at all (orchestration.runner).

The memory is believed only if the database file is as our last build left it and code and engine are the same: after dbt by
hand, a killed build or `--full` everything is built.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.dbt import project_hash
from sources.base.engine import connect
from sources.base.files import as_it_lies, read_parquet, write_json
from sources.base.home import Home

STAMP = "build_stamp.json"
SWITCH = "YIGONGTI_REUSE"
KEPT = "KEPT"
# Batches are named after their content and written whole: their size and time tell them apart. All else is read.
BATCHES = "conformed"
_FOUND = pa.schema([("name", pa.string()), ("content", pa.string())])


@contextmanager
def reusing(home: Home, manifest: Mapping[str, Any], *, anew: bool) -> Iterator[None]:
    """A dbt build inside the block keeps every relation that would come out as it is. anew: it keeps none."""
    believed = not anew and _is_as_we_left_it(home)
    (home.warehouse / STAMP).unlink(missing_ok=True)  # a build that is killed leaves nothing to be believed
    with connect(home.build_database) as connection:
        if not believed:
            connection.execute("drop table if exists main.built_from")
        connection.execute(
            "create table if not exists main.built_from (name varchar, inputs varchar, content varchar)"
        )
        models = [name for name in manifest["nodes"] if name.startswith("model.")]
        connection.execute("delete from main.built_from where not list_contains($1, name)", [models])
        found = [*_sources(home, manifest), *_seeds(manifest)]
        connection.register("found", pa.Table.from_pylist(found, _FOUND))
        connection.execute("insert into main.built_from select name, '', content from found")
    os.environ[SWITCH] = "1"
    try:
        yield
    finally:
        del os.environ[SWITCH]
        write_json(home.warehouse / STAMP, _stamp(home))


def was_kept(event: Mapping[str, Any]) -> bool:
    """Whether a result event of dbt says that a relation stayed as it was (macros/reuse.sql)."""
    return event["data"].get("status") == KEPT


def _is_as_we_left_it(home: Home) -> bool:
    try:
        kept = json.loads((home.warehouse / STAMP).read_text("utf-8"))
    except FileNotFoundError:
        return False
    return kept == _stamp(home)


def _stamp(home: Home) -> dict[str, object]:
    """The database file as it is, and what made it."""
    return {
        "code": project_hash(),
        "engine": version("duckdb"),
        "database": as_it_lies(home.build_database),
    }


def _sources(home: Home, manifest: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, node in sorted(manifest["sources"].items()):
        location = node["config"]["meta"]["external_location"]
        pattern = location.split("'")[1].format(name=node["name"])
        files = sorted(home.root.glob(pattern))
        months = node["name"] == home.run_month.parent.name
        content = _months(home) if months else _digest(home, files, read=node["source_name"] != BATCHES)
        yield {"name": name, "content": content}


def _digest(home: Home, files: list[Path], *, read: bool) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(home.root)}\0".encode())
        if read or path.name == "schema.parquet":
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        else:
            digest.update(f"{as_it_lies(path)}\0".encode())
    return digest.hexdigest()


def _months(home: Home) -> str:
    """The months of the build, whichever of them this run is about: gates and release ask for those, no model does."""
    return repr(read_parquet(home.run_month).drop_columns(["in_scope"]).to_pylist())


def _seeds(manifest: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Seeds are loaded by every build; their content is their file's."""
    for name, node in sorted(manifest["nodes"].items()):
        if node["resource_type"] == "seed":
            yield {"name": name, "content": node["checksum"]["checksum"]}
