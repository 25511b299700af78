"""What the alliance's office keeps by hand: price list, work points, the checklist of a tight alliance, meetings, grades.

Not here: what is done for the members (office.py).
"""

import json

import numpy as np
import pyarrow as pa

from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.text import pick, scaled
from sources.simulator.happening.fee_items import catalogue_points
from sources.simulator.place.price_list import PRICES, SPLITS
from sources.simulator.state.happened import Happened

_ITEMS = [
    "REN-01",
    "REN-02",
    "REN-03",
    "CAI-01",
    "CAI-02",
    "WU-01",
    "YAO-01",
    "XIN-01",
    "ZHUAN-01",
    "ZHONG-01",
]


# Of the two meetings of every month.
MAJOR_ITEMS, PARTICIPATED = np.array([5, 4]), np.array([5, 3])


def frames(h: Happened) -> list[Frame]:
    """cfg_internal_price, cfg_fee_point, gov_checklist, gov_meeting, gov_accreditation."""
    return [_prices(h), _points(h), _checklist(h), _meetings(h), _grades(h)]


def _prices(h: Happened) -> Frame:
    """The versions that had begun by the end of the month."""
    prices = [price for price in PRICES if price.first_day <= h.month.last_day]
    columns = {
        "service_code": pa.array([price.service for price in prices]),
        "price": np.array([price.fen for price in prices]),
        "split_json": pa.array(
            [json.dumps(SPLITS.get(price.service, {"provider": 100})) for price in prices]
        ),
        "version": pa.array([price.version for price in prices]),
    }
    return platform_frame("cfg_internal_price", len(prices), columns)


def _points(h: Happened) -> Frame:
    code, work, risk, split = zip(*catalogue_points(), strict=True)
    columns = {
        "item_code": pa.array(code),
        "work_rvu": scaled(np.array(work), 4),
        "risk_rvu": scaled(np.array(risk), 4),
        "role_split": pa.array([None if each is None else json.dumps(each) for each in split]),
    }
    return platform_frame("cfg_fee_point", len(code), columns)


def checklist(layout: Layout) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(number of the item, number of the alliance, achieved) of every line of the half-year's list."""
    size = len(layout.alliance_ids)
    item = np.tile(np.arange(len(_ITEMS)), size)
    which = np.repeat(np.arange(size), len(_ITEMS))
    return item, which, (item + which) % 4 != 0


def category(item: np.ndarray) -> np.ndarray:
    """1 unified management, 2 democratic decisions, 3 coordination."""
    return item % 3 + 1


def documented(item: np.ndarray) -> np.ndarray:
    """Whether somebody kept a document of it."""
    return item % 5 != 2


def _checklist(h: Happened) -> Frame:
    item, which, achieved = checklist(h.layout)
    columns = {
        "item_id": pa.array([f"{_ITEMS[i]}{'AB'[a]}" for i, a in zip(item, which, strict=True)]),
        "alliance_id": pick(h.layout.alliance_ids, which),
        "period": h.month.half_year,
        "category": pick(["1", "2", "3"], category(item) - 1),
        "achieved": pick(["0", "1"], achieved),
        "evidence_doc": pick(
            [f"会议纪要{h.month.half_year.replace('H', '-')}"],
            np.where(achieved & documented(item), 0, -1),
        ),
    }
    return platform_frame("gov_checklist", len(item), columns)


def _meetings(h: Happened) -> Frame:
    number = np.arange(2)
    columns = {
        "meet_id": pa.array([f"HY{h.month.name}-{n + 1}" for n in number]),
        "body": pick(["1", "4"], number),
        "meet_date": h.month.first_day + 9 + number * 10,
        "major_items": MAJOR_ITEMS,
        "member_participated": PARTICIPATED,
        "resolution_no": pa.array([f"YGT-{h.month.name}-{n + 1}" for n in number]),
    }
    return platform_frame("gov_meeting", len(number), columns)


def grade(place: np.ndarray) -> np.ndarray:
    """Standard an institution has reached: 0 none, 1 basic, 2 recommended."""
    return place % 3


def _grades(h: Happened) -> Frame:
    place = np.concatenate([h.layout.county, h.layout.primary])
    columns = {
        "org_code": pick(h.layout.codes, place),
        "year": np.full(len(place), h.month.year - 1),
        "standard_level": pick(["0", "1", "2"], grade(place)),
        "doc_no": f"卫健评〔{h.month.year - 1}〕1号",
    }
    return platform_frame("gov_accreditation", len(place), columns)
