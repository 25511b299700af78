select
    v.month,
    v.kpi_window,
    v.institution_id,
    i.institution_tier,
    v.kpi_id,
    v.numerator,
    v.denominator,
    v.value,
    v.unit,
    v.status,
    s.baseline,
    s.target,
    s.challenge,
    s.score,
    v.sample_size,
    m.release_id,
    -- The column's name in 0.2.0, a keyword; deprecated.
    v.kpi_window as {{ adapter.quote('window') }},
    v.value_low,
    v.value_high,
    v.months_present,
    v.months_due
from {{ ref('kpi_value') }} as v
inner join {{ ref('dim_institution') }} as i
    on v.unit_id = i.institution_id
inner join {{ ref('dim_month') }} as m
    on v.month = m.month
inner join {{ ref('score_value') }} as s
    on
        v.month = s.month
        and v.kpi_window = s.kpi_window
        and v.unit_level = s.unit_level
        and v.unit_id = s.unit_id
        and v.kpi_id = s.kpi_id
where v.unit_level = 'institution'
