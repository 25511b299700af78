select
    month,
    entry_id,
    account_id,
    counter_account_id,
    amount_fen,
    rule_id,
    source_relation,
    source_key,
    is_correction,
    is_approved,
    release_id
from {{ ref('fund_entry') }}
where restricted_to is null
