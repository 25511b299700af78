-- KPI-019, 042, 050 below the line: townships and community centres that are members, one row per month and
-- institution; 042 above the line: townships whose newest grade is a counted standard.
with graded as (
    select
        m.month,
        g.institution_id,
        g.standard_level,
        g.source_batch_id,
        g.source_file,
        g.source_line,
        row_number() over (
            partition by m.month, g.institution_id
            order by
                g.graded_year desc nulls last,
                g.deliverer_id asc nulls last
        ) as grade_number
    from {{ ref('fct_accreditation') }} as g
    inner join {{ ref('dim_month') }} as m
        on g.graded_year <= m.year
)

select
    m.month,
    i.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    m.last_day as event_date,
    1 as member_institutions,
    case when i.institution_tier = 'township' then (case when c.code is not null then 1 else 0 end) end
        as townships_at_standard,
    case when i.institution_tier = 'township' then 1 end as townships,
    case when g.institution_id is not null then 'gov_accreditation' else 'his_org' end as source_feed,
    case when g.institution_id is not null then g.source_batch_id else i.source_batch_id end as source_batch_id,
    -- A member that no feed describes is one by the county's configuration.
    coalesce(case when g.institution_id is not null then g.source_file else i.source_file end, 'county.yml')
        as source_file,
    coalesce(case when g.institution_id is not null then g.source_line else i.source_line end, 0) as source_line
from {{ ref('dim_institution') }} as i
cross join {{ ref('dim_month') }} as m
left join graded as g
    on
        m.month = g.month
        and i.institution_id = g.institution_id
        and g.grade_number = 1
left join {{ ref('policy_code') }} as c
    on
        m.month = c.month
        and c.code_set = 'capability_standard_level'
        and g.standard_level = c.code
where i.institution_tier in ('township', 'community')
