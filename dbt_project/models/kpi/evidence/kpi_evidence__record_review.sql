-- KPI-071: medical records reviewed, and those of grade A; department and physician are those of the stay.
select
    m.month,
    r.institution_id,
    s.department_code,
    s.staff_id,
    s.person_key,
    coalesce(s.event_date, m.last_day) as event_date,
    case when r.review_grade = '1' then 1 else 0 end as grade_a_records,
    1 as reviewed_records,
    'his_mr_review' as source_feed,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('fct_record_review') }} as r
inner join {{ ref('dim_month') }} as m
    on r.month = m.month
left join {{ ref('fct_inpatient_stay') }} as s
    on
        r.institution_id = s.institution_id
        and r.visit_id = s.visit_id
where not coalesce(s.is_test_patient, false)
