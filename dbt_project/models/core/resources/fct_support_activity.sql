-- Grain: deliverer_id, activity_id.
select
    deliverer_id,
    act_id as activity_id,
    from_org as institution_id,
    to_org as to_institution_id,
    {{ month_of('act_date') }} as month,
    act_date as event_date,
    staff_id,
    act_type as activity_type,
    hours as activity_hours,
    patients_served,
    surgeries,
    trainees,
    tech_code as technique_code,
    coalesce(trim(checkin_geo), '') <> '' as has_check_in,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_his_dispatch') }}
