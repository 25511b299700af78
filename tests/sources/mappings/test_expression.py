"""What a mapping can work out of several columns, what it may not say, and that nothing in it is guessed."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.base.home import Home
from sources.conforming.expressions import computed
from sources.county.county import County, CountyError
from sources.ingest import ingest_feed
from sources.mappings.expression import ExpressionError, headers, parse
from tests.sources.making import MONTH, TOWNSHIP, conformed, deliver, quarantined, with_mapping

FEED = """\
  his_fee_detail:
    file: "{institution}/{month}/FY_{yyyymm}*"
    columns:
      org_code: {const: "{institution}"}
      fee_id: LSH
      visit_type: {expression: "case LB when '门诊' then '1' when '住院' then '2' else LB end"}
      visit_id: {expression: "coalesce(JZH, ZYH)"}
      fee_time: SJ
      charge_time: SJ
      item_code: XM
      item_name: XM
      item_type: {const: "01"}
      qty: {expression: "SL + 1"}
      price: DJ
      amount: {expression: '"金额(元)" - coalesce(优惠, 0)'}
      status: {expression: "case when TF in ('退', 'T') then '2' when TF is null then '1' end"}
"""
HEADER = "LSH,LB,JZH,ZYH,SJ,XM,SL,DJ,金额(元),优惠,TF"


def take(county: County, home: Home, *lines: str) -> list[dict]:
    county = with_mapping(county, FEED)
    deliver(county, f"{TOWNSHIP}/{MONTH}/FY_202503.csv", "\n".join([HEADER, *lines]) + "\n")
    ingest_feed(county, home, "his_fee_detail", [MONTH])
    return conformed(home, "his_fee_detail")


def line(number: int, **changes: str) -> str:
    cells = {"LSH": f"F{number}", "LB": "门诊", "JZH": "M1", "ZYH": "", "SJ": "2025-03-05 08:00:00", "XM": "310101", "SL": "1",
             "DJ": "5.00", "JE": "10.00", "YH": "", "TF": ""}  # fmt: skip
    return ",".join({**cells, **changes}.values())


def test_sums_defaults_and_choices(county: County, home: Home) -> None:
    rows = take(
        county,
        home,
        line(1),
        line(2, YH="0.05", TF="退"),
        line(3, LB="住院", JZH="", ZYH="Z9", JE='"1,010.50"', SL="0.5"),
    )
    seen = [(r["visit_type"], r["visit_id"], r["qty"], r["amount"], r["status"]) for r in rows]
    assert seen == [
        ("1", "M1", Decimal(2), 1000, "1"),
        ("1", "M1", Decimal(2), 995, "2"),
        ("2", "Z9", Decimal("1.5"), 101050, "1"),
    ]


def test_what_cannot_be_worked_out_sets_the_row_apart(county: County, home: Home) -> None:
    assert take(county, home, line(1, YH="免"), line(2, TF="?")) == []
    assert quarantined(home) == [(2, "PART_NOT_FOUND", "amount"), (3, "REQUIRED_MISSING", "status")]


@pytest.mark.parametrize(
    "text",
    ["f(A)", "select 1", "a.b", "'x'", "A; B", "cast(A as int)", "A || B", "*", "(select 1)", "case when not A = 'b' then 1 end",
     "A * 2", "case when A > 1 then 2 end", "case when A in (select 1) then 2 end", "{x}", "", "A as b", "now()", "A +", '"', "A = 1",
     "(" * 500 + "A" + ")" * 500, "+".join("A" * 12), "A" * 2000, "read_csv('/etc/passwd')", "A[1]", "?", "$1", "@A", "__import__('os')"],
)  # fmt: skip
def test_what_an_expression_may_not_say(text: str) -> None:
    with pytest.raises(ExpressionError, match="/"):
        parse(text)


def test_the_county_names_file_and_line(county: County) -> None:
    with pytest.raises(CountyError, match=r"mappings/own.yml:\d+: .*Mul"):
        with_mapping(county, FEED.replace("SL + 1", "SL * 2"))


def test_headers_are_those_that_stand_there() -> None:
    assert set(headers(parse("case A when B then C else coalesce(D, A) + 1 end"))) == {"A", "B", "C", "D"}


amounts = st.decimals(-(10**12), 10**12, places=6)


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=20))
def test_sums_are_exact(pairs: list[tuple[Decimal, Decimal]]) -> None:
    cells = {"A": [f"{one:f}" for one, _ in pairs], "B": [f"{other:f}" for _, other in pairs]}
    found = computed(parse("A - B + 0.5"), lambda name: pa.array(cells[name]), len(pairs))
    assert [Decimal(text) for text in found.text.to_pylist()] == [a - b + Decimal("0.5") for a, b in pairs]
    assert not any(found.unread.to_pylist())
