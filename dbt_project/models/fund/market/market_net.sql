-- Grain: month, institution_id.
-- Netting: what an institution provided less what it consumed, as settled in the month; over all institutions 0.
-- Beside it, what of the month's services is disputed or not yet confirmed, with it on either side.
-- Source: methods G (CH +5,300, T1 -4,500, T2 -800); REQ-157, REQ-169.
with side as (
    select
        month,
        provider_institution_id as institution_id,
        settled_fen as provided_fen,
        0 as consumed_fen,
        case when state = 'disputed' then amount_fen else 0 end as disputed_fen,
        case when state = 'awaiting' then amount_fen else 0 end as unconfirmed_fen
    from {{ ref('market_txn') }}

    union all

    select
        month,
        consumer_institution_id as institution_id,
        0 as provided_fen,
        settled_fen as consumed_fen,
        case when state = 'disputed' then amount_fen else 0 end as disputed_fen,
        case when state = 'awaiting' then amount_fen else 0 end as unconfirmed_fen
    from {{ ref('market_txn') }}
)

select
    s.month,
    s.institution_id,
    cast(sum(s.provided_fen) as bigint) as provided_fen,
    cast(sum(s.consumed_fen) as bigint) as consumed_fen,
    cast(sum(s.provided_fen) - sum(s.consumed_fen) as bigint) as net_fen,
    cast(sum(s.disputed_fen) as bigint) as disputed_fen,
    cast(sum(s.unconfirmed_fen) as bigint) as unconfirmed_fen
from side as s
inner join {{ ref('dim_month') }} as m
    on s.month = m.month
group by
    s.month,
    s.institution_id
