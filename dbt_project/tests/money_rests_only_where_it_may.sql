-- What passes through an account is gone at the end of every month: nothing is spent twice, nothing is lost on the way.
select
    b.account_id,
    b.month,
    b.balance_fen
from {{ ref('fund_balance') }} as b
inner join {{ ref('fund_account_kind') }} as k
    on b.kind = k.kind
left join {{ ref('pool_month') }} as p
    on
        b.month = p.month
        and {{ account_owner('b.account_id') }} = p.community_id
where
    not k.may_rest
    and b.balance_fen <> 0
    -- A community without a pool keeps what it retained.
    and (b.kind <> 'retained' or p.month is not null)
