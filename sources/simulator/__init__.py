"""A county that does not exist: realistic feeds in the vendors' own formats, seeded defects, known truth.

`simulate(directory)` writes a county folder (see `sources/counties/`): county.yml, mappings/ and policy/ of the demo
county, inbox/ with one folder per deliverer and month, and truth/. Nothing in it stands for a real person: identity
cards carry a division code that was never assigned, names and numbers are drawn.

How it is built, in the order data are made:

=================  ======================================================================================
months, streams    the calendar with its seasons; one random stream per subject and month
layout             the institutions, read from the demo county's county.yml
population         residents in families; naming, names, id_card: who they are; slips: how a clerk miswrites them
staff, facilities  people who work here and machines, with comings and goings
diseases           the catalogue that decides who comes with what and what follows from it
visits, stays      encounters; referrals sends some of them on, orders examines, medicines and fees charge
settlements        insurance inside and outside the county
public_health      health records, contracts, follow-ups; experience: expert slots and questionnaires
registers          which institution knows whom under which number, and with which wrong identity card
anomalies          which institution is behind which anomaly, and their truth
world, carried     what exists on the first day, and what one month leaves to the next
one_month          what happens in a month and the frames it leaves; simulation: one month after the other
happened           the month's events for those who only write them down: counter, ward, front_page, results,
                   incidents, office, governance, books, lifetimes, outreach, settle_lists, payment, uploads
                   (called by written_afterwards)
frames             the true rows of a feed; rendering writes them as a vendor would (mapping read backwards),
                   defects spoils some; writing, formats and databases make files, delivery puts them into the inbox
truth, kpi_table   the fifteen indicators from the diary of true events, independent of any SQL
policies           demo policy plus baselines and opening costs that fit the simulated figures
=================  ======================================================================================

truth/ holds `kpi_value.csv` (what a perfect warehouse would publish from what was delivered), `defect.csv` (every
injected defect: file, line, the rule of the feed specification, the rule of conforming that must notice it and what
becomes of the row), `anomaly.csv` (every row of an injected anomaly), `person.csv` (which records belong to one person)
and `resident.csv` (who that person is). What is injected where: docs/simulator.md.

Same arguments, same bytes: no wall clock, fixed modification times. Memory is bounded by a month, not by the period.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from sources.simulator.delivered.outbox import Outbox
from sources.simulator.ground.calendar import month_range
from sources.simulator.ground.layout import DEMO, load_layout
from sources.simulator.known import county_folder, kpi_table, policies
from sources.simulator.known.truth import Truth
from sources.simulator.place.diseases import load_diseases
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
    diseases = load_diseases(
        policies.code_set(DEMO, "up_indication_category"), policies.code_set(DEMO, "down_indication_category")
    )
    world = make_world(seed, residents, calendar, layout, diseases, defects == "default")
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
    truth = Truth(world, simulation.diary)
    settled = truth.settlements()
    opening = policies.opening_costs(world.seed, settled, truth.month_of(settled.due), world.months, layout)
    values = list(kpi_table.values(truth.evidence(policies.average_costs(opening)), world.months, layout))
    (directory / "truth" / "kpi_value.csv").write_bytes(kpi_table.as_csv(values, layout))
    policies.write_opening_costs(directory, opening, layout)
    policies.write_baselines(directory, world.seed, values, layout)
    county_folder.write_log(directory, simulation.outbox.log)
    county_folder.write_anomalies(directory, simulation.outbox.anomalies)
    county_folder.write_people(directory, world)
