-- First reports of notifiable diseases, without corrections and test patients: in time or late.
select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    event_date,
    1 as reports,
    case
        when {{ seconds_between('diagnosis_time', 'report_time') }} <= deadline_hours * 3600 then 1
        else 0
    end as reports_in_time,
    'ph_infectious' as source_feed,
    source_batch_id,
    source_file,
    source_line
from {{ ref('fct_infection_report') }}
where
    coalesce(revise_flag, '0') <> '1'
    and not is_test_patient
    and month in (select m.month from {{ ref('dim_month') }} as m)
