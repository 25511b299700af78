"""Every KPI at every level of units walks back to lines of files: the evidence of a release sums to what it published."""

from __future__ import annotations

import duckdb
import pytest

from orchestration.publishing import manifest
from orchestration.publishing.walkback import walk_back
from sources.base.home import Home
from tests.end_to_end.conftest import World

# Accuracy and timeliness of deliveries: the evidence is a file, not a line of it.
OF_WHOLE_FILES = {"KPI-149", "KPI-150"}


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.proof)])
def test_every_kpi_at_every_level_is_proved_by_its_evidence(
    messy: World, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    """The largest figure of each KPI and level, of the year to date: walk_back raises where sums differ. The small version
    takes one level of each KPI, the next one of the next.
    """
    manifest.require_intact(messy.release)
    # Once is enough: nothing writes to the release meanwhile.
    monkeypatch.setattr(manifest, "require_intact", lambda _: None)
    monkeypatch.setattr(manifest, "require_published", lambda *_: None)
    rows = duckdb.sql(
        f"""select kpi_id, unit_level, max_by((month, unit_id), (denominator, month, unit_id)) as largest
            from '{messy.release / "marts" / "mart_unit_value.parquet"}'
            where denominator <> 0 and kpi_window = 'ytd' group by all order by all"""
    ).fetchall()
    assert {level for _, level, *_ in rows} == {
        "county",
        "community",
        "institution",
        "department",
        "physician",
    }
    of_kpi = {kpi_id: [row for row in rows if row[0] == kpi_id] for kpi_id, *_ in rows}
    turns = [own[turn % len(own)] for turn, own in enumerate(of_kpi.values())]
    for kpi_id, level, (month, unit_id) in rows if every else turns:
        found = walk_back(Home(messy.home), month, unit_id, kpi_id, "ytd", level=level)
        assert found.evidence, (kpi_id, level)
        assert all(row["source_file"] for row in found.evidence)
        assert all(bool(row["source_line"]) == (kpi_id not in OF_WHOLE_FILES) for row in found.evidence)
