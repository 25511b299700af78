"""Spark as the engine of a build: what has to be there, and how what it leaves is read afterwards.

Spark reads conformed rows compacted: it pays for every file, and a home has one of every batch. It writes every relation of the
project as Parquet into the home; the names last as long as its session. The build database
then shows those files as views, so that gates, release and `explain` read the same tables whichever engine made them.
Not here: driving dbt (orchestration.dbt), Spark's settings (dbt_project/profiles.yml), SQL that differs (dbt_project/macros).
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sources.base.engine import connect, literal, quoted
from sources.base.files import write_parquet
from sources.base.home import Home
from sources.base.plain_path import plain

OLDEST_JAVA = 17
# Below the warehouse of a home; the macro that reads it says the same (dbt_project/macros/incoming.sql).
COMPACTED = "compacted"
LOOPBACK = "127.0.0.1"


class SparkMissingError(Exception):
    """Spark was asked for and cannot run here; the message says what to install."""


def require_spark() -> None:
    """Raise SparkMissingError unless Spark, its adapter and a Java it runs on are there."""
    lacking = [name for name in ("pyspark", "dbt.adapters.spark") if not _is_there(name)]
    if lacking:
        raise SparkMissingError(
            f"没有安装 Spark({', '.join(lacking)}):请执行 make spark / Spark is not installed: run `make spark`"
        )
    java = java_version()
    if java is None or java < OLDEST_JAVA:
        found = "没有找到 none found" if java is None else f"{java}"
        raise SparkMissingError(
            f"Spark 需要 Java {OLDEST_JAVA} 以上(现在:{found}):请安装 openjdk-{OLDEST_JAVA}-jre-headless 或设置 JAVA_HOME / "
            f"Spark needs Java {OLDEST_JAVA} or newer: install openjdk-{OLDEST_JAVA}-jre-headless or set JAVA_HOME"
        )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def java_version() -> int | None:
    """Major version of the Java that Spark would start; None without one."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if java is None:
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else None


def make_ready(home: Home) -> None:
    """Before a build: all is there, conformed rows are compacted, what an earlier one left is not in the way, and the driver
    listens to this machine only.

    Raises SparkMissingError.
    """
    require_spark()
    _compact(home)
    shutil.rmtree(tables_of(home), ignore_errors=True)
    os.environ.setdefault("SPARK_LOCAL_IP", LOOPBACK)


def _compact(home: Home) -> None:
    """What Spark reads of feeds: `<feed>/month=…/<feed>.parquet`. Of a feed of which nothing counts a file without rows."""
    from sources.compacted import columns, compact
    from sources.contracts.load import load_contracts

    folder = home.warehouse / COMPACTED
    filled = {each.feed for each in compact(home, folder)}
    for feed in load_contracts().keys() - filled:
        empty = folder / feed / "month=0000-00" / f"{feed}.parquet"
        write_parquet(empty, columns(load_contracts()[feed]).empty_table())


def tables_of(home: Home) -> Path:
    """Where Spark keeps its tables: `<schema>.db/<table>/*.parquet`; profiles.yml of dbt names the same folder."""
    return home.warehouse / "spark"


def stop() -> None:
    """End the session, if there is one: it keeps a Java process and gigabytes. dbt opened it in a thread of its own."""
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    try:
        session = SparkSession.active()
    except PySparkRuntimeError:  # dbt did not get as far as opening one
        return
    session.stop()


def show_tables(home: Home, manifest: Mapping[str, Any]) -> None:
    """Make the build database anew: of every relation that Spark wrote a view, with its comments where dbt keeps them."""
    home.build_database.unlink(missing_ok=True)
    with connect(home.build_database, file_search_path=str(plain(home.root))) as connection:
        for node in manifest["nodes"].values():
            folder = tables_of(home) / f"{node['schema']}.db" / node["alias"]
            if any(folder.glob("*.parquet")):
                for statement in _statements(node, folder.relative_to(home.root)):
                    connection.execute(statement)


def _statements(node: Mapping[str, Any], folder: Path) -> Iterator[str]:
    name = f"{quoted(node['schema'])}.{quoted(node['alias'])}"
    yield f"create schema if not exists {quoted(node['schema'])}"
    yield f"create view {name} as select * from read_parquet({literal(f'{folder}/*.parquet')})"
    kept = node["config"].get("persist_docs") or {}
    if kept.get("relation"):
        yield f"comment on view {name} is {literal(node['description'])}"
    for column in node["columns"].values() if kept.get("columns") else ():
        yield f"comment on column {name}.{quoted(column['name'])} is {literal(column['description'])}"
