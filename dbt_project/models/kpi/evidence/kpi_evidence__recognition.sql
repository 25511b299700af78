-- KPI-001: of the prompts "a recognisable result exists", how many were accepted. Refusals for an exempt reason
-- are in neither part.
select
    r.month,
    r.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    r.person_key,
    r.event_date,
    case when r.is_accepted then 1 else 0 end as accepted_prompts,
    1 as recognisable_prompts,
    'his_recognition' as source_feed,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('fct_recognition') }} as r
inner join {{ ref('policy_parameter') }} as p
    on r.month = p.month
left join {{ ref('policy_code') }} as x
    on
        r.month = x.month
        and x.code_set = 'recognition_exempt_reason'
        and r.reject_reason = x.code
where
    not r.is_test_patient
    and (r.is_accepted or x.code is null)
