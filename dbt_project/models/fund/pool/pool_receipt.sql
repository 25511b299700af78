-- Grain: receipt_id.
-- What came into a pool in a month: of the insurance what its part of a year grew by (or fell), of others each receipt.
-- Source: REQ-174, REQ-192.
with grown as (
    select
        community_id,
        budget_year,
        month,
        base,
        approval_number,
        pool_fen
        - coalesce(lag(pool_fen) over (
            partition by community_id, budget_year
            order by month asc nulls last
        ), 0) as amount_fen
    from {{ ref('pool_base') }}
)

select
    'insurance/' || community_id || '/' || cast(budget_year as string) || '/' || month as receipt_id,
    community_id,
    month,
    'insurance' as source,
    cast(amount_fen as bigint) as amount_fen,
    case when base = 'retained_surplus' then 'retained:' else 'approved_fund:' end || community_id as giver_account_id,
    'pool_rule/' || community_id as rule_id,
    approval_number as document,
    'pool_base' as source_relation,
    community_id || '/' || cast(budget_year as string) || '/' || month as source_key
from grown
where amount_fen <> 0

union all

select
    r.receipt_id,
    r.community_id,
    r.month,
    r.source,
    r.amount_fen,
    r.source || ':' || r.community_id as giver_account_id,
    'pool_receipt/' || r.receipt_id as rule_id,
    r.document,
    'pool_receipt' as source_relation,
    r.receipt_id as source_key
from {{ incoming('policy', 'pool_receipt') }} as r
inner join {{ ref('pool_month') }} as m
    on
        r.month = m.month
        and r.community_id = m.community_id
