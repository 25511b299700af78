-- Grain: deliverer_id, staff_key, month, pay_item.
select
    deliverer_id,
    staff_key,
    org_code as institution_id,
    period as month,
    last_day(cast(period || '-01' as date)) as event_date,
    pay_item,
    amount as amount_fen,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_fin_payroll') }}
