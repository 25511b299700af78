-- Grain: deliverer_id, institution_id, prescription_id.
select
    deliverer_id,
    rx_no as prescription_id,
    org_code as institution_id,
    {{ month_of('rx_time') }} as month,
    cast(rx_time as date) as event_date,
    visit_id,
    staff_id,
    rx_type as prescription_type,
    rx_days as prescription_days,
    long_rx_flag as long_prescription_flag,
    rx_amount as amount_fen,
    audit_staff as audit_staff_id,
    audit_result,
    status,
    status = '1' as is_valid,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_his_rx') }}
