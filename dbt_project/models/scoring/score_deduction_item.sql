-- What is taken from an annual score, as far as the year has gone, one row per reason: points that somebody decided,
-- and points by rule for every unit that an indicator falls short of a limit.
with decided as (
    select
        m.month,
        d.institution_id,
        d.kind as reason,
        sum(d.points) as points
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'score_deduction') }} as d
        on
            m.year = d.year
            and {{ in_force('d', 'm.last_day') }}
    group by
        m.month,
        d.institution_id,
        d.kind
),

measured as (
    select
        m.month,
        i.institution_id,
        r.kpi_id as reason,
        r.points_per_unit,
        r.points_at_most,
        case when k.direction = 'lower' then a.value - r.short_of else r.short_of - a.value end as shortfall
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'deduction_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
    inner join {{ ref('dim_institution') }} as i
        on r.institution_tier = i.institution_tier
    inner join {{ ref('dim_kpi') }} as k
        on r.kpi_id = k.kpi_id
    inner join {{ ref('kpi_value') }} as a
        on
            m.month = a.month
            and a.kpi_window = {{ annual_window() }}
            and a.unit_level = 'institution'
            and i.institution_id = a.unit_id
            and r.kpi_id = a.kpi_id
    -- Nothing is taken for a figure that is not there, not mature or too small to say anything.
    where a.status = 'valid'
)

select
    month,
    institution_id,
    reason,
    cast(points as decimal(9, 4)) as points
from decided

union all

select
    month,
    institution_id,
    reason,
    cast(round(least(points_at_most, points_per_unit * shortfall), 4) as decimal(9, 4)) as points
from measured
where shortfall > 0
