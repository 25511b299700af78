select
    s.month,
    s.institution_id,
    s.dimension,
    s.kpi_id,
    s.weight,
    s.value,
    s.score,
    s.weighted_score,
    s.status,
    s.value_month,
    s.benchmark_score,
    m.release_id,
    s.must_reach,
    s.is_threshold_missed
from {{ ref('score_indicator') }} as s
inner join {{ ref('dim_month') }} as m
    on s.month = m.month
