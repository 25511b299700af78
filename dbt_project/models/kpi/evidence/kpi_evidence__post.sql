-- KPI-040, 046, 052, 055: staff in post at month end, one row per member of staff of the month's list: physicians,
-- nurses, and everybody; of physicians in primary care, who is registered as a general practitioner.
select
    s.month,
    s.institution_id,
    cast(null as string) as department_code,
    s.staff_id,
    cast(null as string) as person_key,
    m.last_day as event_date,
    1 as staff_in_post,
    case when c.code_set = 'nurse_staff_type' then 1 when c.code_set is not null then 0 end as nurses,
    case when c.code_set = 'physician_staff_type' then 1 end as physicians,
    case when c.code_set = 'physician_staff_type' and i.is_primary_care and s.gp_flag = '1' then 1 end
        as general_practitioners,
    'his_staff' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('dim_staff_month') }} as s
inner join {{ ref('dim_month') }} as m
    on s.month = m.month
inner join {{ ref('dim_institution') }} as i
    on s.institution_id = i.institution_id
left join {{ ref('policy_code') }} as c
    on
        s.month = c.month
        and c.code_set in ('nurse_staff_type', 'physician_staff_type')
        and s.staff_type = c.code
where s.is_in_post
