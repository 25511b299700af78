-- Grain: deliverer_id, recognition_id.
select
    r.deliverer_id,
    r.rec_id as recognition_id,
    r.order_org as institution_id,
    {{ month_of('r.prompt_time') }} as month,
    cast(r.prompt_time as date) as event_date,
    r.patient_key,
    coalesce(p.person_key, r.patient_key) as person_key,
    r.item_code,
    r.prior_report_id,
    r.prior_org as prior_institution_id,
    r.prior_time,
    r.accepted = '1' as is_accepted,
    r.reject_reason,
    r.saved_amount as saved_fen,
    coalesce(p.is_test, false) as is_test_patient,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('stg_his_recognition') }} as r
left join {{ ref('dim_patient') }} as p
    on r.patient_key = p.patient_key
