"""A county that does not exist: realistic feeds in the vendors' own formats, seeded defects, known truth.

`simulate(directory)` writes a county folder (see `sources/counties/`): county.yml, mappings/ and policy/ of the demo
county, inbox/ with one folder per deliverer and month, and truth/. Nothing in it stands for a real person: identity
cards carry a division code that was never assigned, names and numbers are drawn.

How it is built, in the order data are made. True rows are frames; frames say which event of the diary a row tells of:

===========  ============================================================================================
ground       calendar with its seasons, random streams, arrays, text columns, frames, keys, the diary, the
             layout of the county (from the demo county's county.yml)
people       residents in families with names, cards and contacts; registers and slips: how clerks know them
place        staff, departments, machines, and the catalogue of diseases that decides who comes with what
happening    visits, stays, referrals, orders, medicines, fees, settlements, public health, opinions: each
             makes its events and the frames of them
state        the world on the first day, what one month leaves to the next, what has happened, the anomalies
afterwards   feeds that only write down what has happened: wards, front pages, books, uploads, …
month        one month: its course, and what is written of it at once and afterwards
delivered    frames as a vendor writes them (mapping read backwards), spoilt here and there, put into inbox/
known        truth: the indicators from the diary, independent of any SQL; policy that fits the
             simulated figures; the county folder
simulation   one month after the other
===========  ============================================================================================

A shelf knows only those above it in this table (import-linter holds it).

truth/ holds `kpi_value.csv`, at all levels of units `kpi_unit_value.csv` and by the week `kpi_week_value.csv` (what a perfect
warehouse would publish from what was delivered), `defect.csv` (every injected defect: file, line, the rule of the feed
specification, the rule of conforming that must notice it and what becomes of the row), `anomaly.csv` (every row of an injected
anomaly), `person.csv` (which records belong to one person) and `resident.csv` (who that person is); and of money `casemix_group.csv`
(the group of every settlement list), `fund_execution.csv` (where every insurance package stood, and what was spent beyond the county
and known to nobody yet), `market_net.csv` (what members owe each other) and `staff_point.csv` (points of people by visits, items,
operations). What is injected where: docs/simulator.md.

Same arguments, same bytes: no wall clock, fixed modification times. Memory is bounded by a month, not by the period.
"""

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Literal

from sources.simulator.delivered.outbox import Outbox
from sources.simulator.ground.calendar import month_range
from sources.simulator.ground.layout import DEMO, load_layout
from sources.simulator.known import (
    casemix_table,
    county_folder,
    kpi_table,
    market_table,
    policies,
    staff_points,
    week_table,
)
from sources.simulator.known.truth import Arrived, core_indicators, deliveries, fund_execution, settled
from sources.simulator.simulation import Simulation
from sources.simulator.state.world import make_world

__all__ = ["simulate"]


def simulate(
    directory: str | Path,
    residents: int = 20_000,
    months: int = 3,
    end: str = "2025-03",
    seed: int = 7,
    defects: Literal["default", "none"] = "default",
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write a simulated county into a new or empty folder and return it.

    `residents` ≥ 500, `months` ≥ 1 consecutive months ending with `end` ('YYYY-MM'). `progress` is called with a line
    of text per month. Raises ValueError for impossible arguments and FileExistsError when the folder is not empty.
    """
    if residents < 500 or months < 1 or defects not in ("default", "none"):
        raise ValueError("simulate needs at least 500 residents, one month, and defects 'default' or 'none'")
    directory, say = Path(directory), progress or (lambda line: None)
    calendar = month_range(end, months)
    layout = load_layout(DEMO)
    county_folder.prepare(directory, DEMO, calendar)
    policies.copy_tables(DEMO, directory)
    world = make_world(seed, residents, calendar, layout, policies.diseases_of(DEMO), defects == "default")
    outbox = Outbox(directory / "inbox", DEMO, layout, seed, world.defects)
    simulation = Simulation(world, outbox)
    for month in calendar:
        simulation.run(month)
        say(f"{month.name}")
    outbox.close(calendar[-1])
    _write_truth(directory, simulation)
    county_folder.settle_times(directory, calendar[-1])
    return directory


def _write_truth(directory: Path, simulation: Simulation) -> None:
    """Truth and the policy tables that depend on it."""
    world, layout = simulation.world, simulation.world.layout
    arrived = Arrived(world, simulation.diary)
    cases = settled.cases(arrived)
    opening = policies.opening_costs(world.seed, cases, arrived.month_of(cases.due), world.months, layout)
    values: list[kpi_table.Value] = []
    weeks: list[week_table.Row] = []
    core = core_indicators(arrived, policies.average_costs(opening))
    for evidence in chain(core, deliveries.evidence(arrived, simulation.outbox.deliveries)):
        values += kpi_table.values(evidence, world.months, layout)
        weeks += week_table.rows(evidence, world.months, layout)
    (directory / "truth" / "kpi_value.csv").write_bytes(kpi_table.as_csv(values))
    (directory / "truth" / "kpi_unit_value.csv").write_bytes(kpi_table.units_as_csv(values))
    (directory / "truth" / "kpi_week_value.csv").write_bytes(week_table.as_csv(weeks))
    (directory / "truth" / "market_net.csv").write_bytes(market_table.as_csv(arrived))
    (directory / "truth" / "staff_point.csv").write_bytes(staff_points.as_csv(arrived, DEMO / "policy"))
    (directory / "truth" / "fund_execution.csv").write_bytes(
        fund_execution.as_csv(arrived, simulation.carried.beyond.to_come())
    )
    policies.write_opening_costs(directory, opening, layout)
    policies.write_baselines(directory, world.seed, values, layout)
    county_folder.write_log(directory, simulation.outbox.log)
    county_folder.write_anomalies(directory, simulation.outbox.anomalies)
    county_folder.write_people(directory, world)
    casemix_table.write_casemix(directory, world, simulation.diary)
