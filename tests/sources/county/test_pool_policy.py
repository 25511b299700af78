"""A pool policy spoilt in each forbidden way stops the check with line, rule and what to do; a sound one passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.base.home import Home
from sources.county.county import County
from sources.county.policy import write_policy
from sources.county.policy_tables import PERSONAL
from sources.county.texts import write_texts
from tests.sources.county.test_policy_decisions import found

RULE = "community_id,base,share,reserve_share,person_mode,approval_number"
DRIVER = "level,driver,weight,quality_gate"
COMPANIONS = {
    "pool_use_plan": ("use,share", ["regular,0.6", "special,0.2", "capability,0.2"]),
    "surplus_split": ("party,share", ["county,0.6", "township,0.3", "village,0.1"]),
    "pool_driver": (DRIVER, ["institution,score,1,", "department,workload,1,", "person,workload,1,"]),
}
APPROVAL = "month,release_id,approved_by,approved_on,document"
RECEIPT = "receipt_id,community_id,month,source,amount_fen,document"


@pytest.fixture
def with_companions(county: County) -> County:
    """A county whose pool says what it is for and by what it is shared out."""
    for table, (header, rows) in COMPANIONS.items():
        found(county, table, header, *rows)
    return county


@pytest.mark.parametrize("table", COMPANIONS)
def test_a_pool_without_a_way_out_is_told(with_companions: County, table: str) -> None:
    (with_companions.policy_folder / f"{table}.csv").unlink()
    problems = found(with_companions, "pool_rule", RULE, "YGT01,retained_surplus,0.3,0.1,direct,")
    assert (
        problems[0].startswith("2: from 2025-01 on: there is a pool")
        and f"no row in force of {table}" in problems[0]
    )


@pytest.mark.parametrize(
    ("table", "header", "rows"),
    [
        ("pool_rule", RULE, ["YGT01,retained_surplus,0.3,0.1,direct,"]),
        ("pool_rule", RULE, ["YGT01,fund_total,0.15,0,direct,县医共体〔2025〕9号"]),
        (
            "pool_driver",
            DRIVER,
            ["institution,score,0.7,", "institution,population,0.3,", "person,workload,1,"],
        ),
        ("pool_use_plan", "use,share", ["regular,0.6", "special,0.2", "capability,0.2"]),
        ("pay_approval", APPROVAL, ["2025-03,2025-03.1,管委会,2025-04-20,县医共体〔2025〕12号"]),
    ],
)
def test_a_sound_row_passes(with_companions: County, table: str, header: str, rows: list[str]) -> None:
    assert found(with_companions, table, header, *rows) == []


@pytest.mark.parametrize(
    ("table", "header", "rows", "said"),
    [
        # The fund is earmarked: anything but the retained surplus is a scenario.
        ("pool_rule", RULE, ["YGT01,fund_total,0.15,0,direct,"], "2: a pool on fund_total is a scenario and needs an approval"),
        ("pool_rule", RULE, ["YGT01,surplus,0.1,0,direct,"], "2: a pool on surplus is a scenario and needs an approval"),
        ("pool_rule", RULE, ["YGT01,retained_surplus,30,0.1,direct,"], "2: share is a share from 0 to 1 (80 % is 0.8), not 30"),
        ("pool_rule", RULE, ["YGT09,retained_surplus,0.3,0.1,direct,"], "2: there is no community YGT09"),
        (
            "pool_rule", RULE,
            ["YGT01,retained_surplus,0.3,0.1,direct,,2025-01-01,2025-06-30,1,", "YGT01,fund_total,0.15,0,direct,d,2025-07-01,,1,"],
            "3: the base changes from retained_surplus to fund_total within a year",
        ),
        # What may not drive an allocation, under whatever name.
        *(
            ("pool_driver", DRIVER, [f"{level},{name},1,{gate}"], f"2: the {level} level may not be shared out by {name}: {why}")
            for level in ("institution", "department", "person")
            for name, gate, why in (
                ("payment_standard", "", "payment standard and profit or loss of cases"),
                ("drg_profit", "1", "payment standard and profit or loss of cases"),
                ("单病例盈亏", "", "payment standard and profit or loss of cases"),
                ("open_beds", "", "static resources"),
                ("equipment_value", "1", "static resources"),
                ("up_referrals", "", "no bounty per referral"),
                ("referral_count", "0", "no bounty per referral"),
            )
        ),
        ("pool_driver", DRIVER, ["person,referral_count,1,1"], "2: the person level knows no driver referral_count"),
        ("pool_driver", DRIVER, ["person,score,1,"], "2: the person level knows no driver score; there are: workload"),
        # The same yuan twice, or nowhere.
        ("pool_driver", DRIVER, ["institution,score,0.8,", "institution,population,0.3,"], "2: from 2025-01-01 on, weight of institution add to 1.1"),
        ("pool_use_plan", "use,share", ["regular,0.6", "special,0.3", "capability,0.2"], "2: from 2025-01-01 on, share add to 1.1"),
        ("surplus_split", "party,share", ["county,0.6", "township,0.3"], "2: from 2025-01-01 on, share add to 0.9"),
        ("pool_source_plan", "source,share", ["insurance,1.5", "treasury,-0.5"], "2: share is a share from 0 to 1 (80 % is 0.8), not 1.5"),
        ("pool_receipt", RECEIPT, ["r,YGT01,2025-01,treasury,-5,d"], "2: amount_fen is not below 0: -5"),
        # Pay from what is not approved and frozen.
        ("pay_approval", APPROVAL, [f"2025-03,2025-03.{n},管委会,2025-04-20,文号,{days},0," for n, days in ((1, "2025-04-20,2025-04-30"), (2, "2025-05-01,"))],
            "3: 2025-03 is approved on line 2 already"),
        ("pay_approval", APPROVAL, ["2025-03,current,管委会,2025-04-20,d"], "2: release_id is the number of a release"),
        ("pay_approval", APPROVAL, ["2025-03,2025-02.1,管委会,2025-04-20,d"], "2: release 2025-02.1 lies before 2025-03"),
        ("pay_approval", APPROVAL, ["2025-03,2025-03.1,管委会,2025-03-20,d"], "2: approved_on lies before the month has ended"),
        ("pay_approval", APPROVAL, ["2025-03,2025-03.1,,2025-04-20,d"], "2: column approved_by must not be empty"),
    ],
)  # fmt: skip
def test_a_spoilt_row_is_told(
    with_companions: County, table: str, header: str, rows: list[str], said: str
) -> None:
    problems = found(with_companions, table, header, *rows)
    assert any(each.startswith(said) for each in problems), problems


def test_a_share_may_not_end_alone(county: County) -> None:
    rows = ("regular,0.6,2025-01-01,,1,假设", "special,0.4,2025-01-01,2025-06-30,1,假设")
    told = found(county, "pool_use_plan", "use,share", *rows)
    assert any(each.startswith("2: from 2025-07-01 on, share add to 0.6") for each in told), told


def test_policy_of_single_people_is_readable_by_its_owner_only(county: County, tmp_path: Path) -> None:
    for name in PERSONAL:
        (county.policy_folder / f"{name}.csv").write_text("staff_id\nP1\n", "utf-8")
    home = Home(tmp_path / "home")
    write_texts(county.folder, home)
    for name in PERSONAL:
        (county.policy_folder / f"{name}.csv").unlink()
    write_policy(county.policy_folder, home)
    for folder in (home.policy, home.county_texts / "policy"):
        closed = {path.stem for path in folder.iterdir() if path.stat().st_mode & 0o077 == 0}
        assert closed == PERSONAL
