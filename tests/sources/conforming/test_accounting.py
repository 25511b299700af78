"""Received = accepted + quarantined + duplicate, rows and fen, whatever is delivered."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.base.home import Home
from sources.conforming.accounting import Account, AccountingError
from sources.ingest import ingest_feed
from tests.sources.making import MONTH, TOWNSHIP, conformed, deliver, make_county, quarantined

HEADER = ["LSH", "LB", "JZH", "FSSJ", "JZSJ", "XMDM", "XMMC", "DL", "SL", "DJ", "JE", "YLSH", "ZT"]
AMOUNTS = st.one_of(
    st.decimals(min_value=-9999, max_value=9999, places=3).map(lambda d: f"{d:f}"),
    st.sampled_from(["", "十", "1E2", "1,234.5", "0.005"]),
)
LINES = st.fixed_dictionaries(
    {
        "LSH": st.sampled_from(["F1", "F2", "F3", "", "F" * 31]),
        "LB": st.sampled_from(["1", "2", "9"]),
        "JZH": st.just("MZ1"),
        "FSSJ": st.sampled_from(["2025-03-01", "45717", "2201-01-01", "1900-01-01", "无"]),
        "JZSJ": st.just("2025-03-01 08:30:00"),
        "XMDM": st.just("X"),
        "XMMC": st.sampled_from(["血常规", '"血,常规"', '"血\n常规"']),
        "DL": st.sampled_from(["04", "15"]),
        "SL": st.sampled_from(["1", "-1", "一"]),
        "DJ": st.just("20"),
        "JE": AMOUNTS.map(lambda text: f'"{text}"' if "," in text else text),
        "YLSH": st.just(""),
        "ZT": st.sampled_from(["1", "3"]),
    }
).map(lambda cells: ",".join(cells[name] for name in HEADER))
DAMAGED = st.sampled_from(["F9,1", 'F9,"', "," * 20])


def fen(text: str) -> int:
    """What Python makes of a delivered amount; unreadable ones are no money."""
    try:
        return int((Decimal(text.strip('"').replace(",", "")) * 100).to_integral_value(ROUND_HALF_UP))
    except InvalidOperation:
        return 0


def amount(line: str) -> int:
    if line in ("F9,1", 'F9,"', "," * 20):
        return 0
    tail = line.split(",20,", 1)[1]
    return fen(tail.rsplit(",,", 1)[0])


@given(st.lists(st.one_of(LINES, LINES, LINES, DAMAGED), max_size=30))
@settings(max_examples=60)
def test_every_row_and_every_fen_is_accounted_for(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        county, home = make_county(Path(folder) / "county"), Home(Path(folder) / "home")
        text = "\n".join([",".join(HEADER), *lines]) + "\n"
        deliver(county, f"{TOWNSHIP}/{MONTH}/FY_202503.csv", text)
        (o,) = ingest_feed(county, home, "his_fee_detail", [MONTH])
        if o.refusal:
            assert o.refusal.code == "TOO_MANY_DAMAGED_LINES"
            return
        assert o.delivered_rows == len(lines) == o.accepted_rows + o.quarantined_rows + o.duplicate_rows
        assert o.delivered_fen == sum(amount(line) for line in lines)
        assert o.delivered_fen == o.accepted_fen + o.quarantined_fen + o.duplicate_fen
        accepted = conformed(home, "his_fee_detail")
        assert len(accepted) == o.accepted_rows
        assert sum(row["amount"] for row in accepted) == o.accepted_fen
        faulty = {line for line, _, _ in quarantined(home)}
        assert len(faulty) == o.quarantined_rows
        assert not faulty & {row["source_line"] for row in accepted}


@pytest.mark.parametrize(
    "account",
    [
        Account(3, 1, 1, 0),
        Account(1, 1, 0, 0, 100, 99, 0, 0),
        Account(1, 1, 0, 0, None, 100, None, None),
        Account(1, 1, 0, 0, 100, 100, None, 0),
    ],
)
def test_an_account_that_does_not_add_up_is_no_account(account: Account) -> None:
    with pytest.raises(AccountingError):
        account.verified()
