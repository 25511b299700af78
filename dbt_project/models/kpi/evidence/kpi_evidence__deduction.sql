-- KPI-107 above the line: what audits deducted and appeals did not give back.
select
    e.month,
    e.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    e.event_date,
    e.final_fen as deducted_fen,
    'si_deduction' as source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from {{ ref('fct_deduction') }} as e
inner join {{ ref('policy_parameter') }} as p
    on e.month = p.month
