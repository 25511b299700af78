select
    deliverer_id,
    sv_id as survey_id,
    org_code as institution_id,
    {{ month_of('answer_time') }} as month,
    cast(answer_time as date) as event_date,
    respondent as respondent_type,
    visit_id,
    channel,
    answer_time,
    device_hash,
    overall as overall_points,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_his_satisfaction') }}
