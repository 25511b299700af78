-- Grain: deliverer_id, institution_id, fee_id.
-- Every charge and every reversal keeps its own line; the net amount is the plain sum.
select
    f.deliverer_id,
    f.fee_id,
    f.org_code as institution_id,
    {{ month_of('f.fee_time') }} as month,
    cast(f.fee_time as date) as event_date,
    {{ month_of('f.charge_time') }} as charge_month,
    case f.visit_type when '2' then 'inpatient' else 'outpatient' end as care_kind,
    f.visit_id,
    f.item_code,
    f.nhsa_item_code,
    f.item_type,
    {{ item_terminology('f.item_type') }} as item_terminology,
    {{ translated_item('f.nhsa_item_code') }},
    f.qty as quantity,
    f.price as price_fen,
    f.amount as amount_fen,
    f.order_dept as department_code,
    f.order_staff as staff_id,
    f.exec_dept as executing_department_code,
    f.exec_staff as executing_staff_id,
    f.refund_ref as reversed_fee_id,
    f.status,
    f.status = '3' as is_reversal,
    f.settle_id as settlement_id,
    f.source_batch_id,
    f.source_file,
    f.source_line
from {{ ref('stg_his_fee_detail') }} as f
{{ insurance_code('f.org_code', 'f.item_code') }}
{{ county_code(item_terminology('f.item_type'), 'f.deliverer_id', 'f.item_code', 'cast(f.fee_time as date)') }}
