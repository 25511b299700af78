"""On the ward: orders, clinical pathways and the daily state of the beds, all told by the stays themselves."""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.frames import Frame, Mark
from sources.simulator.ground.text import identifier, null_where, pick, running_number
from sources.simulator.happening import fees
from sources.simulator.happening.stays import stay_id
from sources.simulator.happening.visits import department_codes, staff_ids
from sources.simulator.state.happened import Happened

_STANDING = [("HL001", "二级护理", "5", "qd"), ("SS001", "普通饮食", "6", "tid")]
_PATHWAYS = {
    "J18.900": "CAP-J",
    "E11.900": "T2DM-J",
    "I63.900": "AIS-J",
    "M51.202": "LDH-J",
    "K80.200": "CHOLE-J",
}
_OPEN_BEDS = {"county_lead": 30, "county": 22, "township": 5, "community": 3}
_GROWTH_PER_MONTH = 0.12  # of the institution that keeps adding beds


def orders_of(h: Happened) -> Arrays:
    """Orders of the discharged stays: nursing and diet for each, one per drug on its bill."""
    stays, lines = h.discharged, h.stay_lines
    drug = lines.take(fees.is_drug(lines.item))
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
        pa.compute.if_else(
            pa.array(drug), fees.item_column(rows.item, n), pick([s[m] for s in _STANDING], standing)
        )
        for n, m in ((0, 0), (2, 1))
    )
    start = of.admit + 1_800 + rows.position * 60
    stopped = of.number % 7 != 0
    deliverer = layout.deliverer[of.institution]
    return Frame(
        "his_ip_order",
        rows.rows,
        deliverer,
        {
            "org_code": layout.codes.take(pa.array(of.institution)),
            "order_id": identifier(
                "YZ", h.month.id_base * 100 + 1 + running_number(deliverer, layout.size), 12
            ),
            "visit_id": stay_id(of.number),
            "order_type": pick(["1", "2"], (drug & (rows.position % 3 == 2)).astype(np.int64)),
            "order_class": pick(["5", "6", "1"], rows.kind),
            "item_code": code,
            "item_name": name,
            "dose": null_where(pick(["1片", "2片", "0.5g", "10ml"], rows.item % 4), ~drug),
            "freq": pick(["qd", "bid", "tid"], np.where(drug, rows.item % 3, 0)),
            "start_time": start,
            "stop_time": np.where(stopped, np.maximum(of.due - 3_600, start), np.datetime64("NaT")),
            "staff_id": staff_ids(of.doctor),
            "status": pick(["2", "1"], (~stopped).astype(np.int64)),
        },
    )


def pathway_frame(h: Happened) -> Frame:
    """his_pathway: part of the discharges of the diseases that have one; a few deviate or are never closed."""
    stays, layout = h.discharged, h.layout
    rng = h.rng("pathways")
    codes = h.world.diseases.codes.to_pylist()
    known = [codes.index(code) for code in _PATHWAYS]
    row = np.flatnonzero(np.isin(stays.disease, known) & (rng.random(stays.rows) < 0.5))
    on = stays.take(row)
    result = rng.choice(3, len(row), p=[0.82, 0.13, 0.05])
    left_open = rng.random(len(row)) < 0.04
    return Frame(
        "his_pathway",
        len(row),
        layout.deliverer[on.institution],
        {
            "pw_id": identifier("LJ", on.number, 10),
            "visit_id": stay_id(on.number),
            "pathway_code": pick(
                [*_PATHWAYS.values()], np.array([known.index(d) for d in on.disease], np.int64)
            ),
            "version_kind": pick(["1", "2"], layout.is_county[on.institution].astype(np.int64)),
            "enter_time": on.admit + 3_600,
            "exit_time": np.where(left_open, np.datetime64("NaT"), on.due - 1_800),
            "result": null_where(pick(["1", "2", "3"], result), left_open),
            "variance_code": pick(["", "BY01", "BY02"], np.where(result == 1, 1 + row % 2, -1)),
        },
    )


def bed_frame(h: Happened) -> Frame:
    """his_bed_daily: every ward of every hospital on every day of the month; one of them keeps adding beds."""
    layout, month, days = h.layout, h.month, len(h.month.days)
    _, table = department_codes(h.world.diseases, layout)
    present = h.present
    ward = table[present.institution, present.disease]
    shape = (layout.size, 20, days)
    into, out_of, died = (np.zeros(shape, np.int64) for _ in range(3))
    first = month.value.astype("datetime64[D]")
    came = (present.admit.astype("datetime64[D]") - first).astype(np.int64)
    went = (present.due.astype("datetime64[D]") - first).astype(np.int64)
    here, gone = (came >= 0) & (came < days), went < days
    np.add.at(into, (present.institution[here], ward[here], came[here]), 1)
    np.add.at(out_of, (present.institution[gone], ward[gone], went[gone]), 1)
    dead = gone & (present.leaving == 5)
    np.add.at(died, (present.institution[dead], ward[dead], went[dead]), 1)
    stayed = np.zeros((layout.size, 20), np.int64)
    before = came < 0
    np.add.at(stayed, (present.institution[before], ward[before]), 1)
    occupied = stayed[:, :, None] + np.cumsum(into - out_of, axis=2)
    place, ward, day = _wards(layout, table, days)
    beds = np.array([_OPEN_BEDS.get(tier, 0) for tier in layout.tiers])[place]
    grower = h.world.culprits["床位扩张"]
    growing = place == grower
    extra = np.where(growing, (beds * _GROWTH_PER_MONTH * (month.number + 2)).astype(np.int64) + 1, 0)
    marks = [
        Mark(
            np.flatnonzero(growing & (day == 0)),
            "床位扩张",
            place[growing & (day == 0)],
            "开放床位逐月增加,远超核定",
        )
    ]
    used = occupied[place, ward, day]
    return Frame(
        "his_bed_daily",
        len(place),
        layout.deliverer[place],
        {
            "org_code": layout.codes.take(pa.array(place)),
            "dept_code": identifier("", ward + 1, 2),
            "stat_date": first + day,
            "open_beds": beds + extra,
            "extra_beds": np.maximum(used - beds - extra, 0),
            "occupied_beds": used,
            "admissions": into[place, ward, day],
            "discharges": out_of[place, ward, day],
            "transfers_in": np.zeros(len(place), np.int64),
            "transfers_out": np.zeros(len(place), np.int64),
            "deaths": died[place, ward, day],
        },
        marks=[mark for mark in marks if len(mark.rows)],
    )


def _wards(layout, table: np.ndarray, days: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Institution, department index and day of every line: the departments some disease leads to."""
    pairs = [(i, d) for i in range(layout.size) if not layout.is_village[i] for d in np.unique(table[i])]
    place, ward = np.array(pairs).T
    return np.repeat(place, days), np.repeat(ward, days), np.tile(np.arange(days), len(place))
