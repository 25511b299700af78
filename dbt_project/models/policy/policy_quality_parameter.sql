-- Parameters of the data-quality scores as they are in force at the end of the run's last month.
select
    p.parameter,
    p.value
from {{ incoming('policy', 'quality_parameter') }} as p
cross join (select max(m.last_day) as last_day from {{ ref('dim_month') }} as m) as m
where {{ in_force('p', 'm.last_day') }}
