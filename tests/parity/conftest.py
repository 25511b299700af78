"""One small county, built by DuckDB, by Spark in one process, and by a Spark cluster of a master and two workers.

Belongs here: the homes and the cluster. What is compared stands in the test.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.settings import SPARK
from orchestration.spark import LOOPBACK
from tests.end_to_end.conftest import must, simulated

WORKERS, SECONDS = 2, 60


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parity") / "county"
    return simulated(folder, residents="500", months="2", end="2025-02", seed="3", defects="default")


@pytest.fixture(scope="session")
def of_duckdb(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(county, tmp_path_factory.mktemp("duckdb"))


@pytest.fixture(scope="session", params=["one process", "cluster"])
def of_spark(request: pytest.FixtureRequest, county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("spark")
    if request.param == "one process":
        return built(county, home, "--target", SPARK)
    with cluster(tmp_path_factory.mktemp("cluster")) as master:
        return built(
            county, home, "--target", SPARK, YIGONGTI_SPARK_MASTER=master, YIGONGTI_SPARK_MEMORY="1g"
        )


def built(county: Path, home: Path, *arguments: str, **environment: str) -> Path:
    must("run", "--county", county, "--home", home, *arguments, **environment)
    return home


@contextmanager
def cluster(logs: Path) -> Iterator[str]:
    """A standalone cluster on loopback, each part a process of its own; its address."""
    # Not at module level: Spark is not installed where the other tests are collected.
    import pyspark

    starter = Path(pyspark.__file__).parent / "bin" / "spark-class"
    parts: list[subprocess.Popen[bytes]] = []

    def start(name: str, part: str, *arguments: str) -> Path:
        log = logs / f"{name}.log"
        with log.open("wb") as output:
            parts.append(
                subprocess.Popen(
                    [starter, f"org.apache.spark.deploy.{part}", "--host", LOOPBACK, "--port", "0", "--webui-port", "0", *arguments],
                    stdout=output, stderr=subprocess.STDOUT, cwd=logs, env={**os.environ, "SPARK_LOCAL_IP": LOOPBACK},
                )
            )  # fmt: skip
        return log

    try:
        master = said(start("master", "master.Master"), r"Starting Spark master at (spark://\S+)")
        for number in range(WORKERS):
            resources = ("--cores", "1", "--memory", "1g", "--work-dir", str(logs / f"work{number}"))
            log = start(f"worker{number}", "worker.Worker", *resources, master)
            said(log, "Successfully registered with master (.*)")
        yield master
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait()


def said(log: Path, pattern: str) -> str:
    """What a part of the cluster writes once it is there."""
    for _ in range(SECONDS * 5):
        found = re.search(pattern, log.read_text("utf-8", errors="replace"))
        if found:
            return found[1]
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8", errors="replace"))
