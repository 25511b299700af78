-- Children on the register at the end of each month by age in months: seen this year, of Chinese medicine's age, and
-- newborns. Of a birth only the month is kept: a newborn's visit counts up to so many days after the end of that month.
select
    m.month,
    c.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    c.person_key,
    m.last_day as event_date,
    1 as children,
    case
        when
            ({{ year_of('c.newborn_visit_date') }} = m.year and c.newborn_visit_date <= m.last_day)
            or {{ dated_this_year('c.visit_dates', 'm.year', 'm.month_of_year') }}
            then 1
        else 0
    end as children_seen,
    case
        when
            m.month_number - {{ month_number_of('c.event_date') }} <= p.tcm_child_months
            then 1
    end as young_children,
    case when c.month = m.month then 1 end as newborns,
    case
        when c.month = m.month
            then
                case
                    when {{ days_between('m.last_day', 'c.newborn_visit_date') }} <= p.newborn_visit_days then 1
                    else 0
                end
    end as newborns_visited,
    'ph_child' as source_feed,
    c.source_batch_id,
    c.source_file,
    c.source_line
from {{ ref('fct_child') }} as c
inner join {{ ref('dim_month') }} as m
    on c.month <= m.month
inner join {{ ref('policy_parameter') }} as p
    on m.month = p.month
where m.month_number - {{ month_number_of('c.event_date') }} < p.child_months
