"""The internal market of a published county: equal to what the simulator knows, 0 in all, every fen back to a file line."""

from __future__ import annotations

import duckdb
import pytest

from tests.end_to_end.conftest import World

FIGURES = ("provided_fen", "consumed_fen", "net_fen", "disputed_fen", "unconfirmed_fen")
ALL_SERVICES = {
    "CHRON-PKG", "CSSD", "DOWN-REHAB", "EXAM-HUB", "LAB-HUB", "OUT-CLINIC", "OUT-ROUND", "SURG-7030", "TELE-CON", "TELE-ECG",
    "TELE-IMG", "TELE-US", "UP-PREP",
}  # fmt: skip


@pytest.fixture
def con(published: World) -> duckdb.DuckDBPyConnection:
    """The build, with the truth and the marts beside it."""
    made = duckdb.connect()
    made.execute(f"attach '{published.home / 'warehouse' / 'build.duckdb'}' as build (read_only)")
    made.execute(f"create table truth as from read_csv('{published.county / 'truth' / 'market_net.csv'}')")
    for mart in ("mart_market_net", "mart_market_statement"):
        made.execute(f"create table {mart} as from '{published.release / 'marts' / mart}.parquet'")
    return made


def test_every_net_equals_the_truth(con: duckdb.DuckDBPyConnection) -> None:
    unequal = " or ".join(f"p.{each} is distinct from t.{each}" for each in FIGURES)
    assert (
        con.execute(
            f"""select * from mart_market_net p full join truth t using (month, institution_id)
                where {unequal} order by all limit 20"""
        ).fetchall()
        == []
    )
    months, institutions, moved = con.execute(
        "select count(distinct month), count(distinct institution_id), sum(provided_fen) from mart_market_net"
    ).fetchone()
    assert (months, institutions > 8, moved > 0) == (3, True, True)


def test_nobody_gains_what_nobody_gives(con: duckdb.DuckDBPyConnection) -> None:
    for table, amount in (("mart_market_net", "net_fen"), ("truth", "net_fen")):
        sums = con.execute(f"select month, sum({amount}) from {table} group by month").fetchall()
        assert {int(total) for _, total in sums} == {0}
    settled, provided = (
        con.execute(f"select month, sum({amount}) from {table} group by month order by month").fetchall()
        for table, amount in (("mart_market_statement", "settled_fen"), ("mart_market_net", "provided_fen"))
    )
    assert settled == provided


def test_every_kind_of_service_is_settled(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute("select distinct service_code from mart_market_statement where settled_fen > 0")
    assert {code for (code,) in rows.fetchall()} == ALL_SERVICES


def test_every_way_a_service_can_go_is_there(con: duckdb.DuckDBPyConnection) -> None:
    states = con.execute("select distinct state from build.fund.market_txn").fetchall()
    assert {state for (state,) in states} == {"confirmed", "silent", "disputed", "reversed", "awaiting"}
    outcomes = {
        o for (o,) in con.execute("select distinct outcome from build.fund.market_service").fetchall()
    }
    assert {"due", "no_check_in", "no_volume", "other_direction"} <= outcomes
    differences = con.execute("select distinct difference from build.fund.market_difference").fetchall()
    assert {"not_booked", "other_amount"} <= {each for (each,) in differences}


def test_every_fen_has_a_file_line(published: World, con: duckdb.DuckDBPyConnection) -> None:
    lost = "source_batch_id is null or source_file is null or source_line is null"
    assert con.execute(f"select count(*) from build.fund.market_txn where {lost}").fetchone() == (0,)
    files = {
        file for (file,) in con.execute("select distinct source_file from build.fund.market_txn").fetchall()
    }
    delivered = {file for file in files if not file.startswith("database/")}
    assert delivered
    assert [
        file for file in delivered if not (published.county / "inbox" / file.split("!")[0]).exists()
    ] == []


def test_entries_are_what_was_settled(con: duckdb.DuckDBPyConnection) -> None:
    between = con.execute(
        """select sum(amount_fen) from build.fund.market_entry
           where account_id like 'institution:%:market' and counter_account_id like 'institution:%:market'"""
    ).fetchone()
    assert between == con.execute("select sum(provided_fen) from mart_market_net").fetchone()
    surgery, expert = con.execute(
        """select sum(amount_fen) filter (rule_id like 'market_price/SURG-7030/%'),
                  sum(amount_fen) filter (account_id like 'person:%' and rule_id = 'market_split/SURG-7030/expert')
           from build.fund.market_entry"""
    ).fetchone()
    assert abs(expert - surgery * 42 / 70) <= 100
