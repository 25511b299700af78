-- KPI-038, 039: physicians in post at month end, with the workdays of the month; those of villages are no physicians.
with workdays as (
    select
        month,
        cast(sum(case when is_workday then 1 else 0 end) as integer) as workdays
    from {{ ref('dim_day') }}
    group by month
)

select
    s.month,
    s.institution_id,
    cast(null as string) as department_code,
    s.staff_id,
    cast(null as string) as person_key,
    m.last_day as event_date,
    case when i.institution_tier in ('township', 'community') then w.workdays end as township_physician_workdays,
    case when i.is_county_hospital then w.workdays end as hospital_physician_workdays,
    'his_staff' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('dim_staff_month') }} as s
inner join {{ ref('dim_month') }} as m
    on s.month = m.month
inner join workdays as w
    on s.month = w.month
inner join {{ ref('dim_institution') }} as i
    on s.institution_id = i.institution_id
inner join {{ ref('policy_code') }} as c
    on
        s.month = c.month
        and c.code_set = 'physician_staff_type'
        and s.staff_type = c.code
where
    s.is_in_post
    and i.institution_tier <> 'village'
