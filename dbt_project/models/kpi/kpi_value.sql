-- Each KPI of each unit over the windows ending in each month: ratio of sums, or another statistic of the evidence. A
-- month in which a required delivery is missing gives nothing: missing is never 0. A window some of whose months have
-- no complete data says so (partial).
with closing as (
    select
        m.last_day as last_day_of_run,
        (select min(n.month_number) from {{ ref('dim_month') }} as n) as first_month_number,
        p.close_after_days
    from {{ ref('dim_month') }} as m
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    where m.month = (select max(n.month) from {{ ref('dim_month') }} as n)
),

-- How many months a state of a month is made of, where it pools more than its own.
pooled as (
    select
        m.month,
        k.kpi_id,
        cast(p.value as integer) as months_due
    from {{ ref('dim_kpi') }} as k
    inner join {{ incoming('policy', 'kpi_parameter') }} as p
        on k.pooled_months_parameter = p.parameter
    inner join {{ ref('dim_month') }} as m
        on {{ in_force('p', 'm.last_day') }}
),

component as (
    select
        w.month,
        w.kpi_window,
        w.member_month = w.month as is_last,
        k.aggregation,
        k.denominator_aggregation,
        c.kpi_id,
        c.unit_level,
        c.unit_id,
        c.institution_id,
        c.missing_deliveries,
        -- Above institutions the sums leave out who is incomplete already.
        c.missing_deliveries = 0 or c.unit_level in ('county', 'community') as is_counted,
        c.numerator,
        c.denominator,
        c.sample_size
    from {{ ref('kpi_window') }} as w
    inner join {{ ref('kpi_component') }} as c
        on w.member_month = c.month
    inner join {{ ref('dim_kpi') }} as k
        on c.kpi_id = k.kpi_id
    where
        w.member_month = w.month
        or k.aggregation <> 'last'
        or k.denominator_aggregation <> 'last'
),

summed as (
    select
        month,
        kpi_window,
        kpi_id,
        unit_level,
        unit_id,
        institution_id,
        {%- for part, rule in [('numerator', 'aggregation'), ('denominator', 'denominator_aggregation')] %}
        {%- set counted = 'case when is_counted then ' ~ part ~ ' end' %}
        case {{ rule }}
            when 'mean'
                then cast(
                        round({{ quotient('sum(' ~ counted ~ ')', 'count(' ~ counted ~ ')') }}, 4) as decimal(18, 4)
                    )
            else sum(case when is_counted and (is_last or {{ rule }} <> 'last') then {{ part }} end)
        end as {{ part }},
        {%- endfor %}
        sum(case when is_counted and (is_last or denominator_aggregation <> 'last') then sample_size else 0 end)
            as sample_size,
        count(case when missing_deliveries = 0 then 1 end) as months_present,
        sum(missing_deliveries) as missing_deliveries
    from component
    group by
        month,
        kpi_window,
        kpi_id,
        unit_level,
        unit_id,
        institution_id,
        aggregation,
        denominator_aggregation
),

grid as (
    select
        m.month,
        w.kpi_window,
        w.months_due,
        u.unit_level,
        u.unit_id,
        case when u.unit_level = 'institution' then u.unit_id end as institution_id,
        u.unit_tier,
        k.kpi_id,
        u.unit_level <> 'institution' or {{ in_list('u.unit_tier', 'k.institution_tiers') }} as is_applicable
    from {{ ref('dim_month') }} as m
    inner join {{ ref('kpi_window') }} as w
        on
            m.month = w.month
            and m.month = w.member_month
    inner join {{ ref('dim_unit') }} as u
        on u.unit_id <> '-'
    inner join {{ ref('dim_kpi') }} as k
        on u.unit_level = 'institution' or {{ in_list('u.unit_level', 'k.unit_levels') }}

    union all

    -- Departments, staff and what belongs to nobody: where there is something.
    select
        s.month,
        s.kpi_window,
        w.months_due,
        s.unit_level,
        s.unit_id,
        s.institution_id,
        cast(null as string) as unit_tier,
        s.kpi_id,
        true as is_applicable
    from summed as s
    inner join {{ ref('kpi_window') }} as w
        on
            s.month = w.month
            and s.kpi_window = w.kpi_window
            and s.month = w.member_month
    where
        s.unit_id = '-'
        or s.unit_level in ('department', 'physician')
),

joined as (
    select
        g.month,
        g.kpi_window,
        g.unit_level,
        g.unit_id,
        g.institution_id,
        g.unit_tier,
        g.kpi_id,
        k.unit,
        k.statistic,
        k.scale,
        k.divisor,
        k.is_share,
        k.minimum_sample,
        g.is_applicable and k.not_computed_zh = '' as is_applicable,
        {{ days_between('d.last_day', 'c.last_day_of_run') }} + c.close_after_days < k.maturity_lag_days as is_immature,
        case when k.statistic = 'distinct' and s.numerator is not null then x.numerator_items else s.numerator end
            as numerator,
        case
            when k.statistic = 'distinct' and x.denominator_items > 0 then x.denominator_items else s.denominator
        end as denominator,
        case when k.statistic = 'distinct' then coalesce(x.denominator_items, 0) else coalesce(s.sample_size, 0) end
            as sample_size,
        coalesce(s.missing_deliveries, 0) as missing_deliveries,
        case
            when k.aggregation = 'last' and k.denominator_aggregation = 'last' then coalesce(p.months_due, 1)
            else g.months_due
        end as months_due,
        -- A department without events in a month is still known: what counts is what its institution delivered.
        case
            when p.months_due > 1 and s.months_present > 0
                then least(p.months_due, d.month_number - c.first_month_number + 1)
            else coalesce(i.months_present, s.months_present, 0)
        end as months_present,
        x.median_amount,
        x.p90_amount,
        x.variation,
        x.probability
    from grid as g
    inner join {{ ref('dim_kpi') }} as k
        on g.kpi_id = k.kpi_id
    inner join {{ ref('dim_month') }} as d
        on g.month = d.month
    cross join closing as c
    left join pooled as p
        on
            g.month = p.month
            and g.kpi_id = p.kpi_id
    left join summed as s
        on
            g.month = s.month
            and g.kpi_window = s.kpi_window
            and g.unit_level = s.unit_level
            and g.unit_id = s.unit_id
            and g.kpi_id = s.kpi_id
            and coalesce(g.institution_id, '') = coalesce(s.institution_id, '')
    left join summed as i
        on
            i.unit_level = 'institution'
            and g.month = i.month
            and g.kpi_window = i.kpi_window
            and case when g.unit_level in ('department', 'physician') then g.institution_id end = i.unit_id
            and g.kpi_id = i.kpi_id
    left join {{ ref('kpi_spread') }} as x
        on
            g.month = x.month
            and g.kpi_window = x.kpi_window
            and g.unit_level = x.unit_level
            and g.unit_id = x.unit_id
            and g.kpi_id = x.kpi_id
)

select
    month,
    kpi_window,
    unit_level,
    unit_id,
    institution_id,
    unit_tier,
    kpi_id,
    cast(numerator as decimal(18, 4)) as numerator,
    cast(denominator as decimal(18, 4)) as denominator,
    cast(sample_size as bigint) as sample_size,
    cast(
        case
            when coalesce(denominator, 0) = 0 then null
            when statistic = 'median' then round({{ quotient('median_amount * scale', 'divisor') }}, 6)
            when statistic = 'p90' then round({{ quotient('p90_amount * scale', 'divisor') }}, 6)
            when statistic = 'cv' then round({{ quotient('variation * scale', 'divisor') }}, 6)
            when statistic = 'life_table' then round({{ quotient('probability * scale', 'divisor') }}, 6)
            -- A half in decimals stays a half: written as a double it may lie a little below.
            else round(cast({{ quotient('numerator * scale', 'denominator * divisor') }} as decimal(30, 12)), 6)
        end as decimal(18, 6)
    ) as value,
    {%- for side, sign in [('low', '-'), ('high', '+')] %}
    -- Only where every event counts once below the line: of money or days there is no such interval.
    cast(
        case
            when is_share and denominator = sample_size and denominator > 0
                then round({{ quotient(wilson('numerator', 'denominator', sign) ~ ' * scale', 'divisor') }}, 6)
        end as decimal(18, 6)
    ) as value_{{ side }},
    {%- endfor %}
    unit,
    case
        when not is_applicable then 'not_applicable'
        when coalesce(denominator, 0) = 0 and missing_deliveries > 0 then 'missing'
        when coalesce(denominator, 0) = 0 then 'not_applicable'
        when is_immature then 'immature'
        when sample_size < minimum_sample then 'below_minimum'
        when months_present < months_due then 'partial'
        else 'valid'
    end as status,
    cast(months_present as integer) as months_present,
    cast(months_due as integer) as months_due,
    cast(missing_deliveries as integer) as missing_deliveries
from joined
