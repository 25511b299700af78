"""Text to value: every shape of date, exact money, numbers and identity cards (V06–V10, V25, V26, V40)."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.conforming import values

CONNECTION = duckdb.connect()


def value(expression: str, text: str | None) -> object:
    return CONNECTION.execute(f"select {expression} from (select ?::varchar as t)", [text]).fetchone()[0]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-03-01", "2025-03-01 00:00:00"),
        ("2025-03-01 08:30:00", "2025-03-01 08:30:00"),
        ("2025-03-01 08:30", "2025-03-01 08:30:00"),
        ("2025-03-01T08:30:00", "2025-03-01 08:30:00"),
        ("2025-3-1 8:5:3", "2025-03-01 08:05:03"),
        ("2025-3-1 8:05", "2025-03-01 08:05:00"),
        ("2025-03-01 08", "2025-03-01 08:00:00"),
        ("2025/03/01 08:30", "2025-03-01 08:30:00"),
        ("2025/3/1", "2025-03-01 00:00:00"),
        ("2025.03.01", "2025-03-01 00:00:00"),
        ("2025年3月1日", "2025-03-01 00:00:00"),
        ("2025年3月1日 8时30分", "2025-03-01 08:30:00"),
        ("2025年03月01日08时30分15秒", "2025-03-01 08:30:15"),
        ("20250301", "2025-03-01 00:00:00"),
        ("20250301083000", "2025-03-01 08:30:00"),
        ("202503010830", "2025-03-01 08:30:00"),
        ("20250301 08:30:00", "2025-03-01 08:30:00"),
        ("20250301 15", "2025-03-01 15:00:00"),
        ("01/03/2025", "2025-03-01 00:00:00"),
        ("1/3/2025 8:30", "2025-03-01 08:30:00"),
        ("45658", "2025-01-01 00:00:00"),
        ("45717.354166666664", "2025-03-01 08:30:00"),
        ("45717.3541666667", "2025-03-01 08:30:00"),
        ("20000", "1954-10-03 00:00:00"),
        ("Sat Mar 01 15:00:00 CST 2025", "2025-03-01 15:00:00"),
        ("Sat Mar 01 15:00:00 GMT+08:00 2025", "2025-03-01 15:00:00"),
        ("2025-03-01T00:30:00Z", "2025-03-01 08:30:00"),
        ("2025-03-01T08:30:00+08:00", "2025-03-01 08:30:00"),
        ("2025-03-01 08:30:00+0800", "2025-03-01 08:30:00"),
        ("2025-03-01 08:30:00.0", "2025-03-01 08:30:00"),
        # Summer time, 1986 to 1991: midnight there lies nine hours before midnight in UTC.
        ("1987-05-31T15:00:00Z", "1987-06-01 00:00:00"),
        ("1987-05-31 15:00:00+00", "1987-06-01 00:00:00"),
        ("1987-12-31T16:00:00.000Z", "1988-01-01 00:00:00"),
        ("1991-04-14T15:30:00+00:00", "1991-04-15 00:30:00"),
        ("Mon Jun 01 00:00:00 CDT 1987", "1987-06-01 00:00:00"),
        ("Mon Jun 01 00:00:00 GMT+09:00 1987", "1987-06-01 00:00:00"),
        ("2025-03-01 24:00:00", "2025-03-02 00:00:00"),
        ("0001-01-01", "0001-01-01 00:00:00"),
        ("9999-12-31", "9999-12-31 00:00:00"),
    ],
)
def test_moments(text: str, moment: str) -> None:
    assert value(values.timestamp("t"), text) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "text",
    ["2025-02-30", "2025-13-01", "20250230", "25-03-01", "19999", "80001", "123456", "无", "infinity", "epoch",
     "2025-03-01 25:00:00", "31/02/2025", "2025", "2025-03", "Sat Mar 01 15:00:00 PST 2025", "2025-03-01 BC", "0x10",
     "2025 03 01", None],
)  # fmt: skip
def test_what_is_no_moment(text: str | None) -> None:
    assert value(values.timestamp("t"), text) is None


def test_what_a_vendor_keeps_in_utc_comes_back_in_summer_time_too() -> None:
    in_utc = values.timestamp("t", timezone="UTC")
    assert value(in_utc, "1987-05-31 15:00:00") == datetime(1987, 6, 1)
    assert value(in_utc, "1987-12-31 16:00:00") == datetime(1988, 1, 1)
    assert value(in_utc, "1987-06-01") == datetime(1987, 6, 1)


@pytest.mark.parametrize(
    ("text", "late"),
    [
        ("45716.99951", True),
        ("45716.9990", False),
        ("45717", False),
        ("2025-02-28 23:59:30", False),
        ("45716.99999999", False),
    ],
)
def test_only_a_day_number_just_before_midnight_is_doubtful(text: str, late: bool) -> None:
    assert bool(value(values.before_midnight("t", f"({values.timestamp('t')})"), text)) is late


@pytest.mark.parametrize(
    ("text", "scale", "beyond"),
    [("1.005", 2, True), ("1.0500", 2, False), ("1", 2, False), ("1,234.567", 2, True), ("¥1.005元", 2, True),
     ("1.23E+5", 1, False), ("0.5", 0, True), ("0.0", 0, False), ("-.1234", 3, True), (None, 2, False)],
)  # fmt: skip
def test_decimals_beyond_what_is_kept_are_noticed(text: str | None, scale: int, beyond: bool) -> None:
    assert bool(value(values.beyond_scale("t", scale), text)) is beyond


def test_month_first_dates_when_the_mapping_says_so() -> None:
    assert value(values.timestamp("t", "mdy"), "03/01/2025") == datetime(2025, 3, 1)
    assert value(values.timestamp("t", "mdy"), "13/01/2025") is None


@pytest.mark.parametrize(
    ("day", "hour", "moment"),
    [
        ("20250301", "15", "2025-03-01 15:00:00"),
        ("2025-03-01", "0", "2025-03-01 00:00:00"),
        ("45717", "23", "2025-03-01 23:00:00"),
        ("2025-03-01", "9时", "2025-03-01 09:00:00"),
        ("2025-03-01", "15:00:00", "2025-03-01 15:00:00"),
        ("2025-03-01", None, "2025-03-01 00:00:00"),
        ("2025-03-01", "24", None),
        ("2025-03-01", "-1", None),
        ("2025-03-01", "午", None),
    ],
)
def test_hour_delivered_apart(day: str, hour: str | None, moment: str | None) -> None:
    sql = f"select {values.with_hour(values.timestamp('d'), 'h')} from (select ?::varchar as d, ?::varchar as h)"
    expected = datetime.fromisoformat(moment) if moment else None
    assert CONNECTION.execute(sql, [day, hour]).fetchone()[0] == expected


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2025-03", "2025-03"),
        ("202503", "2025-03"),
        ("2025年3月", "2025-03"),
        ("2025-03-01", "2025-03"),
        ("202513", None),
    ],
)
def test_months(text: str, month: str | None) -> None:
    assert value(values.month("t"), text) == month


@pytest.mark.parametrize(
    ("text", "unit", "fen"),
    [
        ("20.00", "yuan", 2000),
        ("-20", "yuan", -2000),
        ("1.005", "yuan", 101),
        ("-1.005", "yuan", -101),
        ("1.0049999999", "yuan", 100),
        ("0.30000000000000004", "yuan", 30),
        ("123456789012.345678", "yuan", 12345678901235),
        ("1,234.50", "yuan", 123450),
        ("¥12.30", "yuan", 1230),
        ("12.30元", "yuan", 1230),
        (".5", "yuan", 50),
        ("1.25E2", "yuan", 12500),
        ("2000", "fen", 2000),
        ("2000.0", "fen", 2000),
        ("12,5", "yuan", None),
        ("一百", "yuan", None),
        ("1 2", "yuan", None),
        ("1_000", "yuan", None),
        ("-", "yuan", None),
        ("", "yuan", None),
        ("99999999999999999999999", "yuan", None),
    ],
)
def test_money(text: str, unit: str, fen: int | None) -> None:
    assert value(values.money("t", unit), text) == fen


@given(st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=6))
@settings(max_examples=200)
def test_money_is_decimal_half_up(amount: Decimal) -> None:
    expected = int((amount * 100).to_integral_value(ROUND_HALF_UP))
    assert value(values.money("t", "yuan"), f"{amount:f}") == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [("138", 138), ("138.0", 138), ("-5", -5), ("+5", 5), ("138.5", None), ("138/86", None), ("0x1", None)],
)
def test_whole_numbers(text: str, number: int | None) -> None:
    assert value(values.integer("t", "INTEGER"), text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6.5", "6.5"),
        ("1,234.5", "1234.5"),
        ("1e2", "100.0"),
        ("<5", None),
        ("12345678", None),
        ("1_0", None),
    ],
)
def test_decimals(text: str, number: str | None) -> None:
    expected = Decimal(number) if number else None
    assert value(values.decimal("t", "DECIMAL(6,1)"), text) == expected


def card(text: str) -> str | None:
    body = values.id_card_body("t")
    return value(f"({body})::varchar || {values.id_card_check(f'({body})')}", text)


def test_a_15_digit_card_becomes_18() -> None:
    assert card("110105491231002") == "11010519491231002X"


@given(st.integers(min_value=10**16, max_value=10**17 - 1))
@settings(max_examples=100)
def test_the_check_character_is_mod_11_2(body: int) -> None:
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    total = sum(int(digit) * weight for digit, weight in zip(str(body), weights, strict=True))
    assert card(f"{body}0") == f"{body}{'10X98765432'[total % 11]}"


@pytest.mark.parametrize(
    ("text", "lost"), [("3.41204E+17", True), ("4E+10", True), ("H34062100001", False), ("1E5", False)]
)
def test_lost_digits(text: str, lost: bool) -> None:
    assert value(values.lost_digits("t"), text) is lost
