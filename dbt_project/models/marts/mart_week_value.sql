-- Weekly figures are watched, never scored: nothing above reads them.
select
    v.month,
    v.week,
    v.unit_level,
    v.unit_id,
    u.unit_name,
    v.kpi_id,
    v.numerator,
    v.denominator,
    v.value,
    v.unit,
    v.status,
    v.sample_size,
    v.days_present,
    v.missing_deliveries,
    m.release_id
from {{ ref('kpi_week_value') }} as v
inner join {{ ref('dim_month') }} as m
    on v.month = m.month
left join {{ ref('dim_unit') }} as u
    on
        v.unit_level = u.unit_level
        and v.unit_id = u.unit_id
