"""One delivered line: what became of it in every batch, where it stands inside its container."""

from __future__ import annotations

from click.testing import CliRunner

from orchestration.cli import main
from sources.base.home import Home
from sources.county.county import County
from sources.ingest import ingest_feed
from sources.mending.lines import fates
from tests.sources.making import MONTH, TOWNSHIP, deliver, visit, visits

FILE = f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv"


def test_every_fate_of_a_line(county: County, home: Home) -> None:
    good, bad = visit(1), visit(2).replace("2025-03", "2025-13")
    deliver(county, FILE, visits(good, bad))
    ingest_feed(county, home, "his_op_visit", [MONTH])
    (accepted,), (quarantined,), (none,) = (fates(home, FILE, line) for line in (2, 3, 99))
    assert (accepted.fate, accepted.faults) == ("accepted", ())
    assert quarantined.fate == "quarantined" and quarantined.faults[0].column_name
    assert none.fate == "no row"
    assert fates(home, "MZJZ_202503.csv", 2) == [accepted], "the end of the path is enough"
    assert fates(home, "ZJZ_202503.csv", 2) == []


def test_the_command_says_it_without_a_value(county: County, home: Home) -> None:
    deliver(county, FILE, visits(visit(1), visit(2).replace("2025-03", "2025-13")))
    ingest_feed(county, home, "his_op_visit", [MONTH])
    calls = [["feed", "line", FILE, line, "--home", str(home.root)] for line in ("2", "3")]
    accepted, quarantined = (CliRunner().invoke(main, call) for call in calls)
    assert accepted.exit_code == quarantined.exit_code == 0
    assert "no published figure counts this line" in accepted.output
    assert "隔离 quarantined" in quarantined.output and "2025-13" not in quarantined.output
    unknown = CliRunner().invoke(main, ["feed", "line", "x.csv", "2", "--home", str(home.root)])
    assert unknown.exit_code == 2 and "feed batches" in unknown.output
