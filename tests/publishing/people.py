"""The tiny build with money of people in it: one person per institution and quarter, complete enough for pages and `explain`."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.publishing.release import ReleaseInfo, publish
from tests.publishing.conftest import CODE, Workshop

_STATEMENTS = (
    """create or replace table marts.mart_pool_institution as select month, institution_id, 'A' as community_id,
        $amount::bigint as round_fen, 0::bigint as base_fen, 0::bigint as performance_fen, $amount::bigint as amount_fen,
        $amount::bigint as to_departments_fen, 1 as departments, 'direct' as person_mode, 'preview' as release_id
        from kpi.fact""",
    """create or replace table marts.mart_fund_waterfall as select distinct month, 2025 as budget_year, 'A' as community_id,
        '390' as insurance_type_code, 1 as step_number, 'raised' as step, 'total' as kind, 900::bigint as amount_fen
        from kpi.fact""",
    """create or replace table restricted.pay_sheet as select institution_id, month, 'D' as department_code,
        'P000011' as staff_id, $points::decimal(18,6) as points, 5::bigint as weight, 5::bigint as department_weight,
        $amount::bigint as department_fen, $amount::bigint as amount_fen, 'direct' as person_mode, 'preview' as release_id
        from kpi.fact where month like '%-03'""",
    """create or replace table restricted.pay_point as select institution_id, month, '2025-01' as work_month,
        institution_id as worked_at, 'D' as department_code, 'P000011' as staff_id, $points::decimal(18,6) as points,
        1.1::decimal(9,6) as quality_factor, 'physician' as quality_level, 1::decimal(9,6) as post_factor,
        $points::decimal(18,6) as weighted_points, 'preview' as release_id from kpi.fact where month like '%-03'""",
    """create or replace table restricted.pay_work as select institution_id, month, '2025-01' as work_month,
        'P000011' as staff_id, 'e1' as event_key, 'physician' as role, 'visit' as event_kind, date '2025-01-05' as event_date,
        'c' as code, 'r' as rule_id, 1::decimal(12,4) as units, $points::decimal(18,6) as points, 'his_op_visit' as source_feed,
        'MZ.csv' as source_file, 7::bigint as source_line, 'preview' as release_id from kpi.fact where month like '%-03'""",
    # Entries of a month that stands are those of its release, whatever is computed.
    """create or replace table restricted.pay_entry as select institution_id, month, 'p' || institution_id as entry_id,
        'person:P000011:pool' as account_id, 'department:' || institution_id || ':D' as counter_account_id,
        case when month in (select unnest($standing)) then $stood else $amount end::bigint as amount_fen, 'r' as rule_id,
        'pool_person' as source_relation, month as source_key, false as is_correction,
        month in (select unnest($approved)) as is_approved, 'preview' as release_id
        from kpi.fact where month like '%-03'
        union all
        select institution_id, month, 'f' || institution_id, 'person:P000011:market', 'institution:' || institution_id || ':market',
        3000::bigint, 'market_split/SURG-7030/expert', 'market_part', 's1 expert', false, month in (select unnest($approved)), 'preview'
        from kpi.fact where month like '%-03'""",
)


def publish_pay(
    workshop: Workshop,
    *months: str,
    amount: int,
    points: int,
    standing: dict[str, tuple[str, bool]] | None = None,
    stood: int = 0,
) -> ReleaseInfo:
    """Build and publish with what a person is computed to get; standing: {month: (release, approved)} with entries of `stood`."""
    found = standing or {}
    rows = [
        {"month": month, "is_approved": approved, "release_id": release}
        for month, (release, approved) in found.items()
    ]
    workshop.build(max(months))
    workshop.home.standing_month.parent.mkdir(parents=True, exist_ok=True)
    names = pa.schema([("month", pa.string()), ("is_approved", pa.bool_()), ("release_id", pa.string())])
    pq.write_table(pa.Table.from_pylist(rows, schema=names), workshop.home.standing_month)
    values = {
        "amount": amount,
        "points": points,
        "stood": stood,
        "standing": list(found),
        "approved": [month for month, (_, approved) in found.items() if approved],
    }
    with duckdb.connect(str(workshop.home.build_database)) as connection:
        for statement in _STATEMENTS:
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            connection.execute(statement, used)
    return publish(workshop.home, workshop.county, months, workshop.results(*months), CODE)
