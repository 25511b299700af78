-- Large imaging. KPI-015: whole minutes from application to examination, emergencies excluded; the value is a statistic
-- of these rows, so the numerator is the wait itself. KPI-090 and 091: how many, and how many found something.
with emergency as (
    select distinct
        deliverer_id,
        visit_id
    from {{ ref('fct_outpatient_visit') }}
    where visit_type = '2'
),

performed as (
    select
        e.*,
        v.visit_id is null and e.apply_time <= e.exam_time as has_waited
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
    where not e.is_test_patient
)

select
    e.month,
    e.institution_id,
    -- What another institution ordered is no department's here.
    case when e.ordering_institution_id = e.institution_id then e.ordering_department_code end as department_code,
    cast(null as string) as staff_id,
    e.person_key,
    e.event_date,
    case when e.has_waited then {{ integer_divide(seconds_between('e.apply_time', 'e.exam_time'), '60') }} end
        as wait_minutes,
    case when e.has_waited then 1 end as waited_exams,
    case when e.modality = 'CT' then 1 end as ct_exams,
    -- A report that does not say what was found is not negative.
    case when e.positive_flag in ('0', '1') then 1 end as judged_exams,
    case when e.positive_flag = '1' then 1 when e.positive_flag = '0' then 0 end as positive_exams,
    'his_exam_report' as source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from performed as e
