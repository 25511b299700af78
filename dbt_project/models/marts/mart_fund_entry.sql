select
    e.month,
    e.entry_id,
    e.account_id,
    e.counter_account_id,
    e.amount_fen,
    e.rule_id,
    e.source_relation,
    e.source_key,
    e.is_correction,
    e.is_approved,
    e.release_id
from {{ ref('fund_entry') }} as e
left join {{ ref('fund_account_kind') }} as k
    on {{ account_kind('e.account_id') }} = k.kind
left join {{ ref('fund_account_kind') }} as c
    on {{ account_kind('e.counter_account_id') }} = c.kind
where not (coalesce(k.is_personal, false) or coalesce(c.is_personal, false))
