-- Grain: deliverer_id, special_case_id.
select
    c.deliverer_id,
    c.sc_id as special_case_id,
    c.setl_id as settlement_id,
    c.delivery_month as month,
    c.reason as reason_code,
    c.result = '1' as is_agreed,
    c.adj_amount as amount_fen,
    c.source_batch_id,
    c.source_file,
    c.source_line
from {{ ref('stg_si_special_case') }} as c
