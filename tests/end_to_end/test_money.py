"""The money of a published release added up again, from its files alone: every account, every level, every fen.

Also what is approved stays. Not here: single rules (unit tests of the models), how rows are split (tests/dbt_project/test_money.py).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from orchestration.publishing.entry import walk_entry
from orchestration.publishing.grounds import GROUNDS
from orchestration.publishing.payout import payout_of
from sources.base.home import Home
from tests.end_to_end.conftest import World

KINDS = {
    row["kind"]: row
    for row in csv.DictReader(Path("dbt_project/seeds/fund_account_kind.csv").read_text("utf-8").splitlines())
}
Entry = dict[str, object]


def rows(release: Path, pattern: str) -> list[Entry]:
    return [row for path in sorted(release.glob(pattern)) for row in pq.ParquetFile(path).read().to_pylist()]


def entries(release: Path) -> list[Entry]:
    """All entries of a release, those of people too."""
    return rows(release, "marts/mart_fund_entry.parquet") + rows(release, "restricted/*/pay_entry.parquet")


def kind(account: str) -> str:
    return account.split(":")[0]


def moved(found: list[Entry]) -> dict[tuple[str, str], list[int]]:
    """{(account, month): [received, given]}."""
    total: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in found:
        total[row["account_id"], row["month"]][0] += row["amount_fen"]
        total[row["counter_account_id"], row["month"]][1] += row["amount_fen"]
    return total


def test_balances_are_sums_of_entries(messy: World) -> None:
    """Of every account in every month since its first entry, whether something moved or not."""
    total, found = moved(entries(messy.release)), rows(messy.release, "marts/mart_fund_balance.parquet")
    months = sorted({row["month"] for row in found})
    of_all = {
        account
        for account, _ in total
        if KINDS[kind(account)]["is_personal"] == "false" and not account.endswith(":head_pay")
    }
    expected = {
        (account, month): total.get((account, month), [0, 0])
        for account in of_all
        for month in months
        if month >= min(each for other, each in total if other == account)
    }
    assert {(r["account_id"], r["month"]): [r["in_fen"], r["out_fen"]] for r in found} == expected
    held: dict[str, int] = defaultdict(int)
    for row in sorted(found, key=lambda each: each["month"]):
        held[row["account_id"]] += row["in_fen"] - row["out_fen"]
        assert row["balance_fen"] == held[row["account_id"]]


def test_what_everybody_reads_names_no_person(messy: World) -> None:
    """Neither accounts nor keys of entries hold a staff id: pay could be told by it."""
    people = {row["staff_id"] for row in rows(messy.release, "restricted/*/pay_work.parquet")}
    told = rows(messy.release, "marts/mart_fund_entry.parquet")
    words = {
        word
        for row in told
        for column in ("account_id", "counter_account_id", "source_key", "entry_id")
        for word in re.split(r"[ :/>]", row[column])
    }
    assert any(row["rule_id"].startswith("market_price/SURG-7030") for row in told)
    assert people and people & words == set()


def test_a_persons_money_is_walked_up_once_and_within_the_community(messy: World) -> None:
    home = Home(messy.home)
    paid = [
        row
        for row in rows(messy.release, "restricted/*/pay_entry.parquet")
        if row["month"] == "2025-03"
        and row["account_id"].endswith(":pool")
        and kind(row["account_id"]) == "person"
    ]
    found = payout_of(home, "2025-03", paid[0]["account_id"].split(":")[1])
    above = [row for level in found.above for row in level]
    assert above and len({row["entry_id"] for row in above}) == len(above)
    communities = {part for row in above for part in row["account_id"].split(":") if part.startswith("YGT")}
    assert len(communities) == 1
    outside = {
        kind(row["counter_account_id"])
        for row in above
        if KINDS[kind(row["counter_account_id"])]["is_outside"] == "true"
    }
    assert outside & {"treasury", "insurance", "society"}
    assert {kind(row["account_id"]) for row in above}.isdisjoint({"insurance", "treasury", "society"})


def test_points_of_a_sheet_are_followed_factor_by_factor(messy: World) -> None:
    sheets = rows(messy.release, "restricted/*/pay_sheet.parquet")
    weights: dict[tuple, Decimal] = defaultdict(Decimal)
    for row in rows(messy.release, "restricted/*/pay_point.parquet"):
        exact = row["points"] * row["quality_factor"] * row["post_factor"]
        assert abs(row["weighted_points"] - exact) <= Decimal("0.000001")
        weights[row["institution_id"], row["month"], row["department_code"], row["staff_id"]] += row[
            "weighted_points"
        ]
    assert sheets
    for row in sheets:
        key = row["institution_id"], row["month"], row["department_code"], row["staff_id"]
        assert row["weight"] == weights[key] * 1_000_000


def test_what_passes_through_is_gone_each_month(messy: World) -> None:
    total, held = moved(entries(messy.release)), defaultdict(int)
    assert {kind(account) for account, _ in total} <= set(KINDS)
    for (account, month), (received, given) in sorted(total.items(), key=lambda each: each[0][1]):
        held[account] += received - given
        if KINDS[kind(account)]["may_rest"] == "false":
            assert held[account] == 0, (account, month)


def test_a_quarter_reaches_people_to_the_fen(messy: World) -> None:
    """Out of the regular part = to institutions + what could not be placed; departments and people get what they were given."""
    found = entries(messy.release)

    def flow(giver: str, receiver: str) -> dict[str, int]:
        sums: dict[str, int] = defaultdict(int)
        for row in found:
            if row["counter_account_id"].startswith(giver) and row["account_id"].startswith(receiver):
                sums[row["counter_account_id"]] += row["amount_fen"]
        return sums

    rounds = {
        (row["community_id"], row["month"]): row["round_fen"]
        for row in rows(messy.release, "marts/mart_pool_institution.parquet")
    }
    out = {a: s for a, s in flow("pool_use:", "").items() if a.endswith(":regular")}
    assert rounds and {f"pool_use:{community}:regular": fen for (community, _), fen in rounds.items()} == out
    sheets = rows(messy.release, "restricted/*/pay_sheet.parquet")
    assert sheets
    by_department: dict[tuple, int] = defaultdict(int)
    for sheet in sheets:
        by_department[sheet["institution_id"], sheet["month"], sheet["department_code"]] += sheet[
            "amount_fen"
        ]
    for sheet in sheets:
        key = sheet["institution_id"], sheet["month"], sheet["department_code"]
        assert by_department[key] == sheet["department_fen"]
    direct = sum(sheet["amount_fen"] for sheet in sheets if sheet["person_mode"] == "direct")
    assert sum(flow("department:", "person:").values()) == direct > 0


def test_people_are_nowhere_but_in_their_institutions_folder(messy: World) -> None:
    people = {sheet["staff_id"] for sheet in rows(messy.release, "restricted/*/pay_sheet.parquet")}
    # Figures of single physicians, where policy publishes them, are units of mart_unit_value: no money.
    money = ("mart_fund_*", "mart_pool_*", "mart_market_*", "mart_case_*", "mart_pay_*", "mart_honour")
    for path in sorted(path for name in money for path in (messy.release / "marts").glob(f"{name}.parquet")):
        for row in pq.read_table(path).to_pylist():
            cells = {
                part
                for cell in row.values()
                if isinstance(cell, str)
                for part in cell.replace("/", ":").split(":")
            }
            assert not cells & people, path.name
            assert "person" not in {str(cell).split(":")[0] for cell in row.values()}, path.name
    for path in (messy.release / "restricted").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
        if path.suffix == ".parquet":
            assert {row["institution_id"] for row in pq.ParquetFile(path).read().to_pylist()} == {
                path.parent.name
            }


@pytest.mark.proof
def test_what_is_approved_stays_and_the_difference_comes_next_month(own: World) -> None:
    """January is approved; then the uses change: January's entries stay, February holds the difference, nothing is lost."""
    before = [row for row in entries(own.release) if row["month"] == "2025-01"]
    policy = own.county / "policy"
    (policy / "pay_approval.csv").write_text(
        "month,release_id,approved_by,approved_on,document,effective_from,effective_to,assumption,origin\n"
        f"2025-01,{own.release.name},管委会,2025-04-20,县医共体〔2025〕12号,2025-01-01,,0,测试\n",
        "utf-8",
    )
    plan = policy / "pool_use_plan.csv"
    text = plan.read_text("utf-8")
    plan.write_text(text.replace("regular,0.6", "regular,0.5").replace("special,0.2", "special,0.3"), "utf-8")
    outcome = own.run("--from", "2025-01", "--to", "2025-03")
    assert outcome.code == 0, outcome.text
    after = entries(own.release)
    stays = [{**row, "is_approved": False} for row in after if row["month"] == "2025-01"]
    assert sorted(stays, key=str) == sorted(before, key=str)
    assert all(row["is_approved"] == (row["month"] == "2025-01") for row in after)
    corrected = [row for row in after if row["is_correction"]]
    assert corrected and {row["month"] for row in corrected} == {"2025-02"}
    held: dict[str, int] = defaultdict(int)
    for (account, _), (received, given) in moved(after).items():
        held[account] += received - given
    for community in ("YGT01", "YGT02"):
        uses = {use: held[f"pool_use:{community}:{use}"] for use in ("special", "capability")}
        received = sum(row["amount_fen"] for row in after if row["account_id"] == f"pool:{community}")
        spent = sum(
            row["amount_fen"] for row in after if row["counter_account_id"] == f"pool_use:{community}:special"
        )
        assert abs(uses["special"] + spent - received * 3 // 10) <= 1


@pytest.mark.proof
def test_an_approval_of_a_release_that_is_not_there_stops_the_run(own: World) -> None:
    path = own.county / "policy" / "pay_approval.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace("2025-03.1", "2025-03.9"), "utf-8")
    outcome = own.run("--month", "2025-03")
    path.write_text(text, "utf-8")
    assert outcome.code == 2, outcome.text
    assert "policy/pay_approval.csv:2" in outcome.text and "2025-03.9" in outcome.text


def test_entries_of_every_kind_walk_to_what_they_rest_on(messy: World) -> None:
    """A few of each rule: the row they were taken from holds their amount, what a package spent is its settlements to the fen."""
    kinds: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for row in entries(messy.release):
        kinds[row["source_relation"], re.split("[ /]", row["rule_id"])[0]].append(row)
    assert {relation for relation, _ in kinds} >= {
        "market_txn",
        "market_contract_part",
        "fund_execution",
        "pool_part",
        "pool_use",
    }
    home = Home(messy.home)
    for (relation, rule), found in sorted(kinds.items()):
        for row in found[:: max(1, len(found) // 3)][:3]:
            walked = walk_entry(home, row)
            assert walked.grounds or relation not in GROUNDS, (relation, row["entry_id"])
            assert walked.policy or rule in ("fund_spend", "deduction", "contract_fee"), (
                relation,
                row["rule_id"],
            )
            if rule == "fund_spend":
                assert sum(line["fund_fen"] for line in walked.lines) == row["amount_fen"]
            if relation in ("market_txn", "market_contract_part"):
                assert all(ground["source_file"] and ground["source_line"] for ground in walked.grounds)


def test_what_entries_rest_on_names_nobody(messy: World) -> None:
    kept = sorted((messy.release / "lineage" / "money").rglob("*.parquet"))
    assert kept
    assert not [path for path in kept if {"staff_id", "person_key"} & set(pq.read_schema(path).names)]
