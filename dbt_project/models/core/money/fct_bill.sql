-- Grain: deliverer_id, institution_id, bill_id.
-- A refund is a bill of its own with a minus sign; a stay may be billed in parts.
select
    b.deliverer_id,
    b.bill_no as bill_id,
    b.org_code as institution_id,
    {{ month_of('b.settle_time') }} as month,
    cast(b.settle_time as date) as event_date,
    b.settle_time as settled_at,
    b.visit_id,
    e.department_code,
    e.person_key,
    b.settle_id as settlement_id,
    b.ref_settle_id as original_settlement_id,
    b.msettle_id as insurance_settlement_id,
    b.settle_kind as settlement_type,
    b.settle_kind = '3' as is_reversal,
    b.total_amount as total_fen,
    b.fund_amount as fund_total_fen,
    b.acct_amount as personal_account_fen,
    b.cash_amount as cash_fen,
    coalesce(e.is_test_patient, false) as is_test_patient,
    b.source_batch_id,
    b.source_file,
    b.source_line
from {{ ref('stg_his_bill') }} as b
left join {{ ref('encounter') }} as e
    on
        b.deliverer_id = e.deliverer_id
        and b.org_code = e.institution_id
        and b.visit_id = e.visit_id
