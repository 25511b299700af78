-- KPI-042 above the line: the newest service-capability grade of a township up to the year, one row per month and
-- township that has one.
with graded as (
    select
        m.month,
        m.last_day,
        g.institution_id,
        g.standard_level,
        g.source_batch_id,
        g.source_file,
        g.source_line,
        row_number() over (
            partition by m.month, g.institution_id
            order by
                g.graded_year desc nulls last,
                g.source_batch_id asc nulls last,
                g.source_line asc nulls last
        ) as grade_number
    from {{ ref('fct_accreditation') }} as g
    inner join {{ ref('dim_month') }} as m
        on g.graded_year <= m.year
    inner join {{ ref('dim_institution') }} as i
        on
            g.institution_id = i.institution_id
            and i.institution_tier = 'township'
)

select
    g.month,
    g.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    g.last_day as event_date,
    case when c.code is not null then 1 else 0 end as townships_at_standard,
    'gov_accreditation' as source_feed,
    g.source_batch_id,
    g.source_file,
    g.source_line
from graded as g
left join {{ ref('policy_code') }} as c
    on
        g.month = c.month
        and c.code_set = 'capability_standard_level'
        and g.standard_level = c.code
where g.grade_number = 1
