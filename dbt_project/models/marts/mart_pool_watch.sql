select
    w.month,
    w.institution_id,
    w.subject,
    w.measure,
    -- The share of one person of a sum that is known would be that person's money.
    case when w.measure <> 'head_share_pct' then w.value end as value,
    w.bound,
    w.people,
    w.is_beyond,
    m.release_id
from {{ ref('pool_watch_value') }} as w
inner join {{ ref('dim_month') }} as m
    on w.month = m.month
