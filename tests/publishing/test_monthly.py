"""Evidence by month: what did not change is the file of the release before, what did is written anew."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.publishing import manifest
from orchestration.publishing.evidence import evidence_file
from orchestration.publishing.monthly import contents
from tests.publishing.conftest import LEAD, Workshop


def evidence(release: Path, month: str) -> Path:
    return release / "lineage" / evidence_file("stay", month)


def test_a_month_that_did_not_change_costs_nothing(workshop: Workshop) -> None:
    first, second = workshop.publish("2025-01").path, workshop.publish("2025-02").path
    assert evidence(first, "2025-01").samefile(evidence(second, "2025-01"))
    assert evidence(second, "2025-02").exists()
    assert manifest.is_intact(second)


def test_a_month_that_changed_is_written_anew(workshop: Workshop) -> None:
    first = workshop.publish("2025-01").path
    workshop.events["2025-01", LEAD] += 1
    second = workshop.publish("2025-02").path
    before, after = (pq.read_table(evidence(each, "2025-01"), partitioning=None) for each in (first, second))
    assert len(after) == len(before) + 1


@pytest.mark.parametrize(
    "statement",
    [
        "update t set n = 2 where n = 1",
        "insert into t select * from t limit 1",
        "delete from t where n = 1",
        "alter table t rename n to m",
        "alter table t alter n type bigint",
        "alter table t add column more integer",
        "update t set n = null where n = 1",
    ],
)
def test_whatever_changes_another_digest(statement: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table t as select '2025-01' as month, n::integer as n from range(3) as r(n)"
        )
        before = contents(connection, "t", ["2025-01", "2025-02"])
        connection.execute("create or replace table t as from t order by n desc")
        assert contents(connection, "t", ["2025-01"]) == before
        connection.execute(statement)
        after = contents(connection, "t", ["2025-01"])
    assert before.keys() == after.keys() == {"2025-01"}
    assert after != before
