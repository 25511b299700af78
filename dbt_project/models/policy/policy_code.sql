select distinct
    m.month,
    c.code_set,
    c.code
from {{ ref('dim_month') }} as m
inner join {{ incoming('policy', 'kpi_code_set') }} as c
    on {{ in_force('c', 'm.last_day') }}
