select
    e.month,
    e.budget_year,
    e.community_id,
    e.insurance_type_code,
    r.mode,
    r.status,
    e.method,
    e.budget_basis,
    e.months_elapsed,
    e.annual_fen,
    e.budget_fen,
    e.in_county_fen,
    e.out_of_county_fen,
    e.reported_fen,
    e.unreported_fen,
    e.unknown_months,
    e.spent_fen,
    e.surplus_fen,
    cast(e.surplus_rate as decimal(18, 6)) as surplus_rate,
    r.is_surplus_low,
    cast(e.execution_rate as decimal(18, 6)) as execution_rate,
    cast(e.time_rate as decimal(18, 6)) as time_rate,
    r.truncated_fen,
    r.score,
    r.score_month,
    r.retention_rate,
    r.retained_fen,
    r.returned_fen,
    r.overspent_fen,
    r.insurance_bears_fen,
    r.community_bears_fen,
    r.undecided_fen,
    r.notice_zh,
    r.notice_en
from {{ ref('fund_execution') }} as e
inner join {{ ref('fund_retention') }} as r
    on
        e.month = r.month
        and e.budget_year = r.budget_year
        and e.community_id = r.community_id
        and e.insurance_type_code = r.insurance_type_code
