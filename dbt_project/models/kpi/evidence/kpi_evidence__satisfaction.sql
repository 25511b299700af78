-- KPI-013: overall points over valid questionnaires of patients and residents.
select
    s.month,
    s.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    s.event_date,
    s.overall_points as satisfaction_points,
    1 as questionnaires,
    'his_satisfaction' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('fct_satisfaction') }} as s
inner join {{ ref('policy_parameter') }} as p
    on s.month = p.month
inner join {{ ref('policy_code') }} as c
    on
        s.month = c.month
        and c.code_set = 'satisfaction_respondent'
        and s.respondent_type = c.code
