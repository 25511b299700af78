select
    s.month,
    s.institution_id,
    s.institution_name,
    s.institution_tier,
    s.peer_group,
    s.score,
    s.coverage_pct,
    s.rank_in_peer_group,
    s.peers,
    s.pay_coefficient,
    s.status,
    m.release_id,
    s.valid_indicators,
    s.valid_dimensions,
    s.scored_with,
    s.pay_coefficient_before_veto,
    s.vetoed_by,
    s.is_veto_appealed
from {{ ref('score_institution') }} as s
inner join {{ ref('dim_month') }} as m
    on s.month = m.month
