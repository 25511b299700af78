-- KPI-019, 042, 050 below the line: townships and community centres that are members, one row per month and
-- institution. A member that the list of institutions does not describe is one by the county's configuration.
select
    m.month,
    i.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    m.last_day as event_date,
    1 as member_institutions,
    case when i.institution_tier = 'township' then 1 end as townships,
    'his_org' as source_feed,
    i.source_batch_id,
    coalesce(i.source_file, 'county.yml') as source_file,
    coalesce(i.source_line, 0) as source_line
from {{ ref('dim_institution') }} as i
cross join {{ ref('dim_month') }} as m
where i.institution_tier in ('township', 'community')
