-- Grain: deliverer_id, institution_id, month, account_code.
select
    deliverer_id,
    org_code as institution_id,
    period as month,
    last_day(cast(period || '-01' as date)) as event_date,
    acct_code as account_code,
    acct_name as account_name,
    amount as amount_fen,
    budget as budget_fen,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_fin_monthly') }}
