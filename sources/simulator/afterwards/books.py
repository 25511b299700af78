"""The books: income from the fee lines charged in the month, expenses in proportion, balance, costs, payroll, purchases.

Not here: what is charged (happening/fee_book.py).
"""

from typing import Any

import numpy as np
import pyarrow as pa

from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.keys import staff_id
from sources.simulator.ground.text import identifier, join, pick, scaled
from sources.simulator.happening import medicines
from sources.simulator.happening.fee_book import REVERSAL
from sources.simulator.happening.fee_items import CATEGORIES, category
from sources.simulator.place.departments import departments_of
from sources.simulator.state.happened import Happened

_INCOME = {1: "床位", 2: "诊察", 3: "检查", 4: "化验", 5: "治疗", 6: "手术", 7: "护理", 8: "卫生材料", 9: "西药",
           11: "中成药", 12: "一般诊疗"}  # fmt: skip
# account, name, share of the income (per mille)
_EXPENSES = [("500101", "人员经费", 430), ("500102", "卫生材料费", 120), ("500103", "药品费", 270),
             ("500104", "固定资产折旧", 60), ("500105", "其他运行费用", 90)]  # fmt: skip
_COST_ITEMS = [("01", 430), ("02", 120), ("03", 270), ("04", 60), ("07", 90)]
_PAY = [("01", 320_000), ("02", 120_000), ("03", 180_000), ("07", 150_000)]
_TITLE_FACTOR = {"1": 170, "2": 140, "3": 115, "4": 95, "5": 80, "9": 85}


def frames(h: Happened) -> list[Frame]:
    """fin_monthly, fin_balance, fin_cost, fin_payroll of every member; fin_purchase."""
    income = _income(h)
    return [_monthly(h, income), _balance(h, income), _cost(h, income), _payroll(h), _purchases(h)]


def _income(h: Happened) -> np.ndarray:
    """Fen charged this month, [member, outpatient or inpatient, fee category]; refunds taken off."""
    lines = h.charged
    member = h.layout.deliverer[lines.institution]
    amount = lines.quantity * lines.price * np.where(lines.state == REVERSAL, -1, 1)
    total = np.zeros((h.layout.size, 2, CATEGORIES), np.int64)
    np.add.at(total, (member, lines.source, category(lines.item)), amount)
    return total


def _monthly(h: Happened, income: np.ndarray) -> Frame:
    rows = []
    for member in h.members:
        earned = int(income[member].sum())
        for way, name in enumerate(("门急诊", "住院")):
            rows += [
                (member, f"4101{way + 1:02d}{kind:02d}", f"{name}收入-{what}", int(income[member, way, kind]))
                for kind, what in _INCOME.items()
            ]
        rows += [(member, account, what, earned * share // 1_000) for account, what, share in _EXPENSES]
        rows.append((member, "400101", "财政补助收入", 30_000_000 + member * 1_000_000))
    place, account, told, amount = zip(*rows, strict=True)
    columns = {
        "acct_code": pa.array(account),
        "acct_name": pa.array(told),
        "amount": np.array(amount),
        "budget": np.array(amount) * 98 // 100,
    }
    return _book(h, "fin_monthly", np.array(place), columns)


def _balance(h: Happened, income: np.ndarray) -> Frame:
    place = h.members
    size = np.where(h.layout.is_county[place], 90, 6) * 100_000_000
    return _book(
        h,
        "fin_balance",
        place,
        {
            "total_assets": size + income[place].sum(axis=(1, 2)),
            "total_liab": size * 4 // 10,
            "current_assets": size * 23 // 100,
            "current_liab": size * 21 // 100,
            "insurance_receivable": income[place, 1].sum(axis=1),
            "energy_cost": size // 1_000,
        },
    )


def _cost(h: Happened, income: np.ndarray) -> Frame:
    rows = []
    for member in h.members:
        number = len(departments_of(h.layout.tiers[member]))
        earned = int(income[member].sum())
        rows += [
            (member, f"{n + 1:02d}", item, earned * share // 1_000 // number)
            for n in range(number)
            for item, share in _COST_ITEMS
        ]
    place, ward, item, amount = zip(*rows, strict=True)
    columns = {
        "dept_code": pa.array(ward),
        "cost_item": pa.array(item),
        "cost_layer": "1",
        "amount": np.array(amount),
    }
    return _book(h, "fin_cost", np.array(place), columns)


def _payroll(h: Happened) -> Frame:
    people = [p for p in h.world.workforce.staff if p.there_on(h.month.last_day)]
    rows = [(p, item, level * _TITLE_FACTOR[p.title] // 100) for p in people for item, level in _PAY]
    place = np.array([p.institution for p, _, _ in rows])
    return _book(
        h,
        "fin_payroll",
        place,
        {
            "staff_id": staff_id(np.array([p.number for p, _, _ in rows])),
            "pay_item": pa.array([item for _, item, _ in rows]),
            "amount": np.array([amount for _, _, amount in rows]),
        },
    )


def _purchases(h: Happened) -> Frame:
    """What each member bought of every medicine, early in the month, enough for what it prescribed."""
    codes, place = medicines.insurance_codes(), h.members
    drug = np.tile(np.arange(len(codes)), len(place))
    where = np.repeat(place, len(codes))
    used = np.zeros((h.layout.size, len(codes)), np.int64)
    np.add.at(used, (h.layout.deliverer[h.visits.institution[h.items.row]], h.items.drug), h.items.quantity)
    quantity = used[where, drug] + 5
    serial = h.month.id_base + 1 + drug
    return Frame(
        "fin_purchase",
        len(drug),
        where,
        {
            "po_line": join(identifier("CG", serial, 10), "-1"),
            "org_code": pick(h.layout.codes, where),
            "item_code": pick(codes, drug),
            "in_date": h.month.first_day + 1 + drug % 5,
            "qty": scaled(quantity * 100, 2),
            "amount": quantity * medicines.prices()[drug],
            "essential_flag": pick(["0", "1"], drug % 4 != 3),
            "vbp_flag": pick(["0", "1"], drug % 3 == 0),
            "key_monitor_flag": pick(["0", "1"], drug % 10 == 9),
        },
    )


def _book(h: Happened, feed: str, place: np.ndarray, columns: dict[str, Any]) -> Frame:
    """Rows of a member's books, kept for all of them at the alliance's office."""
    own = {"org_code": pick(h.layout.codes, place), "period": h.month.name}
    return platform_frame(feed, len(place), {**own, **columns})
