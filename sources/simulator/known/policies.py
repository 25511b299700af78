"""The policy of a simulated county: the demo tables, plus baselines and opening costs that fit what was simulated.

Targets and weights are those of the demo county. What an institution is measured against (its own baseline, last
year's average cost) has to fit its own figures, or every card would be 0 or 120.
"""

import csv
import shutil
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.happening.settlements import INPATIENT
from sources.simulator.known.kpi_table import Value

_EFFECTIVE = "2015-01-01"
_KINDS = {INPATIENT: "inpatient", 1 - INPATIENT: "outpatient"}
# indicator → (how the baseline follows from the figure, from, to): divided by or lessened by something drawn in between
_FIT = {
    "KPI-003": ("ratio", 1.02, 1.42), "KPI-004": ("delta", 0.5, 12.0), "KPI-010": ("delta", -1.9, 0.2),
    "KPI-012": ("ratio", 0.68, 1.02), "KPI-015": ("ratio", 0.52, 0.95),
}  # fmt: skip


def code_set(county: Path, name: str) -> frozenset[str]:
    """The codes of one code set of a county's policy."""
    with (county / "policy" / "kpi_code_set.csv").open(encoding="utf-8") as file:
        return frozenset(row["code"] for row in csv.DictReader(file) if row["code_set"] == name)


def copy_tables(county: Path, directory: Path) -> None:
    """Copy the demo tables."""
    (directory / "policy").mkdir(parents=True, exist_ok=True)
    for source in sorted((county / "policy").glob("*.csv")):
        shutil.copyfile(source, directory / "policy" / source.name)


def opening_costs(seed: int, settled: Arrays, month: np.ndarray, months: list[CalendarMonth], layout: Layout):
    """Figures of the twelve months before the county's data begin, a few per cent below what was simulated.

    Returns rows (institution, kind, month, settlements, cost in fen) for the months whose successors were simulated.
    """
    rng = stream(seed, "policy/opening")
    growth = rng.uniform(0.02, 0.105, (layout.size, 2))
    rows = []
    for number in range(min(12, len(months))):
        for place in range(layout.size):
            for kind in (0, 1):
                here = (settled.institution == place) & (settled.kind == kind) & (month == number)
                count = int(settled.sign[here].sum())
                total = int((settled.sign * settled.fen)[here].sum())
                if count > 0 and total > 0:
                    cost = int(total / (1 + growth[place, kind]))
                    rows.append((place, kind, months[number].shifted(-12), count, cost))
    return rows


def average_costs(rows: Iterable[tuple]) -> dict[tuple[int, int, int], int]:
    """(institution, kind, month number) → average cost in fen, rounded half up."""
    return {
        (place, kind, month.number): (2 * cost + count) // (2 * count)
        for place, kind, month, count, cost in rows
    }


def write_opening_costs(directory: Path, rows: Iterable[tuple], layout: Layout) -> None:
    codes = layout.code_list()
    lines = [
        (codes[place], month.name, _KINDS[kind], count, cost, _EFFECTIVE, "", 1, "期初数:上年同期结算(模拟)")
        for place, kind, month, count, cost in rows
    ]
    header = ("institution_id", "month", "care_kind", "settlements", "cost_fen")
    _write(directory / "policy" / "opening_average_cost.csv", header, sorted(lines))


def write_baselines(directory: Path, seed: int, rows: list[Value], layout: Layout) -> None:
    """Institution baselines around the mean of the simulated monthly figures."""
    rng = stream(seed, "policy/baselines")
    codes = layout.code_list()
    lines = []
    for kpi, (way, low, high) in _FIT.items():
        for place in range(layout.size):
            drawn = rng.uniform(low, high)
            figures = [r for r in rows if r.kpi == kpi and r.institution == place and r.window == "month"]
            if figures:
                baseline = _baseline(figures, way, drawn)
                lines.append((codes[place], kpi, baseline, _EFFECTIVE, "", 1, "本机构基线:上年自评(模拟)"))
    _write(
        directory / "policy" / "institution_baseline.csv",
        ("institution_id", "kpi_id", "baseline_value"),
        sorted(lines),
    )


def _baseline(figures: list[Value], way: str, drawn: float) -> str:
    mean = sum((f.value for f in figures), Decimal(0)) / len(figures)
    baseline = mean / Decimal(repr(drawn)) if way == "ratio" else mean - Decimal(repr(drawn))
    return f"{max(baseline, Decimal('0.01')):.4f}"


def _write(path: Path, header: tuple[str, ...], rows: list[tuple]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((*header, "effective_from", "effective_to", "assumption", "origin"))
        writer.writerows(rows)
