"""A KPI over known events is one entry and its policy rows: docs/add-a-kpi.md done as it says, on a copy of the project."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import World

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "add-a-kpi.md").read_text("utf-8").partition("## Example")[2]
ENTRY, TARGET = re.findall(r"^```(?:yaml)?\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)[:2]
ROOMS = ("sources", "expectations", "orchestration", "dbt_project", "docs")
DEFINITION = Path("dbt_project") / "kpis" / "operation.yml"
GENERATED = {
    "docs/generated/kpi_semantic.yml",
    "docs/handbook/KPI-900.md",
    "docs/handbook/README.md",
    "dbt_project/seeds/kpi_part.csv",
    "dbt_project/seeds/kpi_registry.csv",
}
# What stands upon the registry, up to the mart: the events and their sums are those of the run.
REBUILT = "kpi_registry kpi_part dim_kpi kpi_missing_delivery kpi_home kpi_spread kpi_component kpi_value score_target score_value mart_unit_value"
WRITE_POLICY = """
import sys
from pathlib import Path
from sources.base.home import Home
from sources.county.policy import write_policy
write_policy(Path(sys.argv[1]), Home(Path(sys.argv[2])))
"""


class Copy:
    """A copy of the project, driven in processes of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for room in ROOMS:
            shutil.copytree(
                ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__", "target", "logs")
            )

    def python(self, *words: str | Path, folder: str = ".", **environment: str) -> str:
        """What `python WORDS` prints; it has to succeed."""
        env = {
            **os.environ,
            "PYTHONPATH": str(self.root),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            **environment,
        }
        command = [sys.executable, *map(str, words)]
        done = subprocess.run(
            command, cwd=self.root / folder, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def changed(self) -> set[str]:
        """Files that are not what they are in the project."""
        files = [
            path.relative_to(self.root)
            for room in ROOMS
            for path in (self.root / room).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        ]
        return {
            file.as_posix()
            for file in files
            if not (ROOT / file).is_file() or not filecmp.cmp(self.root / file, ROOT / file, shallow=False)
        }


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The project with the entry of the page, everything generated anew."""
    found = Copy(tmp_path_factory.mktemp("project"))
    with (found.root / DEFINITION).open("a", encoding="utf-8") as file:
        file.write(f"\n{ENTRY}")
    found.python("-m", "orchestration.kpi_generated")
    return found


def test_no_other_file_is_written_by_hand(copy: Copy) -> None:
    assert copy.changed() == {DEFINITION.as_posix(), *GENERATED}


def test_its_policy_is_known_and_it_is_said_in_words(copy: Copy, own: World) -> None:
    with (own.county / "policy" / "kpi_target.csv").open("a", encoding="utf-8") as file:
        file.write(TARGET)
    assert "no problems" in copy.python("-m", "orchestration.cli", "county", "check", own.county)
    said = copy.python("-m", "orchestration.cli", "kpi", "show", "KPI-900", "--county", own.county)
    assert "referral_sent.down_referrals ÷ stay.typical_stays × 100" in said
    assert "challenge=15" in said


def test_it_has_values_at_every_level_that_are_the_sums_of_its_events(copy: Copy, own: World) -> None:
    copy.python("-c", WRITE_POLICY, own.county / "policy", own.home)
    copy.python(
        "-m", "dbt.cli.main", "--quiet", "build", "--select", REBUILT, "--exclude-resource-type", "unit_test", "test",
        "--profiles-dir", ".", folder="dbt_project", YIGONGTI_HOME=str(own.home),
    )  # fmt: skip
    with duckdb.connect(str(own.home / "warehouse" / "build.duckdb"), read_only=True) as connection:
        figures = connection.execute(
            """select unit_level, sum(numerator), sum(denominator), max(target) from marts.mart_unit_value
               where kpi_id = 'KPI-900' and kpi_window = 'month' and month = '2025-03' and unit_level <> 'physician'
               group by unit_level order by unit_level"""
        ).fetchall()
        events = connection.execute(
            """select (select sum(down_referrals) from kpi.kpi_evidence__referral_sent where month = '2025-03'),
                      (select sum(typical_stays) from kpi.kpi_evidence__stay where month = '2025-03')"""
        ).fetchone()
    assert {level: sums for level, *sums, _ in figures}["county"] == list(events)
    assert {level for level, *_ in figures} == {"county", "community", "institution"}
    assert {target for *_, target in figures} >= {10}
