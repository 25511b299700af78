"""Which target counts: what `county check` announces before a run is what the warehouse then does not score."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunnerResult

from sources.base.home import Home
from sources.county.baselines import baseline_notes
from sources.county.county import County
from sources.county.policy import check_policy, write_policy
from tests.dbt_project.conftest import ROOT

DEMO = ROOT / "sources" / "counties" / "demo"
LEAD, TOWN, OTHER_TOWN = "H34062100001", "H34062100101", "H34062100102"
MORE_TARGETS = f"""\
KPI-001,township,,delta,,10,15,,,,,,2015-01-01,,1,
KPI-001,,{TOWN},abs,20,50,60,,,,,,2015-01-01,,1,
KPI-007,,{LEAD},ratio,,1.5,2,,,,,,2015-01-01,,1,
KPI-009,township,,ratio,30,1.5,2,,,,,,2015-01-01,,1,
KPI-010,,{OTHER_TOWN},abs,9,7,6,,,,,,2015-01-01,,1,
"""
BASELINES = f"""\
institution_id,kpi_id,baseline_value,effective_from,effective_to,assumption,origin
{TOWN},KPI-010,9,2015-01-01,,1,
{OTHER_TOWN},KPI-001,40,2015-01-01,,1,
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The demo policy with targets for one tier and for single institutions, and two baselines."""
    folder = Path(shutil.copytree(DEMO / "policy", tmp_path / "policy"))
    with (folder / "kpi_target.csv").open("a", encoding="utf-8") as file:
        file.write(MORE_TARGETS)
    (folder / "institution_baseline.csv").write_text(BASELINES, encoding="utf-8")
    assert check_policy(folder) == []
    return folder


def test_what_lacks_a_baseline_is_announced_and_not_scored(
    policy: Path, tmp_path: Path, built: dbtRunnerResult, database: duckdb.DuckDBPyConnection
) -> None:
    home = Home(tmp_path / "home")
    write_policy(policy, home)
    tiers = {one.id: one.tier for one in County.load(DEMO).institutions}
    announced = {
        (institution, kpi)
        for note in baseline_notes(policy, tiers)
        for kpis, institutions in [
            re.match(r"(.+) 按本机构基线计分,(.+) 还没有基线", note.message_zh).groups()
        ]
        for institution in institutions.split("、")
        for kpi in kpis.split("、")
    }
    assert {(LEAD, "KPI-007"), (TOWN, "KPI-004")} < announced
    assert not announced & {
        (TOWN, "KPI-001"),
        (TOWN, "KPI-010"),
        (OTHER_TOWN, "KPI-001"),
        (OTHER_TOWN, "KPI-010"),
    }
    assert announced == _without_baseline(home, built, database)


def _without_baseline(
    home: Home, built: dbtRunnerResult, database: duckdb.DuckDBPyConnection
) -> set[tuple[str, str]]:
    """Relative targets in force without a baseline, of the indicators in each card, by the model's own SQL."""
    (sql,) = [one.node.compiled_code for one in built.result if one.node.name == "score_target"]
    with database.cursor() as cursor:
        cursor.execute(f"set file_search_path = '{home.root}'")
        found = cursor.execute(f"""
            select distinct t.institution_id, t.kpi_id
            from ({sql}) as t
            join core.dim_institution as i using (institution_id)
            join read_parquet('conformed/policy/kpi_weight[.]parquet') as w using (institution_tier, kpi_id)
            where t.target_mode in ('delta', 'ratio') and t.baseline is null
        """)
        return set(found.fetchall())
