-- Grain: deliverer_id, institution_id, exam_id.
select
    e.deliverer_id,
    e.exam_id,
    e.org_code as institution_id,
    e.apply_org as ordering_institution_id,
    {{ month_of('e.exam_time') }} as month,
    cast(e.exam_time as date) as event_date,
    e.apply_time,
    cast(e.apply_time as date) as apply_date,
    e.exam_time,
    e.report_time,
    e.report_org as reporting_institution_id,
    e.patient_key,
    coalesce(p.person_key, e.patient_key) as person_key,
    e.visit_id,
    o.department_code as ordering_department_code,
    o.staff_id as ordering_staff_id,
    e.modality,
    e.body_part,
    e.exam_item_code as item_code,
    e.positive_flag,
    e.mutual_mark as mutual_recognition_mark,
    e.amount as amount_fen,
    coalesce(p.is_test, false) as is_test_patient,
    e.source_batch_id,
    e.source_file,
    e.source_line
from {{ ref('stg_his_exam_report') }} as e
left join {{ ref('dim_patient') }} as p
    on e.patient_key = p.patient_key
left join {{ ref('encounter') }} as o
    on
        e.deliverer_id = o.deliverer_id
        and e.apply_org = o.institution_id
        and e.visit_id = o.visit_id
