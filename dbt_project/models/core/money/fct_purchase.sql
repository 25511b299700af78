-- Grain: deliverer_id, purchase_line.
select
    deliverer_id,
    po_line as purchase_line,
    org_code as institution_id,
    {{ month_of('in_date') }} as month,
    cast(in_date as date) as event_date,
    item_code as nhsa_item_code,
    qty as quantity,
    amount as amount_fen,
    essential_flag,
    vbp_flag as volume_based_flag,
    key_monitor_flag as monitored_flag,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_fin_purchase') }}
