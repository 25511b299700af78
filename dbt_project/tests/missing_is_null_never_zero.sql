-- What is missing or not applicable has no value and no points; what has a status of its own has a value.
select
    v.month,
    v.kpi_window,
    v.institution_id,
    v.kpi_id,
    v.status
from {{ ref('kpi_value') }} as v
left join {{ ref('score_value') }} as s
    on
        v.month = s.month
        and v.kpi_window = s.kpi_window
        and v.unit_level = s.unit_level
        and v.unit_id = s.unit_id
        and v.kpi_id = s.kpi_id
where
    (v.status in ('missing', 'not_applicable') and (v.value is not null or s.score is not null))
    or (v.status in ('valid', 'immature', 'below_minimum') and v.value is null)
