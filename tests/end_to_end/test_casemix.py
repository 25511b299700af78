"""Lists that came through the front door are grouped as the second grouper groups them and as
the county was made, and compared with what the insurer sent."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.casemix.cases import SCHEME
from tests.casemix.oracle import Case, Oracle
from tests.end_to_end.conftest import World

LISTS = """
    select deliverer_id || ' ' || setl_id, nullif(gend, '9')::int, floor(age)::int, nwb_age, coalesce(nwb_bir_wt, nwb_adm_wt)
    from staging.stg_si_settle_list where adm_time is not null and not coalesce(is_test, false) order by 1
"""
# Principal first, then as numbered; the simulated lists are in the insurance edition already.
DIAGNOSES = """
    select deliverer_id || ' ' || setl_id, list(diag_code order by (diag_type <> '1')::int, seq)
    from staging.stg_si_settle_diag where diag_type in ('1', '2') group by 1 having min(diag_type) = '1'
"""
PROCEDURES = """
    select deliverer_id || ' ' || setl_id, list(oprn_oprt_code order by (oprn_oprt_type <> '1')::int, seq)
    from staging.stg_si_settle_oper group by 1
"""


def _delivered(build: duckdb.DuckDBPyConnection) -> list[Case]:
    diagnoses = dict(build.execute(DIAGNOSES).fetchall())
    procedures = dict(build.execute(PROCEDURES).fetchall())
    return [
        Case(key, sex, age, days, weight, tuple(diagnoses.get(key, ())), tuple(procedures.get(key, ())))
        for key, sex, age, days, weight in build.execute(LISTS).fetchall()
    ]


def _build(home: Path) -> duckdb.DuckDBPyConnection:
    settings = {"file_search_path": str(home)}
    return duckdb.connect(str(home / "warehouse" / "build.duckdb"), read_only=True, config=settings)


def test_delivered_lists_are_grouped_as_the_second_grouper_does(messy: World) -> None:
    oracle = Oracle(SCHEME)
    with _build(messy.home) as build:
        cases = _delivered(build)
        sql = (
            "select case_id, mdc, adrg, drg from casemix.casemix_group where status <> 'rejected' order by 1"
        )
        found = build.execute(sql).fetchall()
    told = [(case.case_id, oracle.group(case)) for case in cases]
    assert [(case_id, one.mdc, one.adrg, one.drg) for case_id, one in told] == found
    assert len({one.drg for _, one in told}) > 50


def test_the_release_says_where_the_insurer_groups_otherwise(messy: World) -> None:
    mart = str(messy.release / "marts" / "mart_casemix_agreement.parquet")
    with _build(messy.home) as build:
        sql = """
            select count(*) from casemix.casemix_case as c
            left join (select deliverer_id, settlement_id, max_by(drg_code, result_batch) as drg_code from core.fct_drg_result group by all) as d
                using (deliverer_id, settlement_id)
            inner join casemix.casemix_group as g using (case_id)
            where {}
        """
        same = build.execute(sql.format("g.drg = d.drg_code and g.status = 'grouped'")).fetchone()
        every = build.execute(sql.format("true")).fetchone()
    told = dict(
        duckdb.execute("select outcome, sum(cases) from read_parquet(?) group by 1", [mart]).fetchall()
    )
    assert (told["same_drg"], sum(told.values())) == (same[0], every[0])
    assert len(told) > 2


def _truth(world: World) -> str:
    return f"read_csv('{world.county / 'truth' / 'casemix_group.csv'}', all_varchar = true)"


def test_every_case_has_the_group_that_it_was_made_for(published: World) -> None:
    """With the reason where it was made to have none: whatever else is wrong with the deliveries."""
    columns = ("institution_id", "month", "status", "reason", "mdc", "adrg", "drg")
    unequal = " or ".join(f"coalesce(f.{c}, '') is distinct from coalesce(t.{c}, '')" for c in columns)
    with _build(published.home) as build:
        differing = build.execute(
            f"""with found as (
                    select c.settlement_id, c.institution_id, c.month, g.status, g.reason, g.mdc, g.adrg, g.drg
                    from casemix.casemix_group as g inner join casemix.casemix_case as c using (case_id)
                )
                select * from found as f full join {_truth(published)} as t using (settlement_id) where {unequal}"""
        ).fetchall()
        size = build.execute("select count(*), count(distinct drg) from casemix.casemix_group").fetchone()
    assert differing == []
    assert size > (100, 50)


def test_the_insurer_parts_from_us_in_the_cases_in_which_it_errs(messy: World) -> None:
    """And in no other; lists sent back and not uploaded again yet, and lists that settle halfway, have no result."""
    mart = str(messy.release / "marts" / "mart_casemix_agreement.parquet")
    told = dict(
        duckdb.execute("select outcome, sum(cases) from read_parquet(?) group by 1", [mart]).fetchall()
    )
    true = duckdb.execute(
        f"""select
                count(*) filter (delivered_drg <> '' and delivered_wrongly = '0'),
                count(*) filter (delivered_wrongly = '1'),
                count(*) filter (delivered_wrongly = '1' and delivered_drg[:3] = adrg)
            from {_truth(messy)}"""
    ).fetchone()
    apart = {n: cases for n, cases in told.items() if n.startswith(("other_", "not_grouped"))}
    assert (told["same_drg"], sum(apart.values()), apart.get("other_severity", 0)) == true
    assert apart
