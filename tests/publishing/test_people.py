"""What belongs to single people is published in `restricted/` and nowhere else."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.publishing import manifest
from sources.county.policy_tables import PERSONAL, TABLES
from tests.publishing.conftest import Workshop


def test_every_policy_table_of_staff_is_personal() -> None:
    assert {t.name for t in TABLES if any(c.name == "staff_id" for c in t.columns)} == PERSONAL


@pytest.mark.parametrize("table", sorted(PERSONAL))
def test_policy_of_single_people_is_an_input_and_no_part_of_a_release(workshop: Workshop, table: str) -> None:
    pq.write_table(
        pa.table({"staff_id": ["P000011"], "amount_fen": [100]}), workshop.home.policy / f"{table}.parquet"
    )
    text = workshop.home.county_texts / "policy" / f"{table}.csv"
    text.parent.mkdir(parents=True)
    text.write_text("staff_id\nP000011\n", "utf-8")
    release = workshop.publish("2025-01").path
    assert table in manifest.read(release)["inputs"]["policy"]
    assert not [path for path in release.rglob("*") if path.stem == table]
