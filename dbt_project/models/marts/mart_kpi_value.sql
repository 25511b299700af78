select
    v.month,
    v.kpi_window,
    v.institution_id,
    v.institution_tier,
    v.kpi_id,
    v.numerator,
    v.denominator,
    v.value,
    v.unit,
    v.status,
    t.baseline,
    t.target,
    t.challenge,
    s.score,
    v.sample_size,
    m.release_id,
    -- The column's name in 0.2.0, a keyword; deprecated.
    v.kpi_window as "window"
from {{ ref('kpi_value') }} as v
inner join {{ ref('dim_month') }} as m
    on v.month = m.month
inner join {{ ref('score_value') }} as s
    on
        v.month = s.month
        and v.kpi_window = s.kpi_window
        and v.institution_id = s.institution_id
        and v.kpi_id = s.kpi_id
left join {{ ref('score_target') }} as t
    on
        v.month = t.month
        and v.institution_id = t.institution_id
        and v.kpi_id = t.kpi_id
