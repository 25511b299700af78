-- Grain: deliverer_id, card_id.
select
    r.deliverer_id,
    r.card_id,
    r.org_code as institution_id,
    {{ month_of('r.diag_time') }} as month,
    cast(r.diag_time as date) as event_date,
    r.patient_key,
    coalesce(p.person_key, r.patient_key) as person_key,
    r.disease_code as infection_code,
    r.diag_time as diagnosis_time,
    r.report_time,
    r.deadline_hours,
    r.revise_flag,
    coalesce(p.is_test, false) as is_test_patient,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('stg_ph_infectious') }} as r
left join {{ ref('dim_patient') }} as p
    on r.patient_key = p.patient_key
