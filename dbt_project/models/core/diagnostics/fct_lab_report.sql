-- Grain: deliverer_id, institution_id, report_id.
select
    r.deliverer_id,
    r.report_id,
    r.org_code as institution_id,
    r.apply_org as ordering_institution_id,
    {{ month_of('r.report_time') }} as month,
    cast(r.report_time as date) as event_date,
    r.apply_time,
    cast(r.apply_time as date) as apply_date,
    r.report_time,
    r.patient_key,
    coalesce(p.person_key, r.patient_key) as person_key,
    r.visit_id,
    o.department_code as ordering_department_code,
    o.staff_id as ordering_staff_id,
    r.item_group_code,
    r.critical_flag,
    r.mutual_mark as mutual_recognition_mark,
    r.amount as amount_fen,
    coalesce(p.is_test, false) as is_test_patient,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('stg_his_lab_report') }} as r
left join {{ ref('dim_patient') }} as p
    on r.patient_key = p.patient_key
left join {{ ref('encounter') }} as o
    on
        r.deliverer_id = o.deliverer_id
        and r.apply_org = o.institution_id
        and r.visit_id = o.visit_id
