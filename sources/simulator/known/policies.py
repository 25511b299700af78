"""The policy of a simulated county: the demo tables, plus baselines and opening costs that fit what was simulated.

Targets and weights are those of the demo county. What an institution is measured against (its own baseline, last
year's average cost) has to fit its own figures, or every card would be 0 or 120. Not here: what an indicator counts
(truth/).
"""

import csv
import shutil
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path

import numpy as np

from sources.simulator.delivered.writing import csv_table
from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.happening.settlements import INPATIENT
from sources.simulator.known.kpi_table import Value
from sources.simulator.place.diseases import Diseases, load_diseases

_EFFECTIVE = "2015-01-01"
_KINDS = {INPATIENT: "inpatient", 1 - INPATIENT: "outpatient"}
# indicator → (how the baseline follows from the figure, from, to): divided by or lessened by something drawn in between
_FIT = {
    "KPI-003": ("ratio", 1.02, 1.42), "KPI-004": ("delta", 0.5, 12.0), "KPI-010": ("delta", -1.9, 0.2),
    "KPI-012": ("ratio", 0.68, 1.02), "KPI-015": ("ratio", 0.52, 0.95),
}  # fmt: skip


@dataclass(frozen=True)
class Opening:
    """What a kind of care cost an institution in a month before the county's data begin."""

    institution: int
    kind: int
    month: CalendarMonth
    cases: int
    cost_fen: int

    @property
    def average_fen(self) -> int:
        """Rounded half up."""
        return (2 * self.cost_fen + self.cases) // (2 * self.cases)


def diseases_of(county: Path) -> Diseases:
    """The catalogue of diseases with what a county's policy says is to be referred."""
    with (county / "policy" / "kpi_code_set.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    up, down = (
        frozenset(row["code"] for row in rows if row["code_set"] == f"{way}_indication_category")
        for way in ("up", "down")
    )
    return load_diseases(up, down)


def copy_tables(county: Path, directory: Path) -> None:
    """Copy the demo tables."""
    (directory / "policy").mkdir(parents=True, exist_ok=True)
    for source in sorted((county / "policy").glob("*.csv")):
        shutil.copyfile(source, directory / "policy" / source.name)


def opening_costs(
    seed: int, cases: Arrays, month: np.ndarray, months: list[CalendarMonth], layout: Layout
) -> list[Opening]:
    """Figures of the twelve months before the county's data begin, a few per cent below what was simulated.

    `month` holds the number of each case's month. Only months whose successors were simulated have figures.
    """
    rng = stream(seed, "policy/opening")
    growth = rng.uniform(0.02, 0.105, (layout.size, 2))
    openings = []
    for later in months[:12]:
        for place, kind in product(range(layout.size), (0, 1)):
            here = cases.take((cases.institution == place) & (cases.kind == kind) & (month == later.number))
            count, total = here.rows, int(here.fen.sum())
            if total > 0:
                cost = int(total / (1 + growth[place, kind]))
                openings.append(Opening(place, kind, later.shifted(-12), count, cost))
    return openings


def average_costs(openings: list[Opening]) -> dict[tuple[int, int, int], int]:
    """(institution, kind, month number) → average cost in fen."""
    return {(o.institution, o.kind, o.month.number): o.average_fen for o in openings}


def write_opening_costs(directory: Path, openings: list[Opening], layout: Layout) -> None:
    codes, origin = layout.code_list(), "期初数:上年同期结算病例(模拟)"
    rows = sorted((codes[o.institution], o.month.name, _KINDS[o.kind], o.cases, o.cost_fen) for o in openings)
    header = ("institution_id", "month", "care_kind", "cases", "cost_fen")
    _write(directory / "policy" / "opening_average_cost.csv", header, rows, origin)


def write_baselines(directory: Path, seed: int, rows: list[Value], layout: Layout) -> None:
    """Institution baselines around the mean of the simulated monthly figures."""
    rng = stream(seed, "policy/baselines")
    figures: dict[tuple[str, str], list[Decimal]] = {}
    for r in rows:
        if (r.level, r.window) == ("institution", "month") and r.kpi in _FIT and r.value is not None:
            figures.setdefault((r.kpi, r.unit), []).append(r.value)
    lines = []
    for kpi, (way, low, high) in _FIT.items():
        for code in layout.code_list():
            drawn = rng.uniform(low, high)
            if (kpi, code) in figures:
                lines.append((code, kpi, _baseline(figures[kpi, code], way, drawn)))
    header = ("institution_id", "kpi_id", "baseline_value")
    _write(
        directory / "policy" / "institution_baseline.csv", header, sorted(lines), "本机构基线:上年自评(模拟)"
    )


def _baseline(figures: list[Decimal], way: str, drawn: float) -> str:
    mean = sum(figures, Decimal(0)) / len(figures)
    baseline = mean / Decimal(repr(drawn)) if way == "ratio" else mean - Decimal(repr(drawn))
    return f"{max(baseline, Decimal('0.01')):.4f}"


def _write(path: Path, header: tuple[str, ...], rows: list[tuple], origin: str) -> None:
    """A policy table; all of it is assumed."""
    columns = (*header, "effective_from", "effective_to", "assumption", "origin")
    path.write_bytes(csv_table(columns, [(*row, _EFFECTIVE, "", 1, origin) for row in rows]))
