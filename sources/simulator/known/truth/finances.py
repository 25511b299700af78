"""KPI-022, 075, 094, 109 to 115, 117 and 120: what members earned, spent, owed, paid and bought."""

from collections import defaultdict

import numpy as np

from sources.simulator.afterwards import books
from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening import medicines
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import (
    ALL_BUT_VILLAGE,
    COUNTY,
    EVERYONE,
    GRASS_ROOTS,
    Evidence,
    merged,
)

_WITH_BEDS = (*COUNTY, "township")
_DRUGS, _HERBS, _MATERIALS, _TESTS = (9, 11), (10,), (8,), (3, 4)
_STAFF_ACCOUNT, _OWN_SOCIAL_INSURANCE = "500101", "07"
_PERFORMANCE, _PEOPLE_OF_A_POST = ("02", "03", "05", "06"), 3


def evidence(arrived: Arrived) -> list[Evidence]:
    """All of them."""
    return [
        *_accounts(arrived),
        *_balances(arrived),
        _pay(arrived),
        _within_posts(arrived),
        _essential(arrived),
    ]


def _accounts(arrived: Arrived) -> list[Evidence]:
    earned, spent, granted = _earned(arrived), _spent(arrived), _granted(arrived)

    def of(
        kpi: str, tiers: tuple[str, ...], rows: Arrays, above: np.ndarray | int, below: np.ndarray | int
    ) -> Evidence:
        return arrived.evidence(kpi, tiers, rows.member, rows.due, above, below)

    def share(kpi: str, tiers: tuple[str, ...], kinds: tuple[int, ...], rows: Arrays = earned) -> Evidence:
        return of(kpi, tiers, rows, rows.fen * np.isin(rows.kind, kinds), rows.fen)

    services = tuple(k for k in books.INCOME if k not in (*_DRUGS, *_HERBS, *_MATERIALS, *_TESTS))
    no_herbs = earned.take(~np.isin(earned.kind, _HERBS))
    budget = books.budget(spent.fen)
    return [
        share("KPI-109", ALL_BUT_VILLAGE, services),
        share("KPI-110", _WITH_BEDS, _DRUGS, no_herbs),
        share("KPI-111", COUNTY, _MATERIALS),
        of("KPI-112", _WITH_BEDS, spent, spent.fen * spent.is_staff, spent.fen),
        merged(
            *(of("KPI-114", ALL_BUT_VILLAGE, rows, rows.fen, rows.fen) for rows in (earned, granted)),
            of("KPI-114", ALL_BUT_VILLAGE, spent, -spent.fen, 0),
        ),
        _growth(arrived, earned),
        of("KPI-117", ALL_BUT_VILLAGE, spent, spent.fen - budget, budget),
        merged(
            *(of("KPI-094", COUNTY, rows, 0, rows.fen) for rows in (earned, granted)),
            of("KPI-094", COUNTY, granted, books.energy(books.assets(arrived.layout, granted.member)), 0),
        ).of(scale=10_000),
    ]


def _earned(arrived: Arrived) -> Arrays:
    """Income by outpatients and inpatients and fee category."""
    rows = arrived.of("income")
    return rows.take(np.isin(rows.kind, list(books.INCOME)))


def _spent(arrived: Arrived) -> Arrays:
    """Expense by account, in proportion to all income of the month."""
    rows = arrived.of("income")
    cells, cell = np.unique(
        np.column_stack([arrived.month_of(rows.due), rows.member]), axis=0, return_inverse=True
    )
    total = np.zeros(len(cells), np.int64)
    np.add.at(total, cell.reshape(-1), rows.fen)
    shares = np.array([share for _, _, share in books.EXPENSES])
    is_staff = np.array([account == _STAFF_ACCOUNT for account, _, _ in books.EXPENSES])
    months = np.array([month.start for month in arrived.world.months])
    return Arrays(
        member=np.repeat(cells[:, 1], len(shares)),
        due=months[np.repeat(cells[:, 0], len(shares))],
        fen=(total[:, None] * shares // 1_000).ravel(),
        is_staff=np.tile(is_staff, len(cells)),
    )


def _granted(arrived: Arrived) -> Arrays:
    """Basic subsidies of every member and month."""
    member, due = _members_by_month(arrived)
    return Arrays(member=member, due=due, fen=np.array([books.subsidy(one) for one in member.tolist()]))


def _members_by_month(arrived: Arrived) -> tuple[np.ndarray, np.ndarray]:
    members, months = np.unique(arrived.layout.deliverer), arrived.world.months
    return np.tile(members, len(months)), np.repeat(np.array([m.start for m in months]), len(members))


def _growth(arrived: Arrived, earned: Arrays) -> Evidence:
    """Months with a year before them."""
    month = arrived.month_of(earned.due)
    here, then = month >= 12, month + 12
    now = arrived.evidence("KPI-115", _WITH_BEDS, earned.member[here], month[here], earned.fen[here], 0)
    return merged(now, arrived.evidence("KPI-115", _WITH_BEDS, earned.member, then, -earned.fen, earned.fen))


def _balances(arrived: Arrived) -> list[Evidence]:
    """What is owed of what is owned at the end of a month."""
    member, due = _members_by_month(arrived)
    owned, rows = books.assets(arrived.layout, member), arrived.of("income")
    income = np.zeros((len(arrived.world.months), arrived.layout.size), np.int64)
    np.add.at(income, (arrived.month_of(rows.due), rows.member), rows.fen)
    held = owned + income[arrived.month_of(due), member]
    found = arrived.evidence("KPI-113", ALL_BUT_VILLAGE, member, due, books.liabilities(owned), held)
    return [found.of(over=("last", "last"))]


def _pay(arrived: Arrived) -> Evidence:
    """Pay at the grass roots against the mean of the county hospitals of the alliance, person by person."""
    layout, rows = arrived.layout, []
    at_county, alliance, tiers = layout.is_county, layout.alliance_of, layout.tiers
    for month in arrived.world.months:
        paid = [
            (person.institution, sum(fen for item, fen in books.pay(person) if item != _OWN_SOCIAL_INSURANCE))
            for person in arrived.world.workforce.staff
            if person.there_on(month.last_day)
        ]
        for number in range(len(layout.alliance_ids)):
            hospital = [fen for place, fen in paid if at_county[place] and alliance[place] == number]
            if hospital:
                mean = (2 * sum(hospital) + len(hospital)) // (2 * len(hospital))
                rows += [
                    (place, month.number, fen, mean)
                    for place, fen in paid
                    if tiers[place] in GRASS_ROOTS and alliance[place] == number
                ]
    place, number, fen, mean = np.array(rows, np.int64).T
    return arrived.evidence("KPI-022", GRASS_ROOTS, place, number, fen, mean).of(scale=1)


def _within_posts(arrived: Arrived) -> Evidence:
    """Performance pay of each person against the mean of those of the same title there, for whom the pay for the post is one."""
    rows = []
    for month in arrived.world.months:
        posts = defaultdict(list)
        for person in arrived.world.workforce.staff:
            if person.there_on(month.last_day):
                performance = sum(fen for item, fen in books.pay(person) if item in _PERFORMANCE)
                posts[person.institution, person.title].append(performance)
        for (place, _), paid in posts.items():
            if len(paid) >= _PEOPLE_OF_A_POST:
                total = sum(paid)
                rows += [
                    (place, month.number, (20_000 * len(paid) * fen + total) // (2 * total)) for fen in paid
                ]
    place, number, relative = np.array(rows, np.int64).T
    return arrived.evidence("KPI-120", _WITH_BEDS, place, number, relative, 1).of(statistic="cv")


def _essential(arrived: Arrived) -> Evidence:
    """Money for essential medicines of money for all but herbs."""
    rows = arrived.of("purchase")
    rows = rows.take(~medicines.is_herb(rows.drug))
    essential = rows.fen * medicines.is_essential(rows.drug)
    return arrived.evidence("KPI-075", EVERYONE, rows.member, rows.due, essential, rows.fen)
