-- KPI-107 below the line: fund money declared for the month.
select
    e.month,
    e.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    e.event_date,
    e.declared_fund_fen,
    'si_monthly_clearing' as source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from {{ ref('fct_clearing_month') }} as e
inner join {{ ref('policy_parameter') }} as p
    on e.month = p.month
