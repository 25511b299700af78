-- Grain: deliverer_id, teleconsult_id.
select
    t.deliverer_id,
    t.tele_id as teleconsult_id,
    t.tele_type as service_type,
    t.apply_org as asking_institution_id,
    t.serve_org as institution_id,
    {{ month_of('t.apply_time') }} as month,
    cast(t.apply_time as date) as event_date,
    t.apply_staff as asking_staff_id,
    t.serve_staff as staff_id,
    t.patient_key,
    coalesce(p.person_key, t.patient_key) as person_key,
    t.urgency,
    t.apply_time,
    t.accept_time,
    t.report_time,
    t.status,
    t.fee as amount_fen,
    t.village_code,
    coalesce(p.is_test, false) as is_test_patient,
    t.source_batch_id,
    t.source_file,
    t.source_line
from {{ ref('stg_his_teleconsult') }} as t
left join {{ ref('dim_patient') }} as p
    on t.patient_key = p.patient_key
