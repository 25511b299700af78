-- The first visit of the mobile clinic to each village in a calendar year.
select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    event_date,
    1 as villages_served,
    'ph_mobile_service' as source_feed,
    source_batch_id,
    source_file,
    source_line
from (
    select
        s.*,
        row_number() over (
            partition by s.division_code, substr(s.month, 1, 4)
            order by
                s.event_date asc nulls last,
                s.task_id asc nulls last,
                s.source_batch_id asc nulls last,
                s.source_line asc nulls last
        ) as place
    from {{ ref('fct_mobile_service') }} as s
    -- What is no village of the county is none below the line either.
    where s.division_code in (select c.division_code from {{ ref('fct_population') }} as c)
) as served
where
    place = 1
    and month in (select m.month from {{ ref('dim_month') }} as m)
