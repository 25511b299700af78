select
    v.month,
    v.kpi_window as "window",
    v.institution_id,
    v.institution_tier,
    v.kpi_id,
    v.numerator,
    v.denominator,
    v.value,
    v.unit,
    v.status,
    v.baseline,
    v.target,
    v.challenge,
    v.score,
    v.sample_size,
    m.release_id
from {{ ref('score_value') }} as v
inner join {{ ref('dim_month') }} as m
    on v.month = m.month
