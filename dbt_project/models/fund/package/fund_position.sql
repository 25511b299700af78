-- Grain: month, budget_year.
-- From which month a year's package is looked at: from the months of the year itself, and from those of the year
-- after, in which late settlements still come in. What policy decided of a year, it decided by the year's end.
with budget_year as (
    select
        year as budget_year,
        min(month_number) as first_month_number
    from {{ ref('dim_month') }}
    group by year
)

select
    m.month,
    y.budget_year,
    m.month_number,
    m.last_day,
    least(m.last_day, make_date(y.budget_year, 12, 31)) as decided_on,
    y.first_month_number,
    cast(least(m.month_number, y.budget_year * 12 + 12) - y.first_month_number + 1 as integer) as months_elapsed
from {{ ref('dim_month') }} as m
inner join budget_year as y
    on m.year in (y.budget_year, y.budget_year + 1)
