-- Grain: deliverer_id, settlement_id, result_batch.
-- A settlement may have a result of every batch: whoever adds up chooses one.
select
    r.deliverer_id,
    r.setl_id as settlement_id,
    r.batch as result_batch,
    {{ of_the_settlement() }},
    r.dip_ver as catalogue_version,
    r.dip_type as group_type,
    r.dip_code as group_code,
    r.base_score,
    r.severity_coef as severity_coefficient,
    r.age_coef as age_coefficient,
    r.tumor_coef as tumour_coefficient,
    r.aux_coef as auxiliary_coefficient,
    r.inst_coef as institution_coefficient,
    r.deviation as deviation_type,
    r.deviation_score,
    r.special_coef as review_coefficient,
    r.final_score,
    r.budget_unit_price as budget_point_value_yuan,
    r.clear_point_value as clearing_point_value_yuan,
    r.pay_amount as payment_fen,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('stg_si_dip_result') }} as r
{{ settlement_and_list('r') }}
