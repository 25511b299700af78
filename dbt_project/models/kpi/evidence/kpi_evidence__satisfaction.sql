-- KPI-013, KPI-047: overall points over valid questionnaires, of patients and residents, and of staff.
select
    s.month,
    s.institution_id,
    s.department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    s.event_date,
    case when c.code_set = 'satisfaction_respondent' then s.overall_points end as satisfaction_points,
    case when c.code_set = 'satisfaction_respondent' then 1 end as questionnaires,
    case when c.code_set = 'staff_satisfaction_respondent' then s.overall_points end as staff_satisfaction_points,
    case when c.code_set = 'staff_satisfaction_respondent' then 1 end as staff_questionnaires,
    'his_satisfaction' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('fct_satisfaction') }} as s
inner join {{ ref('policy_code') }} as c
    on
        s.month = c.month
        and c.code_set in ('satisfaction_respondent', 'staff_satisfaction_respondent')
        and s.respondent_type = c.code
