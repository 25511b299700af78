select
    s.month,
    s.institution_id,
    s.dimension,
    s.kpi_id,
    s.weight,
    s.kpi_window,
    s.value_month,
    s.value,
    s.status,
    s.must_reach,
    s.is_threshold_missed,
    s.score,
    m.release_id
from {{ ref('score_annual_indicator') }} as s
inner join {{ ref('dim_month') }} as m
    on s.month = m.month
