"""KPI-037, 078, 079, 084 and 085: operations of those discharged, and whom they were done to."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, Evidence, merged


def evidence(arrived: Arrived) -> list[Evidence]:
    """All five, booked at the hospital that discharged the patient."""
    rows = _true_operations(arrived)
    level = arrived.world.casebook.procedure_level[rows.which]
    clean = rows.take(rows.clean)

    def of(kpi: str, events: Arrays, counted: np.ndarray | int, out_of: int = 1) -> Evidence:
        return arrived.evidence(
            kpi,
            COUNTY,
            events.institution,
            events.due,
            counted,
            out_of,
            department=events.department,
            physician=events.doctor,
        )

    patients = rows.take(np.unique(rows.stay, return_index=True)[1])
    complicated = np.isin(patients.stay, rows.stay[rows.complication])
    return [
        of("KPI-037", rows, level >= 3),
        of("KPI-078", patients, complicated),
        of("KPI-079", clean, clean.infected),
        merged(of("KPI-084", patients, 1, 0), of("KPI-084", arrived.discharges, 0)),
        of("KPI-085", rows, rows.minimally_invasive),
    ]


def _true_operations(arrived: Arrived) -> Arrays:
    """Without what only looked at or helped."""
    return arrived.operations.take(arrived.world.casebook.is_operation[arrived.operations.which])
