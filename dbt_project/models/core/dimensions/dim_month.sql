-- Grain: month.
with months as (
    select
        month,
        release_id,
        cast(revision as integer) as revision,
        cast(substr(month, 1, 4) as integer) as year,
        cast(substr(month, 6, 2) as integer) as month_of_year,
        cast(month || '-01' as date) as first_day
    from {{ incoming('pipeline', 'run_month') }}
)

select
    month,
    year,
    month_of_year,
    cast({{ integer_divide('month_of_year + 2', '3') }} as integer) as quarter,
    first_day,
    last_day(first_day) as last_day,
    revision,
    release_id,
    year * 12 + month_of_year as month_number,
    last_day(make_date(year - 1, month_of_year, 1)) as last_day_year_before
from months
