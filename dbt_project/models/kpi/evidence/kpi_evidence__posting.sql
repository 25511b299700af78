{% set ended = 'least(coalesce(a.end_date, m.last_day), m.last_day)' %}
-- KPI-019, 051: county staff posted to primary care, one row per month and posting of the last twelve months, booked at
-- the receiver. 019 with the title and the days of the policy, all postings of a person to one place added up and
-- counted once; 051 heads of departments: days with an activity over days posted in the month.
with posted as (
    select
        m.month,
        m.first_day,
        m.last_day,
        a.to_institution_id,
        a.staff_id,
        a.assignment_type,
        a.title_level_at_assignment,
        a.assignment_id,
        a.deliverer_id,
        a.start_date,
        {{ ended }} as end_date,
        least(
            {{ days_between('a.start_date', ended) }} + 1,
            {{ days_between('m.last_day_year_before', ended) }}
        ) as days_in_year,
        least(
            {{ days_between('a.start_date', ended) }} + 1,
            {{ days_between('m.first_day', ended) }} + 1
        ) as days_in_month,
        a.source_batch_id,
        a.source_file,
        a.source_line
    from {{ ref('fct_staff_assignment') }} as a
    inner join {{ ref('dim_month') }} as m
        on
            a.start_date <= m.last_day
            and coalesce(a.end_date, m.last_day) > m.last_day_year_before
    inner join {{ ref('dim_institution') }} as f
        on
            a.institution_id = f.institution_id
            and f.is_county_hospital
    inner join {{ ref('dim_institution') }} as t
        on
            a.to_institution_id = t.institution_id
            and t.is_primary_care
),

long_posting as (
    select
        p.month,
        p.deliverer_id,
        p.assignment_id,
        sum(p.days_in_year) over (partition by p.month, p.staff_id, p.to_institution_id) as days_in_year,
        row_number() over (
            partition by p.month, p.staff_id, p.to_institution_id
            order by
                p.start_date desc nulls last,
                p.source_batch_id asc nulls last,
                p.source_line asc nulls last
        ) as posting_number
    from posted as p
    inner join {{ ref('policy_code') }} as k
        on
            p.month = k.month
            and k.code_set = 'long_posting_type'
            and p.assignment_type = k.code
    inner join {{ ref('policy_code') }} as c
        on
            p.month = c.month
            and c.code_set = 'stationed_title_level'
            and p.title_level_at_assignment = c.code
),

present as (
    select
        p.month,
        p.deliverer_id,
        p.assignment_id,
        count(distinct s.event_date) as present_days
    from posted as p
    inner join {{ ref('fct_support_activity') }} as s
        on
            p.staff_id = s.staff_id
            and p.to_institution_id = s.to_institution_id
            and p.month = s.month
            and s.event_date between p.start_date and p.end_date
    group by
        p.month,
        p.deliverer_id,
        p.assignment_id
)

select
    p.month,
    p.to_institution_id as institution_id,
    cast(null as string) as department_code,
    p.staff_id,
    cast(null as string) as person_key,
    p.start_date as event_date,
    case
        when l.posting_number = 1 then (case when l.days_in_year >= y.long_posting_min_days then 1 else 0 end)
    end as long_posted_physicians,
    case when h.code is not null and p.days_in_month > 0 then coalesce(v.present_days, 0) end as head_days_present,
    case when h.code is not null and p.days_in_month > 0 then p.days_in_month end as head_days_posted,
    'his_staff_assignment' as source_feed,
    p.source_batch_id,
    p.source_file,
    p.source_line
from posted as p
inner join {{ ref('policy_parameter') }} as y
    on p.month = y.month
left join long_posting as l
    on
        p.month = l.month
        and p.deliverer_id = l.deliverer_id
        and p.assignment_id = l.assignment_id
left join {{ ref('policy_code') }} as h
    on
        p.month = h.month
        and h.code_set = 'department_head_posting_type'
        and p.assignment_type = h.code
left join present as v
    on
        p.month = v.month
        and p.deliverer_id = v.deliverer_id
        and p.assignment_id = v.assignment_id
