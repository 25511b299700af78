-- Grain: deliverer_id, service_code, price_version.
-- A transaction names the version of its price; no version says from which day it holds.
select
    deliverer_id,
    service_code,
    version as price_version,
    price as price_fen,
    split_json as party_split,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_cfg_internal_price') }}
