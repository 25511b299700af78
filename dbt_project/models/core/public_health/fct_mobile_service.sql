-- Grain: deliverer_id, task_id.
-- The institution is the one that looks after the village.
select
    s.deliverer_id,
    s.task_id,
    d.managing_institution_id as institution_id,
    {{ month_of('s.svc_date') }} as month,
    s.svc_date as event_date,
    s.village_code as division_code,
    s.vehicle_no as vehicle_number,
    s.visits as patients_seen,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('stg_ph_mobile_service') }} as s
left join {{ ref('dim_division') }} as d
    on s.village_code = d.division_code
