-- Grain: day.
-- The one rule of workdays: Monday to Friday, but for what the notice of the year takes off or has worked (policy).
with numbers as (
    select n.days_later
    from (
        values
        {%- for number in range(31) %}
        ({{ number }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as n (days_later)
),

counted as (
    select
        m.first_day + n.days_later as day,
        m.month,
        m.year,
        m.month_of_year,
        m.quarter,
        -- That day was a Monday.
        {{ days_between("cast('1900-01-01' as date)", 'm.first_day + n.days_later') }} as days_since
    from {{ ref('dim_month') }} as m
    inner join numbers as n
        on m.first_day + n.days_later <= m.last_day
),

days as (
    select
        *,
        days_since - 7 * {{ integer_divide('days_since', '7') }} + 1 as weekday
    from counted
),

exceptions as (
    select
        d.day,
        e.kind,
        e.name_zh
    from days as d
    inner join {{ incoming('policy', 'calendar_exception') }} as e
        on
            d.day >= e.effective_from
            and d.day <= e.effective_to
),

noticed as (
    select distinct {{ year_of('effective_from') }} as year
    from {{ incoming('policy', 'calendar_exception') }}
)

select
    d.day,
    d.month,
    d.year,
    d.month_of_year,
    d.quarter,
    cast(d.weekday as integer) as weekday,
    case
        when e.kind = 'holiday' then 'holiday'
        when e.kind = 'workday' then 'adjusted_workday'
        when d.weekday >= 6 then 'weekend'
        else 'workday'
    end as day_kind,
    case when e.kind is null then d.weekday <= 5 else e.kind = 'workday' end as is_workday,
    e.name_zh as holiday_name,
    n.year is not null as is_calendar_known
from days as d
left join exceptions as e
    on d.day = e.day
left join noticed as n
    on d.year = n.year
