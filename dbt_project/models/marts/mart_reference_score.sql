select
    s.month,
    s.peer_group,
    s.institution_id,
    s.method,
    s.indicators,
    s.score,
    s.rank_in_peer_group,
    s.peers,
    s.is_reference,
    m.release_id
from {{ ref('score_reference') }} as s
inner join {{ ref('dim_month') }} as m
    on s.month = m.month
