-- KPI-082: myocardial infarctions whose vessel was opened, and in time after the door of the hospital. A balloon before
-- the door (a clock that is wrong) was not in time.
select
    t.month,
    t.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    t.event_date,
    case
        when
            t.balloon_time >= t.door_time
            and {{ seconds_between('t.door_time', 't.balloon_time') }} <= 60 * p.door_to_balloon_minutes
            then 1
        else 0
    end as opened_in_time,
    1 as opened_vessels,
    'his_timepoint' as source_feed,
    t.source_batch_id,
    t.source_file,
    t.source_line
from {{ ref('fct_timepoint') }} as t
inner join {{ ref('policy_parameter') }} as p
    on t.month = p.month
where
    t.disease_code = 'STEMI'
    and t.balloon_time is not null
