-- Referrals by the month of the request, whatever became of them, no tests.
select
    r.request_month as month,
    r.request_date as event_date,
    r.event_date as arrival_date,
    r.direction,
    r.institution_id,
    r.to_institution_id,
    r.out_of_county_flag,
    r.diagnosis_category,
    r.severity,
    r.reason_code,
    r.status,
    r.is_effective as has_arrived,
    r.feedback_time is not null as has_feedback,
    p.managing_institution_id as home_institution_id,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('fct_referral') }} as r
left join {{ ref('dim_person') }} as p
    on r.person_key = p.person_key
where not r.is_test_patient
