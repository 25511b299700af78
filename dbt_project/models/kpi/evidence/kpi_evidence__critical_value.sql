-- KPI-081: critical values dealt with in time after they were told. One told or dealt with at no known time, or dealt
-- with before it was told (a clock that is wrong), was not.
select
    v.month,
    v.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    v.person_key,
    v.event_date,
    case
        when
            v.handled_at >= v.notify_time
            and {{ seconds_between('v.notify_time', 'v.handled_at') }} <= 60 * p.critical_value_minutes
            then 1
        else 0
    end as critical_values_in_time,
    1 as critical_values,
    'his_critical_value' as source_feed,
    v.source_batch_id,
    v.source_file,
    v.source_line
from {{ ref('fct_critical_value') }} as v
inner join {{ ref('policy_parameter') }} as p
    on v.month = p.month
where not v.is_test_patient
