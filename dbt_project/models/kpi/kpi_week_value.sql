-- Grain: week, unit_level, unit_id, kpi_id.
-- KPIs by week, Monday to Sunday, to be watched and never scored (REQ-106). A week belongs to the month in which it
-- ends; one that began before the first month of the warehouse is not full. Rows are where there are events.
with summed as (
    select
        p.kpi_id,
        m.week,
        m.month,
        m.unit_level,
        m.institution_id,
        m.community_id,
        {{ summed_parts() }}
    from {{ ref('kpi_part') }} as p
    inner join {{ ref('dim_kpi') }} as k
        on
            p.kpi_id = k.kpi_id
            and k.is_weekly
    inner join {{ ref('kpi_week_measure') }} as m
        on
            p.subject = m.subject
            and p.measure = m.measure
    group by
        p.kpi_id,
        m.week,
        m.month,
        m.unit_level,
        m.institution_id,
        m.community_id
),

{{ missing_by_unit() }},

{{ at_units(['week', 'month']) }},

found as (
    select
        b.kpi_id,
        b.week,
        b.unit_level,
        b.unit_id,
        sum(b.numerator) as numerator,
        sum(b.denominator) as denominator,
        sum(coalesce(b.sample_size, 0)) as sample_size,
        sum(coalesce(m.missing_deliveries, a.missing_deliveries, 0)) as missing_deliveries
    from by_unit as b
    left join missing as m
        on
            b.kpi_id = m.kpi_id
            and b.month = m.month
            and case when b.unit_level = 'institution' then b.unit_id end = m.institution_id
    left join missing_above as a
        on
            b.kpi_id = a.kpi_id
            and b.month = a.month
            and b.unit_level = a.unit_level
            and b.unit_id = a.unit_id
    group by
        b.kpi_id,
        b.week,
        b.unit_level,
        b.unit_id
),

warehouse as (
    select
        min(m.first_day) as first_day,
        max(m.last_day) as last_day
    from {{ ref('dim_month') }} as m
),

judged as (
    select
        f.*,
        k.unit,
        k.scale,
        k.divisor,
        k.minimum_sample,
        {{ days_between('greatest(f.week, w.first_day)', 'f.week + 6') }} + 1 as days_present,
        {{ days_between('f.week + 6', 'w.last_day') }} + p.close_after_days < k.maturity_lag_days as is_immature,
        d.month
    from found as f
    inner join {{ ref('dim_kpi') }} as k
        on
            f.kpi_id = k.kpi_id
            and {{ in_list('f.unit_level', 'k.unit_levels') }}
    inner join {{ ref('dim_month') }} as d
        on {{ month_of('f.week + 6') }} = d.month
    cross join warehouse as w
    inner join {{ ref('policy_parameter') }} as p
        on {{ month_of('w.last_day') }} = p.month
)

select
    month,
    week,
    unit_level,
    unit_id,
    kpi_id,
    cast(numerator as decimal(18, 4)) as numerator,
    cast(denominator as decimal(18, 4)) as denominator,
    cast(
        case
            when denominator > 0 and (missing_deliveries = 0 or unit_level <> 'institution')
                then round({{ quotient('numerator * scale', 'denominator * divisor') }}, 6)
        end as decimal(18, 6)
    ) as value,
    unit,
    case
        when missing_deliveries > 0 and unit_level = 'institution' then 'missing'
        when coalesce(denominator, 0) = 0 then 'not_applicable'
        when is_immature then 'immature'
        when sample_size < minimum_sample then 'below_minimum'
        when days_present < 7 or missing_deliveries > 0 then 'partial'
        else 'valid'
    end as status,
    cast(sample_size as bigint) as sample_size,
    cast(days_present as integer) as days_present,
    cast(missing_deliveries as integer) as missing_deliveries
from judged
