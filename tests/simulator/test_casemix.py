"""How the county's stays are coded: a spread of groups, and each list in the group it was made for, by a grouper of other hands."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import pytest

from sources.simulator.afterwards.settle_lists import lists_of
from sources.simulator.ground.arrays import Arrays, concat
from sources.simulator.ground.calendar import month_range
from sources.simulator.ground.layout import DEMO, load_layout
from sources.simulator.happening.cases import coded
from sources.simulator.happening.stays import new_stays
from sources.simulator.known.policies import diseases_of
from sources.simulator.month.course import Course
from sources.simulator.place.casebook import Casebook, load_casebook
from sources.simulator.place.diseases import NEWBORN
from sources.simulator.state.carried import Carried
from sources.simulator.state.world import make_world
from tests.casemix.cases import SCHEME
from tests.casemix.oracle import Case, Oracle

MONTHS = ("2025-02", "2025-03")
BUREAU = "SI340621"


@dataclass(frozen=True)
class Year:
    lists: Arrays
    book: Casebook


@pytest.fixture(scope="module")
def year() -> Year:
    """The settlement lists of a year of 5,000 residents."""
    months = month_range("2025-12", 12)
    carried = Carried(make_world(5, 5_000, months, load_layout(), diseases_of(DEMO), defects=True))
    lists = concat([lists_of(Course(carried, month).happened()) for month in months])
    return Year(lists, carried.world.casebook)


def test_a_county_has_many_groups_and_few_cases_without_one(year):
    drgs = [year.book.drgs[number] for number in year.lists.drg if number >= 0]
    assert len(set(drgs)) >= 150
    assert {"1", "3", "5", "9"} <= {drg[3] for drg in drgs}
    assert len({drg[0] for drg in drgs}) >= 18
    assert 0 < (year.lists.drg < 0).mean() < 0.05


def test_cases_have_several_diagnoses_and_some_that_count_for_nothing(year):
    book, lists = year.book, year.lists
    assert 1 < (lists.others >= 0).sum(axis=1).mean() < 3
    void = (book.exclusion[lists.others] == book.excludes[book.principal[lists.plan]][:, None]) & (
        lists.others >= 0
    )
    assert 0.01 < (void & (book.level[lists.others] > 0)).any(axis=1).mean() < 0.2


def test_every_plan_leads_where_it_should(year):
    """Of whoever may follow it: for both sexes where the disease asks for none, and whatever stands beside it."""
    book, oracle, diseases = year.book, Oracle(SCHEME), diseases_of(DEMO)
    plans = np.arange(len(book.principal))
    disease = np.zeros(len(plans), np.int64)
    for way, edges in zip(book.ways, book.edges, strict=True):
        disease[way] = np.ceil(edges - 1e-9).astype(np.int64) - 1
    codes, procedures = book.insurance_codes.to_pylist(), book.procedures.to_pylist()
    for plan in plans:
        newborn = diseases.groups[disease[plan]] == NEWBORN
        sexes = {"man": (1,), "woman": (2,)}.get(str(diseases.groups[disease[plan]]), (1, 2))
        beside = [
            book.second[plan],
            book.own_group[plan],
            *(of[0] for of in book.complications[book.pool[plan]]),
        ]
        told = tuple(codes[n] for n in (book.principal[plan], *beside) if n >= 0)
        done = tuple(procedures[n] for n in book.done[plan] if n >= 0)
        for sex in sexes:
            weight = int(book.birth_weight[plan][0])
            case = Case("", sex, 0 if newborn else 40, 3 if newborn else None, weight, told, done)
            assert oracle.group(case).adrg == book.adrgs[book.adrg[plan]], (plan, told, done)


def test_newborns_have_weights_and_those_born_early_their_groups(year):
    book, diseases = year.book, diseases_of(DEMO)
    early = np.repeat(diseases.numbers(["P07.300"]), 400)
    time = np.repeat(np.datetime64("2025-01-05T10:00:00"), 400)
    stays = coded(
        1,
        month_range("2025-01", 1)[0],
        new_stays(np.zeros(400, np.int64), early, load_layout().county[0], time, time),
        load_layout(),
        book,
    )
    limits = {"PS1": 1_500, "PS2": 2_000, "PS3": 2_500, "PS4": 5_000}
    adrgs = [book.adrgs[n] for n in book.adrg[stays.plan]]
    assert set(adrgs) == set(limits)
    assert all(weight < limits[adrg] for weight, adrg in zip(stays.birth_weight, adrgs, strict=True))


def test_lists_belong_to_the_groups_they_were_made_for(spoilt):
    """The second grouper reads the delivered files; what is wrong with a list on purpose is known."""
    oracle, diagnoses, procedures = Oracle(SCHEME), defaultdict(list), defaultdict(list)
    for month in MONTHS:
        for row in spoilt.told(BUREAU, "si_settle_diag", month):
            diagnoses[row["setl_id"]].append((row["maindiag_flag"] != "1", int(row["seq"]), row["diag_code"]))
        for row in spoilt.told(BUREAU, "si_settle_oper", month):
            procedures[row["setl_id"]].append((int(row["seq"]), row["oprn_oprt_code"]))
    truth = {row["settlement_id"]: row for row in spoilt.truth("casemix_group.csv")}
    lists = {row["setl_id"]: row for month in MONTHS for row in spoilt.told(BUREAU, "si_settle_list", month)}
    assert set(lists) == set(truth)
    for name, row in lists.items():
        numbers = [int(float(row[c])) if row[c] else None for c in ("gend", "age", "nwb_age", "nwb_bir_wt")]
        codes = [tuple(code for *_, code in sorted(rows[name])) for rows in (diagnoses, procedures)]
        found = oracle.group(Case(name, *numbers, *codes))
        assert found.drg == truth[name]["drg"], row


def test_what_was_sent_back_comes_again(spoilt):
    """With the next delivery, without the reason, and only then with a group."""
    first, second = (
        {row["setl_id"]: row for row in spoilt.told(BUREAU, "si_settle_list", m)} for m in MONTHS
    )
    back = {name for name, row in first.items() if row["reject_code"]}
    again = {row["settlement_id"] for row in spoilt.truth("casemix_group.csv") if row["was_sent_back"] == "1"}
    assert back == again & set(first) == set(first) & set(second)
    assert all(not second[name]["reject_code"] and second[name]["upload_time"] for name in back)


def test_the_insurer_errs_now_and_then_and_the_truth_says_when(spoilt):
    truth = {row["settlement_id"]: row for row in spoilt.truth("casemix_group.csv")}
    results = [row for month in MONTHS for row in spoilt.told(BUREAU, "si_drg_result", month)]
    assert Counter(row["setl_id"] for row in results).most_common(1)[0][1] == 1
    for row in results:
        told = truth[row["setl_id"]]
        assert (row["drg_code"] or "") == told["delivered_drg"]
        assert (row["drg_code"] or "0000") == told["drg"] or told["delivered_wrongly"] == "1"
        assert (row["group_status"] == "00") == (told["status"] == "grouped")
    wrong = [row for row in truth.values() if row["delivered_wrongly"] == "1"]
    assert all(row["delivered_drg"] != row["drg"] for row in wrong)


def test_the_policy_knows_every_group(year):
    assert load_casebook() is year.book
    assert (year.book.weight > 0).all() and (year.book.mean_cost_fen > 0).all()
