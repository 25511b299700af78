-- Visits as people ask for them: completed, no tests, nothing about the person but who keeps the health record.
select
    v.month,
    v.event_date,
    v.institution_id,
    v.department_code,
    v.visit_type,
    v.medical_type_code,
    v.diagnosis_category,
    v.first_visit_flag,
    v.tcm_flag,
    v.referral_id is not null as is_referred,
    p.managing_institution_id as home_institution_id,
    v.source_batch_id,
    v.source_file,
    v.source_line
from {{ ref('fct_outpatient_visit') }} as v
left join {{ ref('dim_person') }} as p
    on v.person_key = p.person_key
where v.is_valid
