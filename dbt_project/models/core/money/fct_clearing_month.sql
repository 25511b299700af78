-- Grain: deliverer_id, institution_id, month, clearing_type.
select
    c.deliverer_id,
    c.fixmedins_code as institution_id,
    c.period as month,
    m.last_day as event_date,
    c.clr_type as clearing_type,
    c.declared_fund as declared_fund_fen,
    c.audit_deduct as audit_deduction_fen,
    c.quality_deposit as quality_deposit_fen,
    c.prepaid as prepaid_fen,
    c.paid_date,
    c.source_batch_id,
    c.source_file,
    c.source_line
from {{ ref('stg_si_monthly_clearing') }} as c
left join {{ ref('dim_month') }} as m
    on c.period = m.month
