select
    p.month,
    p.institution_id,
    p.community_id,
    r.amount_fen as round_fen,
    p.base_fen,
    p.performance_fen,
    p.amount_fen,
    cast(coalesce(sum(d.amount_fen), 0) as bigint) as to_departments_fen,
    cast(count(d.department_code) as integer) as departments,
    r.person_mode,
    m.release_id
from {{ ref('pool_institution') }} as p
inner join {{ ref('pool_round') }} as r
    on
        p.community_id = r.community_id
        and p.month = r.month
inner join {{ ref('dim_month') }} as m
    on p.month = m.month
left join {{ ref('pool_department') }} as d
    on
        p.month = d.month
        and p.institution_id = d.institution_id
group by
    p.month,
    p.institution_id,
    p.community_id,
    r.amount_fen,
    p.base_fen,
    p.performance_fen,
    p.amount_fen,
    r.person_mode,
    m.release_id
