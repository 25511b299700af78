select
    b.month,
    b.account_id,
    b.kind,
    b.in_fen,
    b.out_fen,
    b.balance_fen
from {{ ref('fund_balance') }} as b
inner join {{ ref('fund_account_kind') }} as k
    on b.kind = k.kind
where
    not k.is_personal
    -- What an institution paid its head is what the head was paid.
    and b.account_id not like 'institution:%:head_pay'
