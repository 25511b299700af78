-- Grain: deliverer_id, budget_id.
-- A line of a year's budget as it was told, as a release keeps it so that a package can be walked back.
select
    deliverer_id,
    budget_id,
    alliance_id as community_id,
    year as budget_year,
    insurance_type_code,
    item_code,
    amount_fen,
    version,
    effective_date,
    source_batch_id,
    source_file,
    source_line
from {{ ref('fct_fund_budget') }}
