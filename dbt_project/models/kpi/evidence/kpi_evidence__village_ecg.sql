-- KPI-021 above the line: villages that sent an ECG within the days up to the end of the month, once each, booked at
-- the institution that looks after the village.
with sent as (
    select
        m.month,
        t.village_code,
        t.person_key,
        t.event_date,
        t.source_batch_id,
        t.source_file,
        t.source_line,
        row_number() over (
            partition by m.month, t.village_code
            order by
                t.event_date asc nulls last,
                t.apply_time asc nulls last,
                t.source_batch_id asc nulls last,
                t.source_line asc nulls last
        ) as place
    from {{ ref('fct_teleconsult') }} as t
    cross join {{ ref('dim_month') }} as m
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    inner join {{ ref('policy_code') }} as c
        on
            m.month = c.month
            and c.code_set = 'village_ecg_type'
            and t.service_type = c.code
    where
        t.status <> '2'
        and not t.is_test_patient
        and t.event_date <= m.last_day
        and {{ days_between('t.event_date', 'm.last_day') }} < p.village_ecg_days
        -- What is no village of the county is none below the line either.
        and t.village_code in (select n.division_code from {{ ref('fct_population') }} as n)
)

select
    s.month,
    d.managing_institution_id as institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    s.person_key,
    s.event_date,
    1 as villages_with_ecg,
    'his_teleconsult' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from sent as s
left join {{ ref('dim_division') }} as d
    on s.village_code = d.division_code
where s.place = 1
