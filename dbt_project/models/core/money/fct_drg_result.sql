-- Grain: deliverer_id, settlement_id, result_batch.
-- A settlement may have a result of every batch: whoever adds up chooses one.
select
    r.deliverer_id,
    r.setl_id as settlement_id,
    r.batch as result_batch,
    {{ of_the_settlement() }},
    r.grouper_ver as grouper_version,
    r.mdc as mdc_code,
    r.adrg as adrg_code,
    r.drg_code,
    r.group_status as grouping_status,
    r.rw as relative_weight,
    r.base_points,
    r.case_type,
    r.points as case_points,
    r.inst_coef as institution_coefficient,
    r.pay_standard as payment_standard_fen,
    r.fund_due as fund_due_fen,
    r.avg_cost_group as group_average_fen,
    r.avg_los_group as group_average_los_days,
    r.risk_level as mortality_risk_level,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('stg_si_drg_result') }} as r
{{ settlement_and_list('r') }}
