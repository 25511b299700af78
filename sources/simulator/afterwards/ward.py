"""On the ward: orders, clinical pathways and the daily state of the beds, all told by the stays themselves.

Not here: who stays (happening/stays.py).
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays, running_number
from sources.simulator.ground.frames import Frame, Mark
from sources.simulator.ground.keys import staff_id, stay_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.text import either, identifier, null_where, pick
from sources.simulator.happening.fee_items import is_drug, item_column
from sources.simulator.happening.stays import DIED
from sources.simulator.place.departments import department_table
from sources.simulator.state.happened import Happened

_STANDING = [("HL001", "二级护理", "5", "qd"), ("SS001", "普通饮食", "6", "tid")]
_PATHWAYS = {
    "J18.900": "CAP-J",
    "E11.900": "T2DM-J",
    "I63.900": "AIS-J",
    "M51.202": "LDH-J",
    "K80.200": "CHOLE-J",
}
_DEPARTMENTS = 20  # more than any institution has
_BEDS_PER_THOUSAND = {
    "county_lead": 3.1,
    "county": 1.95,
    "township": 0.075,
    "community": 0.17,
}  # residents of the county
_GROWTH_PER_MONTH = 0.12  # of the institution that keeps adding beds


def orders_of(h: Happened) -> Arrays:
    """Orders of the discharged stays: nursing and diet for each, one per drug on its bill."""
    stays, lines = h.discharged, h.stay_lines
    drug = lines.take(is_drug(lines.item))
    every = np.arange(stays.rows)
    kind = np.repeat([0, 1], stays.rows)
    rows = Arrays(
        row=np.concatenate([every, every, drug.row]),
        kind=np.concatenate([kind, np.full(drug.rows, 2)]),
        item=np.concatenate([np.zeros(2 * stays.rows, np.int64), drug.item]),
    )
    rows = rows.take(np.lexsort((rows.kind, rows.row)))
    rows["position"] = running_number(rows.row, stays.rows)
    return rows


def order_frame(h: Happened) -> Frame:
    """his_ip_order."""
    stays, rows, layout = h.discharged, orders_of(h), h.layout
    of = stays.take(rows.row)
    drug = rows.kind == 2
    standing = np.minimum(rows.kind, 1)
    code, name = (
        either(drug, item_column(rows.item, drugs), pick([order[n] for order in _STANDING], standing))
        for n, drugs in ((0, 0), (1, 2))
    )
    start = of.admit + 1_800 + rows.position * 60
    stopped = of.number % 7 != 0
    deliverer = layout.deliverer[of.institution]
    number = h.month.id_base * 100 + 1 + running_number(deliverer, layout.size)
    return Frame(
        "his_ip_order",
        rows.rows,
        deliverer,
        {
            "org_code": pick(layout.codes, of.institution),
            "order_id": identifier("YZ", number, 12),
            "visit_id": stay_id(of.number),
            "order_type": pick(["1", "2"], drug & (rows.position % 3 == 2)),
            "order_class": pick(["5", "6", "1"], rows.kind),
            "item_code": code,
            "item_name": name,
            "dose": null_where(pick(["1片", "2片", "0.5g", "10ml"], rows.item % 4), ~drug),
            "freq": pick(["qd", "bid", "tid"], np.where(drug, rows.item % 3, 0)),
            "start_time": start,
            "stop_time": np.where(stopped, np.maximum(of.due - 3_600, start), np.datetime64("NaT")),
            "staff_id": staff_id(of.doctor),
            "status": pick(["2", "1"], ~stopped),
        },
    )


def pathway_frame(h: Happened) -> Frame:
    """his_pathway: part of the discharges of the diseases that have one; a few deviate or are never closed."""
    stays, layout = h.discharged, h.layout
    rng = h.rng("pathways")
    known = h.world.diseases.numbers(_PATHWAYS).tolist()
    row = np.flatnonzero(np.isin(stays.disease, known) & (rng.random(stays.rows) < 0.5))
    on = stays.take(row)
    which = np.array([known.index(disease) for disease in on.disease], np.int64)
    result = rng.choice(3, len(row), p=[0.82, 0.13, 0.05])
    left_open = rng.random(len(row)) < 0.04
    return Frame(
        "his_pathway",
        len(row),
        layout.deliverer[on.institution],
        {
            "pw_id": identifier("LJ", on.number, 10),
            "visit_id": stay_id(on.number),
            "pathway_code": pick([*_PATHWAYS.values()], which),
            "version_kind": pick(["1", "2"], layout.is_county[on.institution]),
            "enter_time": on.admit + 3_600,
            "exit_time": np.where(left_open, np.datetime64("NaT"), on.due - 1_800),
            "result": null_where(pick(["1", "2", "3"], result), left_open),
            "variance_code": pick(["", "BY01", "BY02"], np.where(result == 1, 1 + row % 2, -1)),
        },
    )


def bed_frame(h: Happened) -> Frame:
    """his_bed_daily: every ward of every hospital on every day of the month; one of them keeps adding beds."""
    layout, month = h.layout, h.month
    table = department_table(h.world.diseases, layout)
    occupied, into, out_of, died = _movements(h)
    place, ward, day = _wards(layout, table, len(month.days))
    beds = _open_beds(h, place, len(month.days))
    growing = place == h.world.culprits["床位扩张"]
    beds += np.where(growing, (beds * _GROWTH_PER_MONTH * (month.number + 2)).astype(np.int64) + 1, 0)
    used = occupied[place, ward, day]
    nobody = np.zeros(len(place), np.int64)
    told = Arrays(place=place, ward=ward, month=np.full(len(place), month.number), beds=beds, used=used)
    h.diary.write("bed", told, ("place", "ward", "month", "beds", "used"))
    return Frame(
        "his_bed_daily",
        len(place),
        layout.deliverer[place],
        {
            "org_code": pick(layout.codes, place),
            "dept_code": identifier("", ward + 1, 2),
            "stat_date": month.first_day + day,
            "open_beds": beds,
            "extra_beds": np.maximum(used - beds, 0),
            "occupied_beds": used,
            "admissions": into[place, ward, day],
            "discharges": out_of[place, ward, day],
            "transfers_in": nobody,
            "transfers_out": nobody,
            "deaths": died[place, ward, day],
        },
        marks=[Mark.where(growing & (day == 0), "床位扩张", place, "开放床位逐月增加,远超核定")],
    )


def _open_beds(h: Happened, place: np.ndarray, days: int) -> np.ndarray:
    """Beds of every line: what an institution's patients fill by about four fifths, one at least, shared by its wards."""
    per_thousand = np.array([_BEDS_PER_THOUSAND.get(tier, 0) for tier in h.layout.tiers])
    total = np.maximum(np.round(per_thousand * h.people.count / 1_000).astype(np.int64), 1)
    owner = place[::days]
    wards = np.bincount(owner, minlength=h.layout.size)[owner]
    beds = total[owner] // wards + (running_number(owner, h.layout.size) < total[owner] % wards)
    return np.repeat(beds, days)


def _movements(h: Happened) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """[institution, department index, day] → beds occupied, admissions, discharges, deaths."""
    present, first, days = h.present, h.month.first_day, len(h.month.days)
    came, went = (
        (time.astype("datetime64[D]") - first).astype(np.int64) for time in (present.admit, present.due)
    )

    def counted(chosen: np.ndarray, day: np.ndarray) -> np.ndarray:
        total = np.zeros((h.layout.size, _DEPARTMENTS, days), np.int64)
        np.add.at(total, (present.institution[chosen], present.department[chosen], day[chosen]), 1)
        return total

    into, out_of = counted((came >= 0) & (came < days), came), counted(went < days, went)
    died = counted((went < days) & (present.leaving == DIED), went)
    stayed = counted(came < 0, np.zeros_like(came))
    occupied = stayed[:, :, :1] + np.cumsum(into - out_of, axis=2)
    return occupied, into, out_of, died


def _wards(layout: Layout, table: np.ndarray, days: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Institution, department index and day of every line: the departments some disease leads to."""
    pairs = [(i, d) for i in range(layout.size) if not layout.is_village[i] for d in np.unique(table[i])]
    place, ward = np.array(pairs).T
    return np.repeat(place, days), np.repeat(ward, days), np.tile(np.arange(days), len(place))
