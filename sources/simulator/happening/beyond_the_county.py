"""Care outside the county: who goes there, and the settlements that arrive months later.

Not here: settlements of members (settlements.py).
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, Pending, concat
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import identifier, null_where, pick
from sources.simulator.happening.stays import OUT_OF_COUNTY_SHARE, STAYS_PER_YEAR, pick_inpatients
from sources.simulator.happening.visits import VISITS_PER_YEAR
from sources.simulator.people.name_lists import HOSPITALS_BEYOND
from sources.simulator.people.population import Residents, living
from sources.simulator.place.diseases import Diseases

_OUTPATIENT_OUT_SHARE = 0.025
_DELAYS = np.array([0.5, 0.3, 0.2])  # 1, 2, 3 months until a settlement arrives


class BeyondTheCounty:
    """Settlements outside; each arrives one to three months after it was made."""

    def __init__(self, seed: int):
        self.seed = seed
        self._waiting: list[Arrays] = []
        self._called = Pending()

    def call(self, rows: Arrays) -> None:
        """Someone will stay in a hospital outside (person, disease, due)."""
        self._called.put(Arrays({**rows, "stay": np.ones(rows.rows, bool)}))

    def happen(self, month: CalendarMonth, people: Residents, diseases: Diseases) -> None:
        """Let the month's settlements outside happen (also for months before the first)."""
        rng = stream(self.seed, "beyond", month.number)
        gone = concat([_ordinary(rng, month, people, diseases), *self._called.collect(month.end)])
        gone = gone.take(people.insured[gone.person] & living(people, gone.person, gone.due))
        size = gone.rows
        mean = np.where(gone.stay, np.maximum(diseases.stay_cost_yuan[gone.disease], 3_000) * 210, 42_000)
        total = (mean * rng.lognormal(-0.15, 0.55, size)).astype(np.int64)
        gone["fen"], gone["fund"] = total, total * np.where(gone.stay, 46, 28) // 100
        gone["where"] = draw(rng, np.array([0.28, 0.12, 0.25, 0.2, 0.1, 0.05]), size)
        gone["arrives"] = month.number + 1 + draw(rng, _DELAYS, size)
        gone["filed"] = rng.choice([1, 2, 3], size, p=[0.6, 0.15, 0.25])
        gone["manual"] = rng.random(size) < 0.04
        gone["id"] = month.id_base * 10 + 1 + np.arange(size)
        self._waiting.append(gone)

    def arrive(self, month: CalendarMonth) -> Arrays:
        """The settlements delivered in the month, whenever they were made."""
        rows = concat(self._waiting)
        here = rows.arrives == month.number
        self._waiting = [rows.take(~here)]
        return rows.take(here)

    def to_come(self) -> Arrays:
        """The settlements that were made and have not been delivered yet."""
        return concat(self._waiting)


def _ordinary(
    rng: np.random.Generator, month: CalendarMonth, people: Residents, diseases: Diseases
) -> Arrays:
    """The month's stays and visits outside that nothing but life causes."""
    factor = month.volume() / 12
    stays = rng.poisson(people.count * STAYS_PER_YEAR * OUT_OF_COUNTY_SHARE * factor)
    size = stays + rng.poisson(people.count * VISITS_PER_YEAR * _OUTPATIENT_OUT_SHARE * factor)
    person, disease = pick_inpatients(rng, month, people, diseases, size)
    day, minute = draw(rng, month.day_weights(), size), rng.integers(480, 1_080, size)
    time = month.start + day * 86_400 + minute * 60
    return Arrays(person=person, disease=disease, due=time, stay=np.arange(size) < stays)


def beyond_frame(rows: Arrays, people: Residents, diseases: Diseases) -> Frame:
    """si_out_of_county. Manually reimbursed ones carry no diagnosis code."""
    places = [list(column) for column in zip(*HOSPITALS_BEYOND, strict=True)]
    columns = {
        "setl_id": identifier("340600W", rows.id, 12),
        "psn_no": pick(people.insurance_no, rows.person),
        "mdtrt_admdvs": pick(places[0], rows["where"]),
        "dest_level": pick(places[1], rows["where"]),
        "fixmedins_name": pick(places[2], rows["where"]),
        "med_type": pick(["11", "21"], rows.stay),
        "setl_time": rows.due,
        "main_diag_code": null_where(pick(diseases.insurance_codes, rows.disease), rows.manual),
        "medfee_sumamt": rows.fen,
        "fund_pay_sumamt": rows.fund,
        "referral_filed": pa.array(rows.filed).cast(pa.string()),
        "manual_flag": pick(["0", "1"], rows.manual),
    }
    frame = platform_frame("si_out_of_county", rows.rows, columns)
    return replace(frame, event=rows.event, subject="beyond")
