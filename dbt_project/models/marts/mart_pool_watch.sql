select
    w.month,
    w.institution_id,
    w.subject,
    w.measure,
    w.value,
    w.bound,
    w.people,
    w.is_beyond,
    m.release_id
from {{ ref('pool_watch_value') }} as w
inner join {{ ref('dim_month') }} as m
    on w.month = m.month
