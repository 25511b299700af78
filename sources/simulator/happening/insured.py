"""Who is insured in a month, and as what. Not here: settlements."""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.text import pick, scaled
from sources.simulator.people.population import Residents, living


def insurance_types(people: Residents, person: np.ndarray) -> pa.Array:
    """390 residents, 310 employees."""
    return pick(["390", "310"], people.employee[person])


def person_types(people: Residents, person: np.ndarray) -> pa.Array:
    """11 in work, 12 retired, 14 adult resident, 15 minor, 16 student."""
    age, employee = people.age[person], people.employee[person]
    return pick(
        ["11", "12", "14", "15", "16"],
        np.select([employee & (age < 60), employee, age < 7, age < 20], [0, 1, 3, 4], 2),
    )


def insured_frame(month: CalendarMonth, people: Residents, layout: Layout) -> Frame:
    """si_insured: everyone insured in the month."""
    person = np.flatnonzero(people.insured)
    person = person[living(people, person, np.full(len(person), month.start))]
    home = people.home[person]
    illness = np.sum([people.chronic[group][person] for group in people.chronic], axis=0)
    columns = {
        "psn_no": pick(people.insurance_no, person),
        "insutype": insurance_types(people, person),
        "month": month.name,
        "insu_admdvs": layout.region,
        "psn_type": person_types(people, person),
        "assist_flag": pick(["0", "1"], person % 29 == 0),
        "birth_year": people.birth[person].astype("datetime64[Y]").astype(np.int64) + 1970,
        "gender": pick(["", "1", "2"], people.sex[person]),
        "resident_township": pa.compute.utf8_slice_codeunits(pick(people.division, person), 0, 9),
        "alliance_id": pick(layout.alliances, home),
        "contract_org": pick(layout.codes, home),
        "risk_score": scaled(_risk(people.age[person], illness), 4),
    }
    return platform_frame("si_insured", len(person), columns)


def _risk(age: np.ndarray, illness: np.ndarray) -> np.ndarray:
    """Risk coefficients in ten-thousandths, by age and chronic diseases; their mean is 1."""
    raw = 6_000 + age * 110 + illness * 1_500
    return (2 * raw * 10_000 * len(raw) + raw.sum()) // (2 * max(int(raw.sum()), 1))
