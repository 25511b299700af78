-- Grain: claim_id.
-- Claims are paid in the order they came, each in the first month of its year in which the part it is paid from has
-- enough for all before it and for it; until then it waits.
-- Source: REQ-180, REQ-192.
with queued as (
    select
        c.*,
        m.year,
        sum(c.amount_fen) over (
            partition by c.community_id, c.use, m.year
            order by c.month asc nulls last, c.claim_id asc nulls last
        ) as needed_fen
    from {{ ref('pool_claim') }} as c
    inner join {{ ref('dim_month') }} as m
        on c.month = m.month
),

affordable as (
    select
        q.claim_id,
        min(u.month) as paid_month
    from queued as q
    inner join {{ ref('pool_use') }} as u
        on
            q.community_id = u.community_id
            and q.use = u.use
            and q.year = u.year
            and q.month <= u.month
            and q.needed_fen <= u.to_date_fen
    group by q.claim_id
)

select
    q.claim_id,
    q.community_id,
    q.use,
    q.kind,
    q.month,
    q.institution_id,
    q.amount_fen,
    q.rule_id,
    q.document,
    a.paid_month,
    case when a.paid_month is null then 'waiting' else 'paid' end as status
from queued as q
left join affordable as a
    on q.claim_id = a.claim_id
