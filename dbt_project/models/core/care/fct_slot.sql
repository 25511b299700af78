-- Grain: deliverer_id, slot_id.
select
    deliverer_id,
    slot_id,
    org_code as institution_id,
    {{ month_of('slot_time') }} as month,
    cast(slot_time as date) as event_date,
    slot_time,
    dept_code as department_code,
    staff_id,
    slot_type,
    channel,
    released_at,
    booked_org as booking_institution_id,
    status,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_his_slot') }}
