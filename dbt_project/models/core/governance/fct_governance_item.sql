-- Grain: deliverer_id, alliance_id, item_id, period.
select
    deliverer_id,
    alliance_id,
    item_id,
    period,
    delivery_month as month,
    category as item_category,
    achieved = '1' as is_achieved,
    coalesce(trim(evidence_doc), '') <> '' as has_evidence,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_gov_checklist') }}
