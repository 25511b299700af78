"""The insurance packages of a county stand where the simulator knows they stand, and a fen walks back to its file line."""

from __future__ import annotations

import csv

import duckdb

from tests.end_to_end.conftest import World

FIGURES = ("budget_fen", "in_county_fen", "out_of_county_fen")


def _build(world: World) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(world.home / "warehouse" / "build.duckdb"), read_only=True)


def _told(world: World) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for name in ("mart_fund_execution", "mart_fund_waterfall", "mart_unit_value"):
        path = world.release / "marts" / f"{name}.parquet"
        con.execute(f"create view {name} as select * from '{path}'")
    truth = world.county / "truth" / "fund_execution.csv"
    con.execute(
        f"create view truth as select * from read_csv('{truth}', types = {{'insurance_type_code': 'varchar'}})"
    )
    return con


def test_every_package_stands_where_the_truth_says(published: World) -> None:
    con = _told(published)
    unequal = " or ".join(f"m.{name} is distinct from t.{name}" for name in FIGURES)
    both = "mart_fund_execution m full join truth t using (month, community_id, insurance_type_code)"
    shown = ", ".join(f"m.{name}, t.{name}" for name in FIGURES)
    differing = (
        f"select month, community_id, insurance_type_code, {shown} from {both} where {unequal} order by all"
    )
    assert con.execute(differing).fetchall() == []
    # What is estimated beside what is known is for months in which something is to come.
    unknown = con.execute(
        f"""select sum(t.happened_out_of_county_fen - t.out_of_county_fen), sum(m.unreported_fen), sum(m.unknown_months)
            from {both}"""
    ).fetchone()
    assert unknown[0] > 0
    assert unknown[1] > 0
    assert unknown[2] == 0


def test_surplus_of_the_year_is_that_of_the_indicator(published: World) -> None:
    """KPI-104 counts otherwise: by evidence of lines and payments, in the month of the settlement, whenever it came; and
    what is nobody's it puts where the care was given.
    """
    told, build = _told(published), _build(published)
    kpi = told.execute(
        """select unit_id, numerator, denominator from mart_unit_value
           where kpi_id = 'KPI-104' and unit_level = 'community' and kpi_window = 'ytd' and month = '2025-03' order by 1"""
    ).fetchall()
    package = told.execute(
        """select community_id, sum(budget_fen - reported_fen), sum(budget_fen) from mart_fund_execution
           where month = '2025-03' group by 1 order by 1"""
    ).fetchall()
    nobodys = dict(
        build.execute(
            """select i.alliance_id, sum(l.fund_fen) from fund.fund_spend_line l join core.dim_institution i using (institution_id)
               where l.allocated_by = 'nobody' and l.month between '2025-01' and '2025-03' group by 1"""
        ).fetchall()
    )
    assert len(kpi) == 2
    assert [(unit, int(above), int(below)) for unit, above, below in kpi] == [
        (unit, int(above) - int(nobodys.get(unit, 0)), int(below)) for unit, above, below in package
    ]


def test_who_signed_decides_the_mode(messy: World) -> None:
    con = _told(messy)
    modes = con.execute(
        "select distinct community_id, mode, notice_zh is not null from mart_fund_execution order by 1"
    )
    assert modes.fetchall() == [("YGT01", "package", False), ("YGT02", "agreement", True)]


def test_steps_of_the_waterfall_add_up(messy: World) -> None:
    """Every total is the sum of the changes before it; the last one is what nobody decided."""
    con = _told(messy)
    steps = con.execute(
        """select month, community_id, insurance_type_code, kind, step, amount_fen from mart_fund_waterfall
           order by month, budget_year, community_id, insurance_type_code, step_number"""
    ).fetchall()
    sums: dict[tuple, int] = {}
    totals = 0
    for month, community, insurance, kind, step, fen in steps:
        key = (month, community, insurance)
        if kind == "change":
            sums[key] = sums.get(key, 0) + fen
        else:
            totals += 1
            assert sums[key] == fen, (key, step)
    assert totals >= 3 * 4 * 3


def test_entries_of_a_package_are_what_happened(messy: World) -> None:
    """By account: the budget that came in, the care that went out, and nothing from or to anybody else."""
    con = _build(messy)
    moved = dict(
        con.execute(
            """select account_id || ' < ' || counter_account_id, sum(amount_fen) from fund.package_entry
               where rule_id like 'package_rule/%' or rule_id like 'fund_spend/%' group by 1"""
        ).fetchall()
    )
    with (messy.county / "truth" / "fund_execution.csv").open(encoding="utf-8", newline="") as file:
        last = [row for row in csv.DictReader(file) if row["month"] == "2025-03"]
    expected: dict[str, int] = {}
    for row in last:
        package, insurance = f"package:{row['community_id']}", f"insurance:{row['insurance_type_code']}"
        care = f"care:{row['community_id']}"
        for account, counter, fen in (
            (package, insurance, row["budget_fen"]),
            (f"{care}:in_county", package, row["in_county_fen"]),
            (f"{care}:out_of_county", package, row["out_of_county_fen"]),
        ):
            key = f"{account} < {counter}"
            expected[key] = expected.get(key, 0) + int(fen)
    assert moved == {key: fen for key, fen in expected.items() if fen}


def test_a_fen_of_a_package_walks_back_to_its_file_line(messy: World) -> None:
    """Lines of a community and insurance add up to its position, and each names a line of a delivered file."""
    con = _build(messy)
    summed = con.execute(
        """select sum(l.fund_fen) from fund.fund_spend_line l
           where l.community_id = 'YGT01' and l.insurance_type_code = '390' and l.month between '2025-01' and '2025-03'"""
    ).fetchone()
    position = con.execute(
        """select reported_fen from fund.fund_execution
           where month = '2025-03' and community_id = 'YGT01' and insurance_type_code = '390'"""
    ).fetchone()
    assert summed == position
    files = con.execute(
        "select distinct source_file from fund.fund_spend_line where source_line > 0"
    ).fetchall()
    assert files
    assert all((messy.county / "inbox" / name).is_file() for (name,) in files)
