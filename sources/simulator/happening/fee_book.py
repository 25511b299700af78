"""The book of fee lines: numbers per deliverer, refunds in the same and in later months, and his_fee_detail.

Not here: which lines an episode has (fees.py).
"""

import numpy as np
import pyarrow as pa
from numpy.typing import DTypeLike

from sources.simulator.ground.arrays import Arrays, concat, running_number
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.diary import Diary
from sources.simulator.ground.frames import Frame, Mark, Note
from sources.simulator.ground.keys import encounter_id, fee_id, hospital_settlement_id, staff_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import null_where, pick
from sources.simulator.happening.executing import executing, executing_department
from sources.simulator.happening.fee_items import (
    CATEGORIES,
    SELF_PAID,
    SURGERY,
    category,
    is_drug,
    item_column,
    local_code,
    paid_by_patients,
)
from sources.simulator.happening.orders import STAY, VISIT
from sources.simulator.place.staff import Workforce

CHARGED, TAKEN_BACK, REVERSAL = 1, 2, 3
_REFUND, _CROSS_MONTH = 0.02, 0.003
# What the diary keeps of a line: there are many.
_SLIM: dict[str, DTypeLike] = {
    "institution": np.int16, "doctor": np.int32, "executing": np.int32, "item": np.int16, "units": np.int16,
    "time": "datetime64[s]",
}  # fmt: skip


class FeeBook:
    """Numbers the month's fee lines and carries refunds into later months."""

    def __init__(self, seed: int, layout: Layout, workforce: Workforce, defects: bool):
        self.seed, self.layout, self.workforce, self.defects = seed, layout, workforce, defects
        self._later: list[Arrays] = []

    def enter(self, month: CalendarMonth, parts: list[tuple[int, Arrays, Arrays, np.ndarray]]) -> Arrays:
        """The month's lines as booked, refunds included.

        `parts`: (VISIT or STAY, episodes, lines, settlement number per episode or -1).
        """
        lines = concat([_detail(*part) for part in parts])
        self._number(month, lines)
        lines["executing"] = executing(self.seed, month, lines, self.workforce)
        lines["refund"] = np.full(lines.rows, -1)
        lines["state"] = np.full(lines.rows, CHARGED)
        lines["crossing"] = np.zeros(lines.rows, bool)
        return self._refunded(month, lines) if self.defects else lines

    def remember(self, lines: Arrays, diary: Diary, is_test: np.ndarray) -> None:
        """Enter what people did for these lines in the diary; `event` is -1 for drugs, consumables and test patients."""
        work = ~is_drug(lines.item) & (lines.item != SELF_PAID) & ~is_test[lines.person]
        done = lines.take(work)
        done["units"] = done.quantity * np.where(done.state == REVERSAL, -1, 1)
        lines["event"] = np.full(lines.rows, -1)
        lines["event"][work] = diary.write("fee line", _slim(done), tuple(_SLIM))

    def _number(self, month: CalendarMonth, lines: Arrays) -> None:
        deliverer = self.layout.deliverer[lines.institution]
        lines["id"] = month.id_base * 100 + 1 + running_number(deliverer, self.layout.size)

    def _refunded(self, month: CalendarMonth, lines: Arrays) -> Arrays:
        """Add refunds of this month (V13, two rows: the original marked, the reversal negative) and of the last (V14)."""
        rng = stream(self.seed, "defects/refunds", month.number)
        point = rng.random(lines.rows)
        now, later = np.flatnonzero(point < _REFUND), np.flatnonzero(point > 1 - _CROSS_MONTH)
        reversal = lines.take(now)
        lines["state"][now] = TAKEN_BACK
        crossing = lines.take(later)
        added = concat([reversal, *self._later])
        self._later = [crossing]
        added["refund"], added["state"] = added.id, np.full(added.rows, REVERSAL)
        added["charged"] = np.maximum(added.charged, month.start) + 3_600
        both = concat([lines, added])
        self._number(month, both)
        both["crossing"] = np.arange(both.rows) >= lines.rows + reversal.rows
        return both


def income(lines: Arrays, layout: Layout) -> Arrays:
    """Fen charged by each deliverer, for outpatients and inpatients, by fee category; refunds taken off."""
    amount = lines.quantity * lines.price * np.where(lines.state == REVERSAL, -1, 1)
    total = np.zeros((layout.size, 2, CATEGORIES), np.int64)
    np.add.at(total, (layout.deliverer[lines.institution], lines.source, category(lines.item)), amount)
    members = np.unique(layout.deliverer)
    member, way, kind = (index.ravel() for index in np.indices((len(members), 2, CATEGORIES)))
    return Arrays(member=members[member], way=way, kind=kind, fen=total[members].ravel())


def detail_frame(lines: Arrays, layout: Layout) -> Frame:
    """his_fee_detail of booked lines."""
    reversal = lines.state == REVERSAL
    sign = np.where(reversal, -1, 1)
    settled = hospital_settlement_id(lines.source, lines.settlement)
    twice = lines.again & (lines.state == CHARGED)
    return Frame(
        "his_fee_detail",
        lines.rows,
        layout.deliverer[lines.institution],
        {
            "org_code": pick(layout.codes, lines.institution),
            "fee_id": fee_id(lines.id),
            "visit_type": pick(["1", "2"], lines.source == STAY),
            "visit_id": encounter_id(lines.source == STAY, lines.number),
            "fee_time": lines.time,
            "charge_time": lines.charged,
            "item_code": local_code(lines, layout),
            "nhsa_item_code": item_column(lines.item, 1),
            "item_name": item_column(lines.item, 2),
            "item_type": item_column(lines.item, 3),
            "qty": pa.array(lines.quantity * sign).cast(pa.string()),
            "price": lines.price,
            "amount": lines.quantity * lines.price * sign,
            "order_staff": staff_id(lines.doctor),
            "exec_dept": executing_department(lines, layout),
            "exec_staff": staff_id(lines.executing),
            "refund_ref": fee_id(lines.refund),
            "status": pick(["", "1", "2", "3"], lines.state),
            "pay_ratio": paid_by_patients(lines.item),
            "settle_id": null_where(settled, lines.settlement < 0),
        },
        notes=[
            Note.where(reversal & ~lines.crossing, "V13"),
            Note.where(lines.crossing, "V14", disposition="late"),
        ],
        marks=[Mark.where(twice, "重复收费", lines.institution, "同一项目同一时间记账两次")],
        event=lines.event,
        subject="fee line",
    )


def _slim(lines: Arrays) -> Arrays:
    return Arrays({name: lines[name].astype(kind) for name, kind in _SLIM.items()})


def _detail(source: int, episodes: Arrays, lines: Arrays, settlement: np.ndarray) -> Arrays:
    """Fee lines with what they need to know of their episode."""
    row = lines.row
    time = episodes.due[row] + 600 if source == VISIT else episodes.due[row] - 7_200
    return Arrays(
        source=np.full(lines.rows, source),
        number=episodes.number[row],
        institution=episodes.institution[row],
        person=episodes.person[row],
        doctor=episodes.doctor[row],
        # Who did what the line charges, where that was an expert from above.
        executor=np.where(lines.item == SURGERY, episodes.expert[row], -1),
        time=time,
        charged=time + 311,
        item=lines.item,
        quantity=lines.quantity,
        price=lines.price,
        again=lines.again,
        settlement=settlement[row],
    )
