-- KPI-087: adverse events, infections among them, reported in time. Only the day of the event is known: the time runs
-- in days from it; a report from before the event is not in time.
select
    a.month,
    a.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    a.event_date,
    case
        when
            {{ days_between('a.event_date', 'cast(a.reported_at as date)') }} between 0 and p.adverse_event_report_days
            then 1
        else 0
    end as adverse_events_reported_in_time,
    1 as adverse_events,
    'his_adverse_event' as source_feed,
    a.source_batch_id,
    a.source_file,
    a.source_line
from {{ ref('fct_adverse_event') }} as a
inner join {{ ref('policy_parameter') }} as p
    on a.month = p.month
