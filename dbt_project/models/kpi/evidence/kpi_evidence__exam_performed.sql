-- KPI-015: whole minutes from application to examination, large imaging only, emergencies excluded.
-- The value is the median of these rows, so the numerator is the wait itself.
with emergency as (
    select distinct
        deliverer_id,
        visit_id
    from {{ ref('fct_outpatient_visit') }}
    where visit_type = '2'
)

select
    e.month,
    e.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    e.person_key,
    e.event_date,
    {{ integer_divide(seconds_between('e.apply_time', 'e.exam_time'), '60') }} as wait_minutes,
    1 as waited_exams,
    'his_exam_report' as source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from {{ ref('fct_exam') }} as e
inner join {{ ref('policy_parameter') }} as p
    on e.month = p.month
inner join {{ ref('policy_code') }} as c
    on
        e.month = c.month
        and c.code_set = 'large_exam_modality'
        and e.modality = c.code
left join emergency as v
    on
        e.deliverer_id = v.deliverer_id
        and e.visit_id = v.visit_id
where
    not e.is_test_patient
    and v.visit_id is null
    and e.apply_time <= e.exam_time
