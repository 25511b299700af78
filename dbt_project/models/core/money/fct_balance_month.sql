-- Grain: deliverer_id, institution_id, month.
select
    deliverer_id,
    org_code as institution_id,
    period as month,
    last_day(cast(period || '-01' as date)) as event_date,
    total_assets as assets_fen,
    total_liab as liabilities_fen,
    current_assets as current_assets_fen,
    current_liab as current_liabilities_fen,
    insurance_receivable as insurance_receivable_fen,
    energy_cost as energy_fen,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_fin_balance') }}
