-- Grain: deliverer_id, settlement_id, fund_code.
-- Platforms fill up with funds that do not exist (999998) and paid nothing.
select
    r.deliverer_id,
    r.setl_id as settlement_id,
    r.fund_pay_type as fund_code,
    {{ of_the_settlement() }},
    r.fund_payamt as amount_fen,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('stg_si_settle_pay') }} as r
{{ settlement_and_list('r') }}
