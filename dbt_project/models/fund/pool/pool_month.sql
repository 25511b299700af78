-- Grain: community_id, month.
-- Which communities have a pool in a month, and by which rule.
select
    r.community_id,
    m.month,
    m.year,
    m.last_day,
    r.base,
    r.share,
    r.reserve_share,
    r.person_mode,
    r.approval_number
from {{ ref('dim_month') }} as m
inner join {{ incoming('policy', 'pool_rule') }} as r
    on {{ in_force('r', 'm.last_day') }}
