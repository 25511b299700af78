"""The page that a failed gate leaves in the home: the same from `yigongti run` and from a run in Dagster's page."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sources.base.home import Home
from sources.base.terms import GATES
from sources.county.county import County

if TYPE_CHECKING:
    from expectations.result import GateResult


def report_path(home: Home) -> Path:
    """Where the page lies."""
    return home.gates / "report.html"


def write_gate_report(county: County, home: Home, results: "Sequence[GateResult]") -> Path:
    """Write the page about these results."""
    from expectations.report import write_report

    return write_report(results, report_path(home), county=county.name, name_of=county.name_of)


def report_failure(county: County, home: Home, result: "GateResult") -> Path | None:
    """If this gate failed: write the page about it and the gates before it, and say where it lies."""
    from expectations.gate import load_results

    if not result.failed:
        return None
    gates = list(GATES)
    # Kept results of later gates are those of an older run.
    before = [each for each in load_results(home) if gates.index(each.gate) < gates.index(result.gate)]
    return write_gate_report(county, home, [*before, result])
