"""Results recognised instead of done again: who is prompted, who accepts, and why others refuse.

Not here: what is ordered (orders.py) and done (reports.py).
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame
from sources.simulator.ground.keys import exam_id, lab_report_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import either, identifier, null_where, pick
from sources.simulator.happening.orders import EXAMS, LABS, Manners
from sources.simulator.happening.referrals import UP
from sources.simulator.people.population import Residents
from sources.simulator.people.registers import Registers

REASONS = ["01", "02", "03", "04", "05", "06", "99"]
_LATELY = np.timedelta64(10, "D")
_REASON_WEIGHTS = np.array([0.34, 0.12, 0.12, 0.16, 0.14, 0.07, 0.05])


def recognise(
    seed: int,
    month: CalendarMonth,
    kind: str,
    orders: Arrays,
    layout: Layout,
    manner: Manners,
    people: Residents,
) -> tuple[Arrays, np.ndarray]:
    """Return (prompts, rows of `orders` still to be done). Prompts appear where an earlier result is on hand."""
    rng = stream(seed, f"recognition/{kind}", month.number)
    chance = np.where(layout.is_village[orders.institution], 0.0, 0.24) * ~people.is_test[orders.person]
    row = np.flatnonzero(rng.random(orders.rows) < chance)
    prompts = orders.take(row)
    prompts["accepted"] = rng.random(len(row)) < manner.accept[prompts.institution]
    prompts["reason"] = np.where(prompts.accepted, -1, draw(rng, _REASON_WEIGHTS, len(row)))
    prompts["prior_place"] = layout.county[rng.integers(0, len(layout.county), len(row))]
    prompts["prior_time"] = prompts.apply - rng.integers(1, 28, len(row)) * 86_400 - 3_600
    prompts["prior_number"] = month.id_base + rng.integers(1, 90_000, len(row))
    prompts["labs"] = np.full(len(row), kind == "lab")
    return prompts, np.setdiff1d(np.arange(orders.rows), row[prompts.accepted])


def prepared(prompts: Arrays, referrals: Arrays, layout: Layout) -> Arrays:
    """The prompts, where a patient was sent up lately with the result of who sent him."""
    arrived = referrals.take((referrals.direction == UP) & ~np.isnat(referrals.arrive))
    prior, who = prompts.prior_place.copy(), arrived.person * layout.size + arrived.target
    asked = prompts.person * layout.size + prompts.institution
    for row in np.flatnonzero(layout.is_county[prompts.institution] & np.isin(asked, who)).tolist():
        since = prompts["apply"][row] - arrived.arrive[who == asked[row]]
        lately = (since >= np.timedelta64(0, "s")) & (since <= _LATELY)
        if lately.any():
            prior[row] = arrived.sender[who == asked[row]][lately][0]
    return Arrays({**prompts, "prior_place": prior})


def recognition_frame(prompts: Arrays, layout: Layout, registers: Registers) -> Frame:
    """his_recognition; `item_code` is the code of the ordered laboratory group or examination."""
    codes = [entry[0] for entry in LABS] + [entry[0] for entry in EXAMS]
    item = np.where(prompts.labs, prompts.item, prompts.item + len(LABS))
    prior = either(
        prompts.labs,
        lab_report_id(prompts.prior_number),
        exam_id(prompts.prior_number),
    )
    return Frame(
        "his_recognition",
        prompts.rows,
        layout.deliverer[prompts.institution],
        {
            "rec_id": identifier("RC", prompts.id, 10),
            "order_org": pick(layout.codes, prompts.institution),
            "patient_id": registers.column(prompts.institution, prompts.person),
            "item_code": pick(codes, item),
            "prior_report_id": prior,
            "prior_org": pick(layout.codes, prompts.prior_place),
            "prior_time": prompts.prior_time,
            "prompt_time": prompts.apply,
            "accepted": pick(["0", "1"], prompts.accepted),
            "reject_reason": pick(REASONS, prompts.reason),
            "saved_amount": null_where(pa.array(prompts.fen), ~prompts.accepted),
        },
        event=prompts.event,
        subject="recognition",
    )
