-- Physicians in post at the end of each month, and those of primary care registered as general practitioners.
select
    s.month,
    s.institution_id,
    cast(null as string) as department_code,
    s.staff_id,
    cast(null as string) as person_key,
    m.last_day as event_date,
    1 as licensed_physicians,
    case when i.is_primary_care and s.gp_flag = '1' then 1 end as general_practitioners,
    'his_staff' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('dim_staff_month') }} as s
inner join {{ ref('dim_month') }} as m
    on s.month = m.month
inner join {{ ref('dim_institution') }} as i
    on s.institution_id = i.institution_id
inner join {{ ref('policy_code') }} as c
    on
        s.month = c.month
        and c.code_set = 'physician_staff_type'
        and s.staff_type = c.code
where s.is_in_post
