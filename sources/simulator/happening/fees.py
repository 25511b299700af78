"""Fee lines of visits and stays, refunds, and what an episode costs in all."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Mark, Note
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import identifier, null_where, pick, running_number
from sources.simulator.happening import medicines
from sources.simulator.happening.orders import EXAMS, LABS, STAY, VISIT
from sources.simulator.happening.stays import stay_id
from sources.simulator.happening.visits import staff_ids, visit_id, visit_key
from sources.simulator.place.diseases import Diseases

# item code, insurance code, name, fee category
_SERVICES = [
    ("110200001", "001102000010000-110200001", "普通门诊诊察费", "02"),
    ("120000001", "001200000010000-120000001", "一般诊疗费", "12"),
    ("310000001", "003100000010000-310000001", "治疗费", "05"),
    ("110900001", "001109000010000-110900001", "普通病房床位费", "01"),
    ("120100003", "001201000030000-120100003", "二级护理", "07"),
    ("330000001", "003300000010000-330000001", "手术费", "06"),
    ("C00000001", "C03010100100000000010000001", "卫生材料", "08"),
]
_YEARLY_INFLATION = 0.05
_REFUND, _CROSS_MONTH = 0.02, 0.003
_CHARGED_TWICE = 0.03


def _catalogue() -> list[tuple[str, str | None, str, str]]:
    """Everything that can stand on a fee line: services, laboratory groups, examinations, drugs."""
    labs = [(code, f"0025{code[-3:]}010010000-{code}", name, "04") for code, name, _ in LABS]
    exams = [
        (code, f"0021{code[-3:]}010010000-{code}", f"{part}{modality}", "03")
        for code, modality, part, _ in EXAMS
    ]
    kinds = [f"{k:02d}" for k in medicines.drug_type(np.arange(len(medicines.drug_codes())))]
    columns = (medicines.drug_codes(), medicines.insurance_codes(), medicines.drug_names())
    drugs = list(zip(*(c.to_pylist() for c in columns), kinds, strict=True))
    return [*_SERVICES, *labs, *exams, *drugs]


_ITEMS = _catalogue()
_CATEGORY = np.array([int(entry[3]) for entry in _ITEMS])
CATEGORIES = 15  # the fourteen of the settlement list, counted from 1
SERVICE_CODES = [entry[0] for entry in _SERVICES]
SELF_PAID = len(_SERVICES) - 1
_LAB0, _EXAM0 = len(_SERVICES), len(_SERVICES) + len(LABS)
_DRUG0 = _EXAM0 + len(EXAMS)


def visit_lines(
    seed: int,
    month: CalendarMonth,
    visits: Arrays,
    labs: Arrays,
    exams: Arrays,
    items: Arrays,
    diseases,
    layout: Layout,
    people,
) -> Arrays:
    """Fee lines of the month's completed visits; `row` points at the visit."""
    rng = stream(seed, "fees/visits", month.number)
    done = np.flatnonzero(((visits.status == 1) | visits.charged) & ~people.is_test[visits.person])
    county = layout.is_county[visits.institution[done]]
    consult = _lines(done, np.where(county, 0, 1), 1, np.where(county, 2_000, 1_000))
    treated = done[(rng.random(len(done)) < 0.3) & (visits.status[done] == 1)]
    level = np.where(layout.is_county[visits.institution[treated]], 6_500, 2_600)
    treatment = _lines(treated, 2, 1, _priced(rng, level, month))
    own_labs, own_exams = labs.take(labs.source == VISIT), exams.take(exams.source == VISIT)
    parts = [
        consult,
        treatment,
        _lines(own_labs.row, _LAB0 + own_labs.item, 1, own_labs.fen),
        _lines(own_exams.row, _EXAM0 + own_exams.item, 1, own_exams.fen),
        _lines(items.row, _DRUG0 + items.drug, items.quantity, items.price),
    ]
    return _sorted(parts)


def stay_lines(seed: int, month: CalendarMonth, stays: Arrays, diseases: Diseases, layout: Layout) -> Arrays:
    """Fee lines of the stays discharged in the month; their sum is lognormal around the disease's mean cost."""
    rng = stream(seed, "fees/stays", month.number)
    size = stays.rows
    days = np.maximum(
        (stays.due.astype("datetime64[D]") - stays.admit.astype("datetime64[D]")).astype(np.int64), 1
    )
    county = layout.is_county[stays.institution]
    mean = diseases.stay_cost_yuan[stays.disease] * np.where(county, 100, 52) * _inflation(month)
    mean = np.maximum(mean, 60_000) * (0.4 + 0.6 * days / np.maximum(diseases.stay_days[stays.disease], 1))
    total = (mean * rng.lognormal(-0.1, 0.45, size)).astype(np.int64)
    every = np.arange(size)
    bed, care = np.where(county, 4_000, 2_000), np.where(county, 1_800, 1_200)
    rest = np.maximum(total - days * (bed + care), 10_000)
    surgical = diseases.departments[stays.disease] != "内科"
    shares = np.column_stack([np.where(surgical, 0.28, 0.0), np.full(size, 0.16), np.full(size, 0.2)])
    parts = [_lines(every, 3, days, bed), _lines(every, 4, days, care)]
    for item, share in zip((5, 6, 2), shares.T, strict=True):
        chosen = np.flatnonzero(share > 0)
        parts.append(_lines(chosen, item, 1, (rest * share).astype(np.int64)[chosen]))
    left = rest - sum((rest * share).astype(np.int64) for share in shares.T)
    drugs = rng.integers(3, 7, size)
    row = np.repeat(every, drugs)
    drug = medicines.sample(rng, len(row))
    parts.append(_lines(row, _DRUG0 + drug, 1, (left[row] // drugs[row]).astype(np.int64)))
    return _sorted(parts)


def _lines(row, item, quantity, price) -> Arrays:
    size = len(row)
    spread = [np.broadcast_to(np.asarray(v, dtype=np.int64), size).copy() for v in (item, quantity, price)]
    again = np.zeros(size, bool)
    return Arrays(row=np.asarray(row), item=spread[0], quantity=spread[1], price=spread[2], again=again)


def charged_twice(seed: int, month: CalendarMonth, lines: Arrays, stays: Arrays, culprit: int) -> Arrays:
    """The lines of stays, some of one institution a second time (重复收费)."""
    rng = stream(seed, "anomalies/charged twice", month.number)
    again = lines.take((stays.institution[lines.row] == culprit) & (rng.random(lines.rows) < _CHARGED_TWICE))
    again["again"] = np.ones(again.rows, bool)
    return _sorted([lines, again])


def _sorted(parts: list[Arrays]) -> Arrays:
    rows = Arrays({name: np.concatenate([p[name] for p in parts]) for name in parts[0]})
    return rows.take(np.argsort(rows.row, kind="stable"))


def _inflation(month: CalendarMonth) -> float:
    return (1 + _YEARLY_INFLATION) ** (month.number / 12)


def _priced(rng, level: np.ndarray, month: CalendarMonth) -> np.ndarray:
    return (level * rng.uniform(0.6, 1.5, len(level)) * _inflation(month)).astype(np.int64)


def totals(lines: Arrays, rows: int) -> np.ndarray:
    """Sum of the fee lines of each episode, in fen."""
    return np.bincount(lines.row, weights=lines.quantity * lines.price, minlength=rows).astype(np.int64)


def category(item: np.ndarray) -> np.ndarray:
    """Fee category (1 … 14) of catalogue numbers."""
    return _CATEGORY[item]


def is_drug(item: np.ndarray) -> np.ndarray:
    return item >= _DRUG0


def item_column(item: np.ndarray, which: int) -> pa.Array:
    """Of catalogue numbers the local code (0), the insurance code (1) or the name (2)."""
    return pa.array([entry[which] for entry in _ITEMS], pa.string()).take(pa.array(item))


def local_code(lines: Arrays, layout: Layout) -> pa.Array:
    """The hospital's own item code; one hospital has several for one insurance code, by price (V20)."""
    code = item_column(lines.item, 0)
    several = (lines.institution == layout.county[1]) & ~is_drug(lines.item) & (lines.price % 2 == 1)
    return pc.if_else(pa.array(several), pc.binary_join_element_wise(code, "2", "-"), code)


def by_category(lines: Arrays, rows: int) -> np.ndarray:
    """Fen of each episode by fee category, a (rows, CATEGORIES) matrix."""
    total = np.zeros((rows, CATEGORIES), np.int64)
    np.add.at(total, (lines.row, category(lines.item)), lines.quantity * lines.price)
    return total


class FeeBook:
    """Turns lines into his_fee_detail, numbers them per deliverer, and carries refunds into later months."""

    def __init__(self, seed: int, layout: Layout, defects: bool):
        self.seed, self.layout, self.defects = seed, layout, defects
        self._later: list[Arrays] = []
        self.charged: Arrays | None = None  # the month's lines as booked, refunds included

    def frame(self, month: CalendarMonth, parts: list[tuple[int, Arrays, Arrays, np.ndarray]]) -> Frame:
        """`parts`: (VISIT or STAY, episodes, lines, settlement number per episode or -1)."""
        rows = [_detail(*part) for part in parts]
        lines = Arrays({name: np.concatenate([r[name] for r in rows]) for name in rows[0]})
        deliverer = self.layout.deliverer[lines.institution]
        lines["id"] = month.id_base * 100 + 1 + running_number(deliverer, self.layout.size)
        lines["refund"] = np.full(lines.rows, -1)
        lines["state"] = np.ones(lines.rows, np.int64)
        lines["crossing"] = np.zeros(lines.rows, bool)
        if self.defects:
            lines = self._refunded(month, lines)
        self.charged = lines
        return self._frame(lines)

    def _refunded(self, month: CalendarMonth, lines: Arrays) -> Arrays:
        """Add refunds of this month (V13, two rows: the original marked, the reversal negative) and of the last (V14)."""
        rng = stream(self.seed, "defects/refunds", month.number)
        point = rng.random(lines.rows)
        now, later = np.flatnonzero(point < _REFUND), np.flatnonzero(point > 1 - _CROSS_MONTH)
        reversal = lines.take(now)
        lines["state"][now] = 2
        crossing = lines.take(later)
        extra = [reversal, *self._later]
        self._later = [crossing]
        added = Arrays({name: np.concatenate([e[name] for e in extra]) for name in lines})
        added["refund"], added["state"] = added.id, np.full(added.rows, 3)
        added["charged"] = np.maximum(added.charged, month.start) + 3_600
        both = Arrays({name: np.concatenate([lines[name], added[name]]) for name in lines})
        deliverer = self.layout.deliverer[both.institution]
        both["id"] = month.id_base * 100 + 1 + running_number(deliverer, self.layout.size)
        both["crossing"] = np.arange(both.rows) >= lines.rows + reversal.rows
        return both

    def _frame(self, lines: Arrays) -> Frame:
        sign = np.where(lines.state == 3, -1, 1)
        ids = [pa.array([entry[n] for entry in _ITEMS], pa.string()) for n in range(4)]
        item = pa.array(lines.item)
        reversal = lines.state == 3
        notes = [
            Note(np.flatnonzero(reversal & ~lines.crossing), "V13", "", "harmless"),
            Note(np.flatnonzero(lines.crossing), "V14", "", "late"),
        ]
        episode = pc.if_else(pa.array(lines.source == STAY), stay_id(lines.number), visit_id(lines.number))
        return Frame(
            "his_fee_detail",
            lines.rows,
            self.layout.deliverer[lines.institution],
            {
                "org_code": self.layout.codes.take(pa.array(lines.institution)),
                "fee_id": identifier("F", lines.id, 12),
                "visit_type": pick(["1", "2"], (lines.source == STAY).astype(np.int64)),
                "visit_id": episode,
                "fee_time": lines.time,
                "charge_time": lines.charged,
                "item_code": local_code(lines, self.layout),
                "nhsa_item_code": ids[1].take(item),
                "item_name": ids[2].take(item),
                "item_type": ids[3].take(item),
                "qty": pa.array(lines.quantity * sign).cast(pa.string()),
                "price": lines.price,
                "amount": lines.quantity * lines.price * sign,
                "order_staff": staff_ids(lines.doctor),
                "refund_ref": identifier("F", lines.refund, 12),
                "status": pick(["", "1", "2", "3"], lines.state),
                "pay_ratio": pick(
                    ["0.0000", "0.1000", "1.0000"], np.where(lines.item == 6, 2, lines.item % 2)
                ),
                "settle_id": null_where(
                    visit_key("340600S", lines.source, lines.settlement), lines.settlement < 0
                ),
            },
            notes=[n for n in notes if len(n.rows)],
            marks=[
                Mark(rows, "重复收费", lines.institution[rows], "同一项目同一时间记账两次")
                for rows in [np.flatnonzero(lines.again & (lines.state == 1))]
                if len(rows)
            ],
        )


def _detail(source: int, episodes: Arrays, lines: Arrays, settlement: np.ndarray) -> Arrays:
    """Fee lines with what they need to know of their episode."""
    row = lines.row
    time = episodes.due[row] + 600 if source == VISIT else episodes.due[row] - 7_200
    return Arrays(
        source=np.full(lines.rows, source),
        number=episodes.number[row],
        institution=episodes.institution[row],
        doctor=episodes.doctor[row],
        time=time,
        charged=time + 311,
        item=lines.item,
        quantity=lines.quantity,
        price=lines.price,
        again=lines.again,
        settlement=settlement[row],
    )
