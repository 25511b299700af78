"""The queries of docs/example-queries.md, on a published county: each answers, and its figures add up as the page says."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.publishing.events import EVENTS
from tests.end_to_end.conftest import World

PAGE = Path(__file__).parents[2] / "docs" / "example-queries.md"
# Blocks that are a query of the release: `-- …` names a file of another project.
BLOCKS = [
    block
    for block in re.findall(r"^```sql\n(.*?)^```", PAGE.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    if not block.startswith("--")
]
ATTACH, *QUERIES = BLOCKS


@pytest.fixture(scope="module")
def answers(messy: World) -> list[list[dict[str, object]]]:
    """What every query of the page answers, in its order."""
    with duckdb.connect() as connection:
        connection.execute(_here(ATTACH, messy.release))
        return [connection.sql(_here(query, messy.release)).fetchdf().to_dict("records") for query in QUERIES]


def _here(statement: str, release: Path) -> str:
    return statement.replace("data/current", str(release))


def total(rows: list[dict[str, object]], column: str) -> Decimal:
    return sum((Decimal(str(row[column])) for row in rows if row[column] == row[column]), Decimal(0))


def test_every_query_answers(answers: list[list[dict[str, object]]]) -> None:
    """All but that of deliveries which nobody made: in the simulated county everybody delivers."""
    found = {query.split(" from ")[0]: rows for query, rows in zip(QUERIES, answers, strict=True)}
    assert [query for query, rows in found.items() if not rows] == [
        query for query in found if "d.deliverer_id" in query
    ]
    assert len(answers) == 11


def test_communities_add_up_to_the_county(answers: list[list[dict[str, object]]]) -> None:
    rows = [row for row in answers[1] if row["month"] == "2025-03"]
    sums = {
        level: total([r for r in rows if r["unit_level"] == level], "denominator")
        for level in ("county", "community")
    }
    assert sums["county"] == sums["community"] > 0


def test_points_add_up_to_the_change_of_the_score(
    messy: World, answers: list[list[dict[str, object]]]
) -> None:
    """A total is the weighted mean of the indicators that have points, whether or not it is published (coverage)."""
    before, now = duckdb.execute(
        """select sum(weight * score) / sum(weight) from read_parquet(?)
           where institution_id = 'H34062100001' and month in ('2025-02', '2025-03') and score is not null
           group by month order by month""",
        [str(messy.release / "marts" / "mart_indicator_score.parquet")],
    ).fetchall()
    change = Decimal(str(now[0])) - Decimal(str(before[0]))
    assert change and abs(total(answers[2], "points") - change) < Decimal("0.01")


def test_departments_add_up_to_their_institution(answers: list[list[dict[str, object]]]) -> None:
    by_level = {
        level: total([row for row in answers[4] if row["unit_level"] == level], "denominator")
        for level in ("institution", "department", "physician")
    }
    assert by_level["institution"] == by_level["department"] > 0
    assert by_level["physician"] <= by_level["institution"]


def test_the_tree_of_a_date_knows_what_was(answers: list[list[dict[str, object]]]) -> None:
    """Before its move a township hospital, villages included, was another community's; one had another name, one is no more."""
    tree = {row["institution_id"]: row for row in answers[8]}
    assert len(tree) == len(answers[8]) == 24 and not any(row["is_orphan"] for row in tree.values())
    was = {key: (row["alliance_id"], row["parent"], row["institution_name"]) for key, row in tree.items()}
    assert was["H34062100104"] == ("YGT01", "濉河县人民医院", "五里镇卫生院")
    assert was["H34062101007"] == ("YGT01", "五里镇卫生院", "五里村卫生室")
    assert was["H34062100101"] == ("YGT01", "濉河县人民医院", "柳湾镇中心卫生院")
    assert was["H34062100199"] == ("YGT01", "濉河县人民医院", "城北卫生院")
    assert was["H34062100106"] == ("YGT02", "濉河县中医医院", "沱南乡卫生院")


def test_events_are_those_that_count(messy: World) -> None:
    """Stays and fund money of a month as the evidence of KPIs has them, to the fen, and no column of a person."""
    with duckdb.connect() as con:
        con.execute(f"set file_search_path = '{messy.release}'")
        stays, events = con.execute(
            """select (select sum(discharges) from 'lineage/evidence/stay/month=2025-01/*.parquet'),
                      (select count(*) from 'events/event_stay/month=2025-01/*.parquet')"""
        ).fetchone()
        assert stays == events > 0
        funds, paid = con.execute(
            """select (select sum(fund_fen) from 'lineage/evidence/insured_payment/month=2025-03/*.parquet'),
                      (select sum(fund_total_fen) from 'events/event_settlement/month=2025-03/*.parquet')"""
        ).fetchone()
        assert funds == paid > 0
        columns = {
            name
            for event in EVENTS
            for name, *_ in con.execute(f"describe select * from 'events/{event}/*/*.parquet'").fetchall()
        }
        assert not {name for name in columns if "person" in name or "patient" in name or "visit_id" in name}
        home = con.execute(
            "select count(distinct home_institution_id) from 'events/event_visit/*/*.parquet'"
        ).fetchone()
        assert home[0] > 5
