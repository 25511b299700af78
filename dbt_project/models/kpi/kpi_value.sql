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

kpi_month as (
    select
        w.month,
        w.kpi_window,
        w.member_month,
        k.kpi_id
    from {{ ref('kpi_window') }} as w
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
        median(cast(e.amount as double)) as median_numerator
    from {{ ref('kpi_part') }} as p
    inner join {{ ref('dim_kpi') }} as k
        on
            p.kpi_id = k.kpi_id
            and k.statistic = 'median'
    inner join {{ ref('kpi_distribution') }} as e
        on
            p.subject = e.subject
            and p.measure = e.measure
    inner join {{ ref('kpi_component') }} as c
        on
            p.kpi_id = c.kpi_id
            and e.month = c.month
            and e.institution_id = c.institution_id
            and c.missing_deliveries = 0
    inner join kpi_month as w
        on
            p.kpi_id = w.kpi_id
            and e.month = w.member_month
    where p.part = 'numerator'
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
    inner join {{ ref('kpi_window') }} as w
        on
            m.month = w.month
            and m.month = w.member_month
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
