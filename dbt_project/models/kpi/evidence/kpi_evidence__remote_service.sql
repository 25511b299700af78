-- KPI-020 and 041 above the line: what primary care had done from afar. A reading that was asked for as a remote
-- service and is in the examination reports too (same place, person, day, and ECG or not) counts as the report.
with read_elsewhere as (
    select
        x.month,
        x.institution_id,
        x.person_key,
        x.event_date,
        x.modality = 'ECG' as is_ecg,
        x.source_batch_id,
        x.source_file,
        x.source_line
    from {{ ref('fct_exam') }} as x
    inner join {{ ref('dim_institution') }} as i
        on x.institution_id = i.institution_id
    inner join {{ ref('policy_code') }} as c
        on
            x.month = c.month
            and c.code_set = 'remote_reading_modality'
            and x.modality = c.code
    where
        i.is_primary_care
        and not x.is_test_patient
        and x.reporting_institution_id <> x.institution_id
),

told as (
    select distinct
        institution_id,
        person_key,
        event_date,
        is_ecg
    from read_elsewhere
),

asked as (
    select
        t.month,
        t.asking_institution_id as institution_id,
        t.person_key,
        t.event_date,
        max(case when c.code_set = 'remote_service_type' then 1 end) as is_service,
        max(case when c.code_set = 'remote_reading_type' then 1 end) as is_reading,
        t.service_type = '3' as is_ecg,
        t.source_batch_id,
        t.source_file,
        t.source_line
    from {{ ref('fct_teleconsult') }} as t
    inner join {{ ref('dim_institution') }} as i
        on t.asking_institution_id = i.institution_id
    inner join {{ ref('policy_code') }} as c
        on
            t.month = c.month
            and c.code_set in ('remote_service_type', 'remote_reading_type')
            and t.service_type = c.code
    where
        i.is_primary_care
        and not t.is_test_patient
        and t.status <> '2'
        and t.report_time is not null
    group by
        t.month,
        t.asking_institution_id,
        t.person_key,
        t.event_date,
        t.service_type,
        t.source_batch_id,
        t.source_file,
        t.source_line
)

select
    a.month,
    a.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    a.person_key,
    a.event_date,
    a.is_service as remote_services,
    case when r.person_key is null then a.is_reading end as remote_readings,
    'his_teleconsult' as source_feed,
    a.source_batch_id,
    a.source_file,
    a.source_line
from asked as a
left join told as r
    on
        a.institution_id = r.institution_id
        and a.person_key = r.person_key
        and a.event_date = r.event_date
        and a.is_ecg = r.is_ecg

union all

select
    x.month,
    x.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    x.person_key,
    x.event_date,
    cast(null as integer) as remote_services,
    1 as remote_readings,
    'his_exam_report' as source_feed,
    x.source_batch_id,
    x.source_file,
    x.source_line
from read_elsewhere as x
