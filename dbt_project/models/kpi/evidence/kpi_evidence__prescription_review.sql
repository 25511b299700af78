-- KPI-070: prescriptions reviewed, and those found rational; department and physician are those who prescribed.
select
    m.month,
    r.institution_id,
    v.department_code,
    p.staff_id,
    v.person_key,
    coalesce(p.event_date, m.last_day) as event_date,
    case when r.review_result = '1' then 1 else 0 end as rational_prescriptions,
    1 as reviewed_prescriptions,
    'his_rx_review' as source_feed,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('fct_prescription_review') }} as r
inner join {{ ref('dim_month') }} as m
    on r.month = m.month
left join {{ ref('dim_institution') }} as i
    on r.institution_id = i.institution_id
left join {{ ref('fct_prescription') }} as p
    on
        i.delivered_by = p.deliverer_id
        and r.institution_id = p.institution_id
        and r.prescription_id = p.prescription_id
left join {{ ref('fct_outpatient_visit') }} as v
    on
        p.deliverer_id = v.deliverer_id
        and p.institution_id = v.institution_id
        and p.visit_id = v.visit_id
where not coalesce(v.is_test_patient, false)
