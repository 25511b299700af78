-- Grain: month, community_id, use.
-- What has been paid out of a use of the pool beyond what it was given to date: a surplus that fell after claims had
-- been paid. Nobody pays it back; what comes in later makes it up first. Source: REQ-180, REQ-199.
with rested as (
    select
        u.month,
        u.community_id,
        u.use,
        b.balance_fen,
        row_number() over (
            partition by u.month, u.community_id, u.use
            order by b.month desc nulls last
        ) as newest
    from {{ ref('pool_use') }} as u
    inner join {{ ref('fund_balance') }} as b
        on
            b.account_id = 'pool_use:' || u.community_id || ':' || u.use
            and u.month >= b.month
)

select
    month,
    community_id,
    use,
    greatest(-balance_fen, 0) as overdrawn_fen
from rested
where newest = 1
