-- Grain: deliverer_id, settlement_id, fee_category_code.
select
    r.deliverer_id,
    r.setl_id as settlement_id,
    r.med_chrgitm as fee_category_code,
    {{ of_the_settlement() }},
    r.amt as amount_fen,
    r.claa_sumfee as class_a_fen,
    r.clab_amt as class_b_fen,
    r.fulamt_ownpay_amt as full_self_pay_fen,
    r.oth_amt as other_fen,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('stg_si_settle_fee_item') }} as r
{{ settlement_and_list('r') }}
