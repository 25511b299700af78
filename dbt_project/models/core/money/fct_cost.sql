-- Grain: deliverer_id, institution_id, department_code, cost_item, cost_layer, month.
-- Of one item every layer counts: the direct cost, and what was allocated on top.
select
    deliverer_id,
    org_code as institution_id,
    dept_code as department_code,
    cost_item,
    cost_layer,
    period as month,
    last_day(cast(period || '-01' as date)) as event_date,
    amount as amount_fen,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_fin_cost') }}
