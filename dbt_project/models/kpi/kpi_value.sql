-- Each KPI of each institution over four windows ending in each month: ratio of sums, or the median of the evidence.
-- A month in which a required delivery is missing gives nothing: missing is never 0.
with closing as (
    select
        m.last_day as last_day_of_run,
        p.close_after_days
    from {{ ref('dim_month') }} as m
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    where m.month = (select max(n.month) from {{ ref('dim_month') }} as n)
),

window_month as (
    select
        m.month,
        'month' as kpi_window,
        m.month as member_month
    from {{ ref('dim_month') }} as m

    union all

    select
        m.month,
        'quarter' as kpi_window,
        c.month as member_month
    from {{ ref('dim_month') }} as m
    inner join {{ ref('dim_month') }} as c
        on
            m.year = c.year
            and m.quarter = c.quarter
            and m.month_number >= c.month_number

    union all

    select
        m.month,
        'ytd' as kpi_window,
        c.month as member_month
    from {{ ref('dim_month') }} as m
    inner join {{ ref('dim_month') }} as c
        on
            m.year = c.year
            and m.month_number >= c.month_number

    union all

    select
        m.month,
        'rolling12' as kpi_window,
        c.month as member_month
    from {{ ref('dim_month') }} as m
    inner join {{ ref('dim_month') }} as c
        on c.month_number between m.month_number - 11 and m.month_number
),

window_of_month as (
    select distinct
        month,
        kpi_window
    from window_month
),

kpi_month as (
    select
        w.month,
        w.kpi_window,
        w.member_month,
        k.kpi_id
    from window_month as w
    inner join {{ ref('dim_kpi') }} as k
        on k.aggregation = 'sum' or w.member_month = w.month
),

summed as (
    select
        w.month,
        w.kpi_window,
        w.kpi_id,
        c.institution_id,
        sum(case when c.missing_deliveries = 0 then c.numerator end) as numerator,
        sum(case when c.missing_deliveries = 0 then c.denominator end) as denominator,
        sum(case when c.missing_deliveries = 0 then c.sample_size else 0 end) as sample_size,
        sum(c.missing_deliveries) as missing_deliveries
    from kpi_month as w
    inner join {{ ref('kpi_component') }} as c
        on
            w.kpi_id = c.kpi_id
            and w.member_month = c.month
    group by
        w.month,
        w.kpi_window,
        w.kpi_id,
        c.institution_id
),

middle as (
    select
        w.month,
        w.kpi_window,
        w.kpi_id,
        e.institution_id,
        median(cast(e.numerator as double)) as median_numerator
    from {{ ref('kpi_evidence') }} as e
    inner join {{ ref('dim_kpi') }} as k
        on
            e.kpi_id = k.kpi_id
            and k.statistic = 'median'
    inner join {{ ref('kpi_component') }} as c
        on
            e.kpi_id = c.kpi_id
            and e.month = c.month
            and e.institution_id = c.institution_id
            and c.missing_deliveries = 0
    inner join kpi_month as w
        on
            e.kpi_id = w.kpi_id
            and e.month = w.member_month
    group by
        w.month,
        w.kpi_window,
        w.kpi_id,
        e.institution_id
),

grid as (
    select
        m.month,
        w.kpi_window,
        i.institution_id,
        i.institution_tier,
        k.kpi_id,
        k.unit,
        k.statistic,
        k.scale,
        k.divisor,
        k.minimum_sample,
        {{ in_list('i.institution_tier', 'k.institution_tiers') }} as is_applicable,
        {{ days_between('m.last_day', 'c.last_day_of_run') }} + c.close_after_days
        < k.maturity_lag_days as is_immature
    from {{ ref('dim_month') }} as m
    inner join window_of_month as w
        on m.month = w.month
    cross join {{ ref('dim_institution') }} as i
    cross join {{ ref('dim_kpi') }} as k
    cross join closing as c
)

select
    g.month,
    g.kpi_window,
    g.institution_id,
    g.institution_tier,
    g.kpi_id,
    cast(s.numerator as decimal(18, 4)) as numerator,
    cast(s.denominator as decimal(18, 4)) as denominator,
    cast(coalesce(s.sample_size, 0) as bigint) as sample_size,
    cast(
        case
            when coalesce(s.denominator, 0) = 0 then null
            when g.statistic = 'median'
                then round({{ quotient('m.median_numerator * g.scale', 'g.divisor') }}, 6)
            else round({{ quotient('s.numerator * g.scale', 's.denominator * g.divisor') }}, 6)
        end as decimal(18, 6)
    ) as value,
    g.unit,
    case
        when not g.is_applicable then 'not_applicable'
        when coalesce(s.denominator, 0) = 0 and coalesce(s.missing_deliveries, 0) > 0 then 'missing'
        when coalesce(s.denominator, 0) = 0 then 'not_applicable'
        when g.is_immature then 'immature'
        when s.sample_size < g.minimum_sample then 'below_minimum'
        else 'valid'
    end as status
from grid as g
left join summed as s
    on
        g.month = s.month
        and g.kpi_window = s.kpi_window
        and g.institution_id = s.institution_id
        and g.kpi_id = s.kpi_id
left join middle as m
    on
        g.month = m.month
        and g.kpi_window = m.kpi_window
        and g.institution_id = m.institution_id
        and g.kpi_id = m.kpi_id
