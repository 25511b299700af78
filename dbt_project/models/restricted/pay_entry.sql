-- Grain: institution_id, month, entry_id.
-- Entries with somebody's own account, by the institution they were made at.
select
    case
        when k.is_personal then {{ account_owner('e.counter_account_id') }}
        else {{ account_owner('e.account_id') }}
    end as institution_id,
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
where coalesce(k.is_personal, false) or coalesce(c.is_personal, false)
