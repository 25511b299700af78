-- Grain: deliverer_id, survey_id.
select
    s.deliverer_id,
    s.sv_id as survey_id,
    s.org_code as institution_id,
    {{ month_of('s.answer_time') }} as month,
    cast(s.answer_time as date) as event_date,
    s.respondent as respondent_type,
    s.visit_id,
    o.department_code,
    s.channel,
    s.answer_time,
    s.device_hash,
    s.overall as overall_points,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('stg_his_satisfaction') }} as s
left join {{ ref('encounter') }} as o
    on
        s.deliverer_id = o.deliverer_id
        and s.org_code = o.institution_id
        and s.visit_id = o.visit_id
