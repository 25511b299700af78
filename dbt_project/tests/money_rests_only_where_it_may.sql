-- What passes through an account is gone at the end of every month: nothing is spent twice, nothing is lost on the way.
select
    b.account_id,
    b.month,
    b.balance_fen
from {{ ref('fund_balance') }} as b
inner join {{ ref('fund_account_kind') }} as k
    on b.kind = k.kind
where
    not k.may_rest
    and b.balance_fen <> 0
