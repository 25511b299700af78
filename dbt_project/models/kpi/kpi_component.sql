-- The parts of each KPI, one row per KPI, month and unit: its measures times their coefficients. They add up over
-- months, and from departments and staff to institutions, communities and the county; an institution of which a
-- required delivery is missing counts in nothing above it.
with part as (
    select
        *,
        max(offset_months) over (partition by kpi_id) as reach_months
    from {{ ref('kpi_part') }}
),

first_month as (
    select min(month_number) as month_number
    from {{ ref('dim_month') }}
),

summed as (
    select
        p.kpi_id,
        d.month,
        m.unit_level,
        m.unit_id,
        m.institution_id,
        m.community_id,
        {{ summed_parts() }}
    from part as p
    inner join {{ ref('kpi_measure') }} as m
        on
            p.subject = m.subject
            and p.measure = m.measure
    inner join {{ ref('dim_month') }} as o
        on m.month = o.month
    inner join {{ ref('dim_month') }} as d
        on o.month_number + p.offset_months = d.month_number
    cross join first_month as f
    -- A month whose comparison lies before the first month has no figure, rather than half of one.
    where d.month_number - p.reach_months >= f.month_number
    group by
        p.kpi_id,
        d.month,
        m.unit_level,
        m.unit_id,
        m.institution_id,
        m.community_id
),

{{ missing_by_unit() }},

{{ at_units() }},

-- Units of which a figure is expected, whether there are events or not.
applicable as (
    select
        k.kpi_id,
        m.month,
        u.unit_level,
        u.unit_id
    from {{ ref('dim_kpi') }} as k
    inner join {{ ref('dim_unit') }} as u
        on
            {{ in_list('u.unit_level', 'k.unit_levels') }}
            and (u.unit_level <> 'institution' or {{ in_list('u.unit_tier', 'k.institution_tiers') }})
            and u.unit_id <> '-'
    cross join {{ ref('dim_month') }} as m
),

-- What belongs to nobody has a row where there are events; departments and staff likewise.
found as (
    select
        coalesce(a.kpi_id, b.kpi_id) as kpi_id,
        coalesce(a.month, b.month) as month,
        coalesce(a.unit_level, b.unit_level) as unit_level,
        coalesce(a.unit_id, b.unit_id) as unit_id,
        case when coalesce(a.unit_level, b.unit_level) = 'institution' then coalesce(a.unit_id, b.unit_id) end
            as institution_id,
        b.numerator,
        b.denominator,
        b.sample_size
    from applicable as a
    full outer join by_unit as b
        on
            a.kpi_id = b.kpi_id
            and a.month = b.month
            and a.unit_level = b.unit_level
            and a.unit_id = b.unit_id
    where a.kpi_id is not null or b.unit_id = '-'

    union all

    select
        s.kpi_id,
        s.month,
        s.unit_level,
        s.unit_id,
        coalesce(h.home_id, '-') as institution_id,
        sum(s.numerator) as numerator,
        sum(s.denominator) as denominator,
        sum(s.sample_size) as sample_size
    from summed as s
    inner join {{ ref('dim_kpi') }} as k
        on
            s.kpi_id = k.kpi_id
            and {{ in_list('s.unit_level', 'k.unit_levels') }}
    left join {{ ref('kpi_home') }} as h
        on
            s.kpi_id = h.kpi_id
            and s.institution_id = h.institution_id
    where s.unit_level in ('department', 'physician')
    group by
        s.kpi_id,
        s.month,
        s.unit_level,
        s.unit_id,
        coalesce(h.home_id, '-')
)

select
    f.kpi_id,
    f.month,
    f.unit_level,
    f.unit_id,
    f.institution_id,
    cast(f.numerator as decimal(18, 4)) as numerator,
    cast(f.denominator as decimal(18, 4)) as denominator,
    cast(coalesce(f.sample_size, 0) as bigint) as sample_size,
    coalesce(m.missing_deliveries, a.missing_deliveries, 0) as missing_deliveries
from found as f
left join missing as m
    on
        f.kpi_id = m.kpi_id
        and f.month = m.month
        and f.institution_id = m.institution_id
left join missing_above as a
    on
        f.kpi_id = a.kpi_id
        and f.month = a.month
        and f.unit_level = a.unit_level
        and f.unit_id = a.unit_id
