-- Grain: deliverer_id, ai_result_id.
-- Booked at the institution of the examination; of an examination nobody delivered, at the deliverer.
select
    a.deliverer_id,
    a.ai_id as ai_result_id,
    a.exam_id,
    coalesce(e.institution_id, a.deliverer_id) as institution_id,
    {{ month_of('a.upload_time') }} as month,
    cast(a.upload_time as date) as event_date,
    e.person_key,
    a.model_ver as model_version,
    a.upload_time,
    a.result_time,
    a.ai_result as ai_conclusion_code,
    a.final_result as final_conclusion_code,
    coalesce(e.is_test_patient, false) as is_test_patient,
    a.source_batch_id,
    a.source_file,
    a.source_line
from {{ ref('stg_his_ai_result') }} as a
left join {{ ref('fct_exam') }} as e
    on
        a.deliverer_id = e.deliverer_id
        and a.exam_id = e.exam_id
