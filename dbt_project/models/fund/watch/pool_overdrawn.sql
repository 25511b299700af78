-- Grain: month, community_id, use.
-- What has been paid out of a use of the pool beyond what it was given to date: a surplus that fell after claims had
-- been paid. Nobody pays it back; what comes in later makes it up first. Source: REQ-180, REQ-199.
select
    u.month,
    u.community_id,
    u.use,
    greatest(-b.balance_fen, 0) as overdrawn_fen
from {{ ref('pool_use') }} as u
inner join {{ ref('fund_balance') }} as b
    on
        u.month = b.month
        and b.account_id = 'pool_use:' || u.community_id || ':' || u.use
