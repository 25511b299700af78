-- Grain: deliverer_id, institution_id, medical_record_key, admission_number.
-- What the front page alone says of a stay; diagnoses and procedures of the page are facts of their own.
select
    f.deliverer_id,
    f.org_code as institution_id,
    f.medical_record_key,
    f.admit_times as admission_number,
    f.visit_id,
    {{ month_of('f.disch_date') }} as month,
    f.disch_date as event_date,
    f.disch_way as discharge_way,
    f.readmit_plan_31 as readmission_plan_code,
    f.total_fee as total_fen,
    f.source_batch_id,
    f.source_file,
    f.source_line
from {{ ref('stg_his_mr_front') }} as f
