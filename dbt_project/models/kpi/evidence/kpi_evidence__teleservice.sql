-- KPI-065: urgent teleconsultations that were not cancelled, and those answered in time, booked at who serves. An
-- answer at the very time of the request is no answer's time.
select
    t.month,
    t.institution_id,
    cast(null as string) as department_code,
    t.staff_id,
    t.person_key,
    t.event_date,
    case
        when
            t.status = '1'
            and t.report_time > t.apply_time
            and {{ seconds_between('t.apply_time', 't.report_time') }} <= 60 * p.urgent_teleconsult_minutes
            then 1
        else 0
    end as urgent_consultations_in_time,
    1 as urgent_consultations,
    'his_teleconsult' as source_feed,
    t.source_batch_id,
    t.source_file,
    t.source_line
from {{ ref('fct_teleconsult') }} as t
inner join {{ ref('policy_parameter') }} as p
    on t.month = p.month
inner join {{ ref('policy_code') }} as c
    on
        t.month = c.month
        and c.code_set = 'urgent_consultation_type'
        and t.service_type = c.code
where
    t.urgency = '2'
    and t.status in ('1', '3')
    and not t.is_test_patient
