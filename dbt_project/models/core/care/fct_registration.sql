-- Grain: deliverer_id, institution_id, registration_id.
select
    deliverer_id,
    reg_no as registration_id,
    org_code as institution_id,
    {{ month_of('reg_time') }} as month,
    cast(reg_time as date) as event_date,
    reg_time as registered_at,
    patient_key,
    dept_code as department_code,
    staff_id,
    reg_type as registration_type,
    appoint_channel as appointment_channel,
    status,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_his_op_register') }}
