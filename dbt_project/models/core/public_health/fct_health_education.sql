-- Grain: deliverer_id, activity_id.
select
    deliverer_id,
    edu_id as activity_id,
    org_code as institution_id,
    {{ month_of('act_date') }} as month,
    act_date as event_date,
    act_type as activity_type,
    participants,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_ph_health_edu') }}
