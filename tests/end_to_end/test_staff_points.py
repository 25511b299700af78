"""Points of people equal what the simulator knows they did, and walk back to lines of files; the shares of an item are its whole."""

from __future__ import annotations

import duckdb
import pytest

from tests.end_to_end.conftest import World


@pytest.fixture
def build(published: World) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(f"attach '{published.home / 'warehouse' / 'build.duckdb'}' as build (read_only)")
    truth = published.county / "truth" / "staff_point.csv"
    con.execute(f"create table truth as select * from read_csv('{truth}', all_varchar = true)")
    return con


def test_points_equal_the_truth(build: duckdb.DuckDBPyConnection) -> None:
    build.execute("""create table told as select month, institution_id, staff_id, event_kind, sum(points) as points
        from build.fund.staff_work where is_counted and event_kind in ('visit', 'service_item', 'operation') group by all""")
    different = build.execute("""select * from told full join truth using (month, institution_id, staff_id, event_kind)
        where told.points is distinct from truth.points::decimal(18, 6) order by all limit 20""").fetchall()
    assert different == []
    kinds = dict(build.execute("select event_kind, count(*) from told group by 1").fetchall())
    assert kinds["visit"] > 400
    assert kinds["service_item"] > 600
    assert kinds["operation"] > 40


def test_every_event_is_shared_whole(build: duckdb.DuckDBPyConnection) -> None:
    split = build.execute("""select count(*), count(*) filter (where parts <> whole) from (
        select event_key, sum(points) as parts, max(event_points) as whole from build.fund.staff_work group by 1)""")
    events, torn = split.fetchone()
    assert events > 5_000
    assert torn == 0


def test_a_person_counts_once_wherever_the_work_is_done(build: duckdb.DuckDBPyConnection) -> None:
    earned, listed = build.execute("""select (select sum(points) from build.fund.staff_work where is_counted),
        (select sum(points) from build.fund.staff_point)""").fetchone()
    assert earned == listed
    away = build.execute("select count(*) from build.fund.staff_point where is_away").fetchone()[0]
    assert away > 0


def test_the_ledger_never_owes(build: duckdb.DuckDBPyConnection) -> None:
    entries, lowest = build.execute(
        "select count(*), min(balance_points) from build.fund.assistance_ledger"
    ).fetchone()
    assert entries > 100
    assert lowest >= 0


def test_points_walk_back_to_a_line(build: duckdb.DuckDBPyConnection) -> None:
    """Of every feed that earns something, the line that a point rests on is one that was delivered."""
    lost = build.execute("""select source_feed, count(*) from build.fund.staff_work
        where source_batch_id is null or source_file is null or source_line is null group by 1""").fetchall()
    assert lost == []


def test_payroll_and_operations_know_the_staff_list(build: duckdb.DuckDBPyConnection) -> None:
    """They name staff by pseudonym only; the list has number and pseudonym side by side."""
    paid, unlisted = build.execute(
        "select count(*), count(*) filter (where staff_id is null) from build.fund.pay_person"
    ).fetchone()
    assert paid > 500
    assert unlisted == 0
    operations, nobody = (
        build.execute("""select count(distinct event_key), count(*) filter (where staff_id is null)
        from build.fund.staff_work where event_kind = 'operation'""").fetchone()
    )
    assert operations > 20
    assert nobody == 0
