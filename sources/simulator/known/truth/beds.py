"""KPI-088 and 089: beds in use, and how many patients a bed sees in a year."""

from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, COUNTY, Evidence, merged

_DAYS_OF_A_YEAR = 365


def evidence(arrived: Arrived) -> list[Evidence]:
    """Both, from what every ward counted every day."""
    beds, gone = arrived.of("bed"), arrived.discharges
    inpatient = (*COUNTY, "township")
    occupied = arrived.evidence(
        "KPI-088", ALL_BUT_VILLAGE, beds.place, beds.month, beds.used, beds.beds, department=beds.ward
    )
    turned_over = merged(
        arrived.evidence("KPI-089", inpatient, gone.institution, gone.due, 1, 0, department=gone.department),
        arrived.evidence("KPI-089", inpatient, beds.place, beds.month, 0, beds.beds, department=beds.ward),
    )
    return [occupied, turned_over.of(scale=_DAYS_OF_A_YEAR)]
