-- Grain: deliverer_id, referral_id.
select
    r.deliverer_id,
    r.referral_id,
    r.from_org as institution_id,
    r.to_org as to_institution_id,
    {{ month_of('r.arrive_time') }} as month,
    cast(r.arrive_time as date) as event_date,
    {{ month_of('r.apply_time') }} as request_month,
    cast(r.apply_time as date) as request_date,
    r.direction,
    r.to_out_county as out_of_county_flag,
    r.patient_key,
    coalesce(p.person_key, r.patient_key) as person_key,
    r.initiator_staff as staff_id,
    r.accept_staff as accepting_staff_id,
    r.reason_code,
    r.diag_code as diagnosis_code,
    {{ disease_category(translated=false) }} as diagnosis_category,
    r.severity,
    r.from_visit_id,
    r.to_visit_id,
    r.apply_time,
    r.info_sent_time,
    r.accept_time,
    r.arrive_time,
    r.feedback_time,
    r.close_time,
    r.status,
    r.reject_reason,
    coalesce(p.is_test, false) as is_test_patient,
    r.status in ('30', '40', '50')
    and r.arrive_time is not null
    and not coalesce(p.is_test, false) as is_effective,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('stg_his_referral') }} as r
left join {{ ref('dim_patient') }} as p
    on r.patient_key = p.patient_key
{{ known_category('r.diag_code') }}
