"""The medicine cupboard, prescriptions and their items. Not here: what a medicine costs on a bill (fees.py)."""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, running_number
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame
from sources.simulator.ground.keys import prescription_no, staff_id, visit_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import pick
from sources.simulator.place.diseases import CHRONIC, Diseases

# code, insurance code, name, specification, price (fen), daily dose, unit, DDD, antibiotic level, injection, kind, used for
_ROWS = """
YP00001|XC08CAA067A001010104567|苯磺酸氨氯地平片|5mg*28片|2350|5|mg|5|0|0|1|htn
YP00002|XC09AAY107A001010202345|缬沙坦胶囊|80mg*14粒|1860|80|mg|80|0|0|1|htn
YP00003|XA10BAE046A001010303456|盐酸二甲双胍片|0.5g*60片|1280|1|g|2|0|0|1|dm
YP00004|XA10BBG055A001010404567|格列美脲片|2mg*30片|1990|2|mg|2|0|0|1|dm
YP00005|XB01ACA056A001010505678|阿司匹林肠溶片|100mg*30片|1240|100|mg|100|0|0|1|chd
YP00006|XC10AAA102A001010606789|阿托伐他汀钙片|20mg*7片|1520|20|mg|20|0|0|1|chd
YP00007|XR03DAA066A001010707890|茶碱缓释片|0.1g*24片|980|0.2|g|0.4|0|0|1|copd
YP00008|XR03BAB188L001010808901|布地奈德气雾剂|200ug*200揿|6800|0.4|mg|0.8|0|0|1|copd
YP00009|XB01ACL184A001010909012|硫酸氢氯吡格雷片|75mg*7片|2860|75|mg|75|0|0|1|stroke
YP00010|XN06BXH043A001011010123|吡拉西坦片|0.4g*100片|1650|2.4|g|2.4|0|0|1|stroke
YP00011|XJ01CAA040E001011111234|阿莫西林胶囊|0.25g*24粒|890|1.5|g|1.5|1|0|1|chest
YP00012|XJ01DCT084A001011212345|头孢呋辛酯片|0.25g*12片|2680|0.5|g|0.5|1|0|1|chest
YP00013|XJ01MAZ107A001011313456|左氧氟沙星片|0.5g*4片|2180|0.5|g|0.5|2|0|1|abdomen
YP00014|XJ01DDT096B001011414567|注射用头孢曲松钠|1g|720|2|g|2|2|1|4|chest
YP00015|XA02BCA160A001011515678|奥美拉唑肠溶胶囊|20mg*14粒|1480|20|mg|20|0|0|1|abdomen
YP00016|XM01AEB134A001011616789|布洛芬缓释胶囊|0.3g*20粒|1750|0.6|g|1.2|0|0|1|spine
YP00017|ZA04BAL0123010117170001|连花清瘟胶囊|0.35g*24粒|1480|||||0|2|chest
YP00018|ZA09BAS0456010118180002|血塞通软胶囊|60mg*24粒|3260|||||0|2|heart
YP00019|ZA12CAY0789010119190003|腰痛宁胶囊|0.3g*20粒|2890|||||0|2|spine
YP00020|XR06AEX165A001012020123|盐酸西替利嗪片|10mg*12片|1290|10|mg|10|0|0|1|none
YP00021|XA07BCM001P001012121234|蒙脱石散|3g*10袋|1160|9|g|9|0|0|1|abdomen
YP00022|XN02BEB008A001012222345|对乙酰氨基酚片|0.5g*12片|480|1.5|g|3|0|0|1|none
YP00023|T001700285|黄芪|10g|260|10|g|||0|3|herb
YP00024|T000900133|当归|10g|340|10|g|||0|3|herb
YP00025|T001200076|甘草|6g|120|6|g|||0|3|herb
"""
_COLUMNS = list(zip(*(line.split("|") for line in _ROWS.strip().splitlines()), strict=True))
_PRICE = np.array(_COLUMNS[4], dtype=np.int64)
_KIND = np.array(_COLUMNS[10], dtype=np.int64)
_USE = np.array(_COLUMNS[11])
_ANTIBIOTIC = np.array([level not in ("", "0") for level in _COLUMNS[8]])
HERBS, _INJECTION = 3, 4
_CUPBOARD = int((_KIND != HERBS).sum())  # herbs stand last: only a herbal prescription has them
_HERBAL, _HERBAL_ELSEWHERE = 0.3, 0.01  # share of prescriptions at visits of Chinese medicine, and at others
_DRIPPED = 0.7  # share of injections that are given as a drip; the others go into the muscle
BY_MOUTH, DRIP, INTO_THE_MUSCLE = range(3)
_ROUTES = ["1", "404", "403"]


def prescribe(
    seed: int, month: CalendarMonth, visits: Arrays, diseases: Diseases, layout: Layout
) -> tuple[Arrays, Arrays]:
    """Return (prescriptions, items) of the month's completed visits; `row` points at the visit, `rx` at the prescription."""
    rng = stream(seed, "prescriptions", month.number)
    chance = np.where(layout.is_county[visits.institution], 0.60, 0.74) * (visits.status == 1)
    row = np.flatnonzero(rng.random(visits.rows) < chance)
    chronic = np.isin(diseases.groups[visits.disease[row]], CHRONIC)
    long = chronic & (rng.random(len(row)) < 0.4)
    days = np.where(long, 28, np.where(chronic, 14, rng.integers(3, 8, len(row))))
    count = 1 + (rng.random(len(row)) < 0.55) + (rng.random(len(row)) < 0.2)
    rx = np.repeat(np.arange(len(row)), count)
    drug = _drugs(rng, diseases, visits.disease[row[rx]])
    drug = _with_herbs(stream(seed, "herbs", month.number), drug, rx, visits.tcm[row])
    quantity = np.where(long[rx], 2, 1) + (rng.random(len(rx)) < 0.25)
    price = _PRICE[drug]
    items = Arrays(
        rx=rx, row=row[rx], drug=drug, quantity=quantity, price=price, fen=quantity * price, days=days[rx]
    )
    items["position"] = running_number(rx, len(row)) + 1
    items["route"] = _routes(stream(seed, "routes", month.number), drug)
    items["antibiotic"] = _ANTIBIOTIC[drug]
    first = np.searchsorted(rx, np.arange(len(row)))
    prescriptions = Arrays(
        row=row,
        days=days,
        long=long,
        fen=np.bincount(rx, weights=items.fen, minlength=len(row)).astype(np.int64),
        kind=_KIND[drug[first]] if len(rx) else np.zeros(0, np.int64),
    )
    deliverer = layout.deliverer[visits.institution[row]]
    prescriptions["number"] = month.id_base + 1 + running_number(deliverer, layout.size)
    return prescriptions, items


def _drugs(rng: np.random.Generator, diseases: Diseases, disease: np.ndarray) -> np.ndarray:
    """Two thirds of the items fit the disease, the rest is what is always in the cupboard."""
    drug = rng.integers(0, _CUPBOARD, len(disease))
    fits = rng.random(len(disease)) < 0.85
    for number in np.unique(disease):
        wanted = np.flatnonzero((diseases.groups[number] == _USE) | (diseases.orders[number] == _USE))
        wanted = wanted if len(wanted) else np.flatnonzero(_USE == "none")
        mask = fits & (disease == number)
        drug[mask] = wanted[rng.integers(0, len(wanted), int(mask.sum()))]
    return drug


def _with_herbs(rng: np.random.Generator, drug: np.ndarray, rx: np.ndarray, tcm: np.ndarray) -> np.ndarray:
    """The drugs, those of herbal prescriptions replaced by herbs."""
    herbal = rng.random(len(tcm)) < np.where(tcm, _HERBAL, _HERBAL_ELSEWHERE)
    return np.where(herbal[rx], rng.integers(_CUPBOARD, len(_PRICE), len(drug)), drug)


def _routes(rng: np.random.Generator, drug: np.ndarray) -> np.ndarray:
    given = np.where(rng.random(len(drug)) < _DRIPPED, DRIP, INTO_THE_MUSCLE)
    return np.where(_KIND[drug] == _INJECTION, given, BY_MOUTH)


def prescription_frame(prescriptions: Arrays, visits: Arrays, layout: Layout) -> Frame:
    """his_rx."""
    visit = visits.take(prescriptions.row)
    return Frame(
        "his_rx",
        prescriptions.rows,
        layout.deliverer[visit.institution],
        {
            "org_code": pick(layout.codes, visit.institution),
            "rx_no": prescription_no(prescriptions.number),
            "visit_id": visit_id(visit.number),
            "staff_id": staff_id(visit.doctor),
            "rx_time": visit.due + 660,
            "rx_type": pa.array(prescriptions.kind).cast(pa.string()),
            "rx_days": prescriptions.days,
            "long_rx_flag": pick(["0", "1"], prescriptions.long),
            "rx_amount": prescriptions.fen,
            "audit_result": pick(
                ["1", "2", "9"],
                np.select([prescriptions.number % 40 == 0, prescriptions.number % 15 == 0], [1, 2], 0),
            ),
            "status": "1",
        },
        event=prescriptions.event,
        subject="prescription",
    )


def item_frame(items: Arrays, prescriptions: Arrays, visits: Arrays, layout: Layout) -> Frame:
    """his_rx_item."""
    drug = items.drug
    text = [pick([value or None for value in column], drug) for column in _COLUMNS]
    return Frame(
        "his_rx_item",
        items.rows,
        layout.deliverer[visits.institution[items.row]],
        {
            "rx_no": prescription_no(prescriptions.number[items.rx]),
            "item_no": items.position,
            "drug_code": text[0],
            "nhsa_drug_code": text[1],
            "drug_name": text[2],
            "spec": text[3],
            "dose": text[5],
            "dose_unit": text[6],
            "freq": pick(["qd", "bid", "tid"], drug % 3),
            "route": pick(_ROUTES, items.route),
            "days": items.days,
            "qty": pa.array(items.quantity).cast(pa.string()),
            "unit": "盒",
            "price": items.price,
            "amount": items.fen,
            "ddd_value": text[7],
            "antibiotic_level": text[8],
            "essential_flag": pick(["0", "1"], drug % 4 != 3),
            "vbp_flag": pick(["0", "1"], drug % 3 == 0),
            "injection_flag": text[9],
        },
        event=items.event,
        subject="prescription item",
    )


def drug_type(drug: np.ndarray) -> np.ndarray:
    """Fee category of a drug: 09 western, 10 herbs, 11 Chinese patent medicine."""
    return np.select([_KIND[drug] == 2, is_herb(drug)], [11, 10], 9)


def is_herb(drug: np.ndarray) -> np.ndarray:
    """Whether a drug is a herb."""
    return _KIND[drug] == HERBS


def prices() -> np.ndarray:
    """Price of each drug in fen."""
    return _PRICE


def drug_names() -> pa.Array:
    return pa.array(_COLUMNS[2])


def drug_codes() -> pa.Array:
    return pa.array(_COLUMNS[0])


def insurance_codes() -> pa.Array:
    return pa.array(_COLUMNS[1])


def sample(rng: np.random.Generator, size: int) -> np.ndarray:
    """Any drugs but herbs (for fee lines of stays)."""
    return draw(rng, np.ones(_CUPBOARD), size)


def bought(items: Arrays, visits: Arrays, layout: Layout) -> Arrays:
    """What each deliverer buys of every drug in a month: what it prescribed, and five packs."""
    members = np.unique(layout.deliverer)
    member, drug = np.repeat(members, len(_PRICE)), np.tile(np.arange(len(_PRICE)), len(members))
    used = np.zeros((layout.size, len(_PRICE)), np.int64)
    np.add.at(used, (layout.deliverer[visits.institution[items.row]], items.drug), items.quantity)
    quantity = used[member, drug] + 5
    return Arrays(member=member, drug=drug, quantity=quantity, fen=quantity * _PRICE[drug])


def is_essential(drug: np.ndarray) -> np.ndarray:
    """Whether a drug is on the list of essential ones."""
    return drug % 4 != 3
