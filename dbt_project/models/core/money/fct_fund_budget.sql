-- Grain: deliverer_id, budget_id.
-- Lines add up: an adjustment during the year is a line of its own, in force from its day on.
select
    deliverer_id,
    budget_id,
    alliance_id,
    year,
    insutype as insurance_type_code,
    item_code,
    amount as amount_fen,
    insured_count as insured_people,
    version,
    effective_date,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_si_fund_budget') }}
