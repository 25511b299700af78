"""The fund: yearly budgets of each alliance and insurance, and what the bureau clears by month and year.

Not here: what single cases are paid (payment.py).
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.text import identifier, join, pick, scaled
from sources.simulator.happening.settlements import INPATIENT, money
from sources.simulator.state.happened import Happened
from sources.simulator.state.world import World

_DEPOSIT = 5  # per cent held back
_RAISED = {310: 200_000, 390: 149_000}  # fen per head and year, by insurance
_FIRST_RISK = {
    310: 1_040,
    390: 970,
}  # risk coefficient of the first alliance, in thousandths; the mean of all is 1
# Of 100 raised: what is taken off (02 to 05), and what the rest is planned for (06 to 09).
_BUDGET = [
    ("01", 100),
    ("02", 5),
    ("03", 6),
    ("04", 3),
    ("05", 2),
    ("06", 20),
    ("07", 42),
    ("08", 19),
    ("09", 3),
]
_ADDED_PCT = 2  # what is raised more by the adjustment of the residents' budget in the second month, all of it for stays


def frames(h: Happened) -> list[Frame]:
    """Every feed of this module."""
    return [_monthly(h), _annual(h), _budget(h)]


def _declared(h: Happened) -> np.ndarray:
    """Fund money declared this month, [institution, outpatient or inpatient]."""
    s, total = h.settlements, np.zeros((h.layout.size, 2), np.int64)
    np.add.at(total, (s.institution, s.kind), s.sign * money(s, h.people)["fund_pay_sumamt"])
    return total


def _monthly(h: Happened) -> Frame:
    total = np.maximum(_declared(h), 0)
    place, kind = np.nonzero(total)
    fen = total[place, kind]
    deduct, deposit = fen * 6 // 1_000, fen * _DEPOSIT // 100
    event = h.enter("clearing", place=place, month=np.full(len(place), h.month.number), fen=fen)
    columns = {
        "fixmedins_code": pick(h.layout.codes, place),
        "period": h.month.name,
        "clr_type": pick(["11", "21"], kind == INPATIENT),
        "declared_fund": fen,
        "audit_deduct": deduct,
        "quality_deposit": deposit,
        "prepaid": fen - deduct - deposit,
        "paid_date": np.full(len(place), h.month.last_day),
    }
    return platform_frame("si_monthly_clearing", len(place), columns, event=event, subject="clearing")


def _annual(h: Happened) -> Frame:
    """The clearing of the year before: told in June, and with the first delivery."""
    told = h.month.number == 0 or h.month.name.endswith("-06")
    total = _declared(h).sum(axis=1)
    place = np.flatnonzero(total > 0) if told else np.zeros(0, np.int64)
    due = total[place] * 12
    prepaid = due * 95 // 100
    columns = {
        "fixmedins_code": pick(h.layout.codes, place),
        "year": np.full(len(place), h.month.year - 1),
        "total_points": scaled(due // 850 * 10_000, 4),
        "point_value": "8.5000",
        "due_amount": due,
        "prepaid_total": prepaid,
        "assess_score": pick([f"{n}.00" for n in range(80, 100)], place % 20),
        "deposit_return": due * 4 // 100,
        "surplus_retain": np.where(place % 3 == 0, due // 100, 0),
        "overspend_share": np.where(place % 3 == 1, due // 200, 0),
        "final_payable": due - prepaid,
    }
    return platform_frame("si_annual_clearing", len(place), columns)


def budget_lines(world: World, month: CalendarMonth) -> Arrays:
    """Lines of the yearly budget told this month: alliance, employees or not, item, fen, version.

    With the first delivery and every January, and one adjustment with the second delivery.
    """
    first, adjusted = month.number == 0 or month.name.endswith("-01"), month.number == 1
    residents = slice(0, world.people.count)
    insured, employee = world.people.insured[residents], world.people.employee[residents]
    alliance = world.layout.alliance_of[world.people.home[residents]]
    rows: list[tuple[int, ...]] = []
    for scheme in (310, 390):
        covered = insured & (employee == (scheme == 310))
        heads = [
            int((covered & (alliance == number)).sum()) for number in range(len(world.layout.alliance_ids))
        ]
        for number, hundredth in enumerate(_hundredths(heads, scheme)):
            if first:
                rows += [
                    (number, scheme, int(item), share * hundredth, heads[number], 1)
                    for item, share in _BUDGET
                ]
            if adjusted and scheme == 390:
                rows += [(number, scheme, item, _ADDED_PCT * hundredth, heads[number], 2) for item in (1, 7)]
    rows.sort()
    columns = np.array(rows, np.int64).reshape(-1, 6).T
    return Arrays(zip(("alliance", "scheme", "item", "fen", "heads", "version"), columns, strict=True))


def _hundredths(heads: list[int], scheme: int) -> list[int]:
    """A hundredth of what is raised for each alliance: its heads times its risk coefficient, of which the mean over all heads
    is 1. The first alliance has its own, the others share one.
    """
    own = heads[0] * _FIRST_RISK[scheme]
    rest = sum(heads[1:])
    weights = [own] + [(sum(heads) * 1_000 - own) * each // max(rest, 1) for each in heads[1:]]
    if not rest:
        weights = [heads[0] * 1_000]
    return [weight * _RAISED[scheme] // 100_000 for weight in weights]


def _budget(h: Happened) -> Frame:
    """The year's budget of each alliance and insurance, from New Year's Day or, adjusted, from the month on."""
    rows, year = budget_lines(h.world, h.month), h.month.year
    scheme, item = pick(["310", "390"], rows.scheme == 390), identifier("", rows.item, 2)
    number, version = identifier("", rows.alliance + 1, 2), identifier("", rows.version, 1)
    since = np.where(rows.version == 1, np.datetime64(f"{year}-01-01"), h.month.first_day)
    columns = {
        "budget_id": join(f"YS{year}-", number, "-", scheme, "-", item, "-", version),
        "alliance_id": pick(h.layout.alliance_ids, rows.alliance),
        "year": np.full(rows.rows, year),
        "insutype": scheme,
        "item_code": item,
        "amount": rows.fen,
        "insured_count": rows.heads,
        "basis_doc": f"县医保〔{year}〕3号",
        "version": rows.version,
        "effective_date": since,
    }
    return platform_frame("si_fund_budget", rows.rows, columns)
