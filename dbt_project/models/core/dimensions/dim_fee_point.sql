-- Grain: deliverer_id, item_code.
-- The newest row of an item counts: the feed has neither version nor day.
select
    deliverer_id,
    item_code,
    work_rvu as work_points,
    risk_rvu as risk_points,
    role_split,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_cfg_fee_point') }}
