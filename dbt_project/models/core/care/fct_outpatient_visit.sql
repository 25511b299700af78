-- Grain: deliverer_id, institution_id, visit_id.
select
    v.deliverer_id,
    v.visit_id,
    v.org_code as institution_id,
    {{ month_of('v.visit_time') }} as month,
    cast(v.visit_time as date) as event_date,
    v.visit_time,
    v.patient_key,
    coalesce(p.person_key, v.patient_key) as person_key,
    v.dept_code as department_code,
    v.staff_id,
    v.visit_type,
    v.med_type as medical_type_code,
    v.main_diag_code as diagnosis_code,
    {{ disease_category() }} as diagnosis_category,
    {{ translated_code('diagnosis') }},
    v.first_visit_flag,
    v.tcm_flag,
    v.ehr_viewed as record_viewed_flag,
    v.obs_hours as observation_hours,
    v.referral_id,
    v.reg_no as registration_id,
    v.mdtrt_id as insurance_visit_id,
    v.status,
    coalesce(p.is_test, false) as is_test_patient,
    v.status = '1'
    and coalesce(v.test_flag, '0') <> '1'
    and not coalesce(p.is_test, false) as is_valid,
    v.source_batch_id,
    v.source_file,
    v.source_line
from {{ ref('stg_his_op_visit') }} as v
left join {{ ref('dim_patient') }} as p
    on v.patient_key = p.patient_key
{{ translate_code('his_op_visit', 'diagnosis', 'v.deliverer_id', 'v.main_diag_code', 'cast(v.visit_time as date)') }}
{{ known_category('v.main_diag_code') }}
