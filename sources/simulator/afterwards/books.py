"""The books: income from the fee lines charged in the month, expenses in proportion, balance, costs, payroll, purchases.

Not here: what is charged (happening/fee_book.py).
"""

from typing import Any

import numpy as np
import pyarrow as pa

from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.keys import staff_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.text import identifier, join, pick, scaled
from sources.simulator.happening import medicines
from sources.simulator.happening.fee_book import income
from sources.simulator.happening.fee_items import CATEGORIES
from sources.simulator.place.departments import departments_of
from sources.simulator.place.staff import PHYSICIANS, StaffMember
from sources.simulator.state.happened import Happened

INCOME = {1: "床位", 2: "诊察", 3: "检查", 4: "化验", 5: "治疗", 6: "手术", 7: "护理", 8: "卫生材料", 9: "西药",
           10: "中药饮片", 11: "中成药", 12: "一般诊疗"}  # fmt: skip
# account, name, share of the income (per mille)
EXPENSES = [("500101", "人员经费", 430), ("500102", "卫生材料费", 120), ("500103", "药品费", 270),
             ("500104", "固定资产折旧", 60), ("500105", "其他运行费用", 90)]  # fmt: skip
_COST_ITEMS = [("01", 430), ("02", 120), ("03", 270), ("04", 60), ("07", 90)]
_PAY = [("01", 320_000), ("02", 120_000), ("03", 180_000), ("07", 150_000)]
_REWARD, _PHYSICIAN_FEE, _POOL = "03", ("05", 60_000), ("06", 30_000)
_TITLE_FACTOR = {"1": 170, "2": 140, "3": 115, "4": 95, "5": 80, "9": 85}


def subsidy(member: int) -> int:
    """Fen of basic subsidies a member gets in a month."""
    return 30_000_000 + member * 1_000_000


def budget(amount: np.ndarray) -> np.ndarray:
    """What had been planned where so much came."""
    return amount * 98 // 100


def assets(layout: Layout, place: np.ndarray) -> np.ndarray:
    """Fen of what members own, the month's income aside."""
    return np.where(layout.is_county[place], 90, 6) * 100_000_000


def liabilities(owned: np.ndarray) -> np.ndarray:
    return owned * 4 // 10


def energy(owned: np.ndarray) -> np.ndarray:
    return owned // 1_000


def frames(h: Happened) -> list[Frame]:
    """fin_monthly, fin_balance, fin_cost, fin_payroll of every member; fin_purchase."""
    earned = _income(h)
    return [_monthly(h, earned), _balance(h, earned), _cost(h, earned), _payroll(h), _purchases(h)]


def _income(h: Happened) -> np.ndarray:
    """Fen charged this month, [member, outpatient or inpatient, fee category]; refunds taken off."""
    rows = income(h.charged, h.layout)
    total = np.zeros((h.layout.size, 2, CATEGORIES), np.int64)
    total[rows.member, rows.way, rows.kind] = rows.fen
    return total


def _monthly(h: Happened, income: np.ndarray) -> Frame:
    rows = []
    for member in h.members:
        earned = int(income[member].sum())
        for way, name in enumerate(("门急诊", "住院")):
            rows += [
                (member, f"4101{way + 1:02d}{kind:02d}", f"{name}收入-{what}", int(income[member, way, kind]))
                for kind, what in INCOME.items()
            ]
        rows += [(member, account, what, earned * share // 1_000) for account, what, share in EXPENSES]
        rows.append((member, "400101", "财政补助收入", subsidy(member)))
    place, account, told, amount = zip(*rows, strict=True)
    columns = {
        "acct_code": pa.array(account),
        "acct_name": pa.array(told),
        "amount": np.array(amount),
        "budget": budget(np.array(amount)),
    }
    return _book(h, "fin_monthly", np.array(place), columns)


def _balance(h: Happened, income: np.ndarray) -> Frame:
    place = h.members
    size = assets(h.layout, place)
    return _book(
        h,
        "fin_balance",
        place,
        {
            "total_assets": size + income[place].sum(axis=(1, 2)),
            "total_liab": liabilities(size),
            "current_assets": size * 23 // 100,
            "current_liab": size * 21 // 100,
            "insurance_receivable": income[place, 1].sum(axis=1),
            "energy_cost": energy(size),
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
    rows = [(p, item, fen) for p in people for item, fen in pay(p)]
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


def pay(person: StaffMember) -> list[tuple[str, int]]:
    """Fen of each pay item that a member of staff is paid in a month; the reward and the physician fee follow the work done."""
    work = 60 + person.number * 37 % 81  # per cent of what is usual
    items = [(item, level * _TITLE_FACTOR[person.title] // 100) for item, level in _PAY]
    paid = [(item, fen * work // 100 if item == _REWARD else fen) for item, fen in items]
    if person.kind in PHYSICIANS:
        item, level = _PHYSICIAN_FEE
        paid.append((item, level * work // 100))
    return [*paid, _POOL] if person.number % 4 == 0 else paid


def _purchases(h: Happened) -> Frame:
    """What each member bought of every medicine, early in the month, enough for what it prescribed."""
    codes, rows = medicines.insurance_codes(), medicines.bought(h.items, h.visits, h.layout)
    drug, where, quantity = rows.drug, rows.member, rows.quantity
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
            "amount": rows.fen,
            "essential_flag": pick(["0", "1"], medicines.is_essential(drug)),
            "vbp_flag": pick(["0", "1"], drug % 3 == 0),
            "key_monitor_flag": pick(["0", "1"], drug % 10 == 9),
        },
    )


def _book(h: Happened, feed: str, place: np.ndarray, columns: dict[str, Any]) -> Frame:
    """Rows of a member's books, kept for all of them at the alliance's office."""
    own = {"org_code": pick(h.layout.codes, place), "period": h.month.name}
    return platform_frame(feed, len(place), {**own, **columns})
