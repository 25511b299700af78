"""What the tests of the warehouse share: a home without deliveries, the parsed manifest, the built database.

The project is driven as its users do, through dbt's own runner in this process. Not here: any judgement.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from dbt.artifacts.schemas.results import NodeStatus
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from orchestration.dbt import let_go
from sources import ingest
from sources.county.county import County
from sources.base.files import write_parquet
from sources.base.home import Home
from sources.identity.issues import PERSON_ISSUE_SCHEMA
from tests.dbt_project.dialect import shared_text
from tests.dbt_project.money import statement

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "dbt_project"
PERSON_INDEX = pa.schema(
    [(name, pa.string()) for name in ("key_type", "local_key", "person_key", "link_method")]
)


@dataclass(frozen=True)
class Dbt:
    """dbt on one home: `run("build")` is `dbt build` with this project's folders."""

    home: Home
    scratch: Path

    def run(self, *arguments: str, manifest: Manifest | None = None) -> dbtRunnerResult:
        folders = {
            "project-dir": PROJECT,
            "profiles-dir": PROJECT,
            "target-path": self.scratch,
            "log-path": self.scratch,
        }
        if arguments[0] == "debug":  # it makes nothing
            del folders["target-path"]
        options = [text for name, folder in folders.items() for text in (f"--{name}", str(folder))]
        before = os.environ.get("YIGONGTI_HOME")
        os.environ["YIGONGTI_HOME"] = str(self.home.root)
        try:
            return dbtRunner(manifest=manifest).invoke([*arguments, "--quiet", *options])
        finally:
            let_go()
            os.environ.pop("YIGONGTI_HOME")
            if before is not None:
                os.environ["YIGONGTI_HOME"] = before


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """dbt on the home of the demo county to which nobody has delivered anything yet."""
    home = Home(tmp_path_factory.mktemp("home"))
    county = County.load(ROOT / "sources" / "counties" / "demo")
    ingest.prepare(county, home, [county.first_month])
    write_parquet(home.person_index, PERSON_INDEX.empty_table())
    write_parquet(home.person_issue, PERSON_ISSUE_SCHEMA.empty_table())
    home.warehouse.mkdir(parents=True, exist_ok=True)
    return Dbt(home, tmp_path_factory.mktemp("target"))


@pytest.fixture(scope="session")
def parsed(dbt: Dbt) -> dbtRunnerResult:
    return dbt.run("parse", "--no-partial-parse", "--warn-error")


@pytest.fixture(scope="session")
def manifest(parsed: dbtRunnerResult) -> Manifest:
    assert parsed.success, parsed.exception
    return parsed.result


@pytest.fixture(scope="session")
def texts(dbt: Dbt, manifest: Manifest) -> dict[str, str]:
    """SQL of every model and test by name, what macros dispatch by engine left out (`dialect.shared_text`)."""
    return shared_text(dbt)


@pytest.fixture(scope="session")
def split_text(dbt: Dbt, manifest: Manifest) -> str:
    """What the macro split_exactly writes for DuckDB, over a relation `cases`; asked before anybody holds the database open."""
    return statement(dbt, "duckdb")


@pytest.fixture(scope="session")
def built(dbt: Dbt, manifest: Manifest) -> dbtRunnerResult:
    """Everything built, unit tests and data tests included."""
    return dbt.run("build")


@pytest.fixture(scope="session")
def database(
    dbt: Dbt, built: dbtRunnerResult, texts: dict[str, str], split_text: str
) -> duckdb.DuckDBPyConnection:
    """The built database, read-only, as a reader outside dbt sees it; dbt has written all it writes (`texts`) before."""
    assert built.success, failures(built)
    with duckdb.connect(str(dbt.home.build_database), read_only=True) as connection:
        yield connection


def failures(result: dbtRunnerResult) -> list[str]:
    """What did not pass, in words."""
    good = {NodeStatus.Success, NodeStatus.Pass}
    if result.result is None:
        return [str(result.exception)]
    return [f"{one.node.name}: {one.message}" for one in result.result if one.status not in good]
