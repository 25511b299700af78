-- What is missing or not applicable has no value and no points; what has a status of its own has a value.
select
    month,
    kpi_window,
    institution_id,
    kpi_id,
    status
from {{ ref('score_value') }}
where
    (status in ('missing', 'not_applicable') and (value is not null or score is not null))
    or (status in ('valid', 'immature', 'below_minimum') and value is null)
