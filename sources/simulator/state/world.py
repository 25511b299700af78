"""The county as it stands on the first day: everything that exists before anything happens.

Not here: anything that changes from month to month (carried.py).
"""

from dataclasses import dataclass

import numpy as np

from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.happening import orders, public_health, referrals
from sources.simulator.people.population import Residents, make_residents
from sources.simulator.people.registers import Registers
from sources.simulator.place import facilities, staff
from sources.simulator.place.casebook import Casebook, load_casebook
from sources.simulator.place.diseases import Diseases
from sources.simulator.state import anomalies


@dataclass
class World:
    """Everything that exists before the first month."""

    seed: int
    months: list[CalendarMonth]
    layout: Layout
    people: Residents
    diseases: Diseases
    casebook: Casebook
    workforce: staff.Workforce
    equipment: facilities.Equipment
    health: public_health.PublicHealth
    registers: Registers
    habits: referrals.Habits
    manners: orders.Manners
    culprits: dict[str, int]  # kind of anomaly → index of the institution that is behind it
    defects: bool


def make_world(
    seed: int, residents: int, months: list[CalendarMonth], layout: Layout, diseases: Diseases, defects: bool
) -> World:
    """Build the county as it stands on the first day."""
    start = months[0].first_day
    test_people = len(np.unique(layout.deliverer)) if defects else 0
    days = int((months[-1].last_day - start).astype(int)) + 1
    people = make_residents(seed, residents, start, layout, test_people, days)
    codes = layout.code_list()
    excel = np.array([layout.mapping_of[codes[d]] == "vendor_c" for d in layout.deliverer])
    culprits = anomalies.culprits(layout, defects)
    return World(
        seed=seed,
        months=months,
        layout=layout,
        people=people,
        diseases=diseases,
        casebook=load_casebook(),
        workforce=staff.make_workforce(seed, layout, residents, months, defects),
        equipment=facilities.make_equipment(seed, layout, residents, start),
        health=public_health.make_public_health(seed, people, months, defects, culprits),
        registers=Registers(seed, people, layout, defects, excel),
        habits=referrals.habits(seed, layout),
        manners=orders.manners(seed, layout),
        culprits=culprits,
        defects=defects,
    )
