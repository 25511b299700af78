-- Which months a window ending in a month is made of, one row per month, window and member month; only months that the
-- warehouse has. months_due: how many the window should have.
with reach as (
    select
        month,
        month_number,
        'month' as kpi_window,
        1 as months_due
    from {{ ref('dim_month') }}

    union all

    select
        month,
        month_number,
        'quarter' as kpi_window,
        month_number - 3 * {{ integer_divide('month_number - 1', '3') }} as months_due
    from {{ ref('dim_month') }}

    union all

    select
        month,
        month_number,
        'half_year' as kpi_window,
        month_number - 6 * {{ integer_divide('month_number - 1', '6') }} as months_due
    from {{ ref('dim_month') }}

    union all

    select
        month,
        month_number,
        'ytd' as kpi_window,
        month_number - 12 * {{ integer_divide('month_number - 1', '12') }} as months_due
    from {{ ref('dim_month') }}

    union all

    select
        month,
        month_number,
        'rolling12' as kpi_window,
        12 as months_due
    from {{ ref('dim_month') }}
)

select
    r.month,
    r.kpi_window,
    m.month as member_month,
    r.months_due
from reach as r
inner join {{ ref('dim_month') }} as m
    on m.month_number between r.month_number - r.months_due + 1 and r.month_number
