-- Grain: deliverer_id, use_id.
-- The feed names no institution: the equipment list of the same deliverer and month does.
select
    u.deliverer_id,
    u.use_id,
    e.institution_id,
    {{ month_of('u.begin_time') }} as month,
    cast(u.begin_time as date) as event_date,
    u.equip_id as equipment_id,
    u.exam_id,
    u.begin_time,
    u.end_time,
    u.minutes as use_minutes,
    u.source_org as ordering_institution_id,
    u.remote_flag,
    u.source_batch_id,
    u.source_file,
    u.source_line
from {{ ref('stg_his_equipment_use') }} as u
left join {{ ref('fct_equipment_month') }} as e
    on
        u.deliverer_id = e.deliverer_id
        and u.equip_id = e.equipment_id
        and e.month = {{ month_of('u.begin_time') }}
