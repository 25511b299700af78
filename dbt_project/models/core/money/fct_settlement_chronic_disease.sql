-- Grain: deliverer_id, settlement_id, disease_code.
select
    r.deliverer_id,
    r.setl_id as settlement_id,
    r.diag_code as disease_code,
    {{ of_the_settlement() }},
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('stg_si_settle_opsp') }} as r
{{ settlement_and_list('r') }}
