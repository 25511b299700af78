-- Grain: claim_id.
-- Claims are paid in the order they came, each in the first month in which the part it is paid from has had enough for
-- all before it and for it, from the first year on; until then it waits.
-- Source: REQ-180, REQ-192.
with queued as (
    select
        c.*,
        sum(c.amount_fen) over (
            partition by c.community_id, c.use
            order by c.month asc nulls last, c.claim_id asc nulls last
        ) as needed_fen
    from {{ ref('pool_claim') }} as c
),

had as (
    select
        community_id,
        use,
        month,
        sum(change_fen) over (
            partition by community_id, use
            order by month asc nulls last
        ) as had_fen
    from {{ ref('pool_use') }}
),

affordable as (
    select
        q.claim_id,
        min(h.month) as paid_month
    from queued as q
    inner join had as h
        on
            q.community_id = h.community_id
            and q.use = h.use
            and q.month <= h.month
            and q.needed_fen <= h.had_fen
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
