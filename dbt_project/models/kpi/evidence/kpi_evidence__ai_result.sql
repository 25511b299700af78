-- KPI-066, 067: what software read in examinations. In time: answered within the minutes of the policy; what was never
-- answered was not. Compared with the doctor only where negatives are stored: who keeps findings alone shows no error.
with result as (
    select
        r.*,
        case when r.ai_conclusion_code = n.code then 1 else 0 end as is_negative,
        case when r.final_conclusion_code = f.code then 1 else 0 end as is_finally_negative,
        case when r.ai_conclusion_code = r.final_conclusion_code then 1 else 0 end as is_agreed,
        r.final_conclusion_code is not null
        and max(case when r.ai_conclusion_code = n.code then 1 else 0 end) over (partition by r.deliverer_id) = 1
            as is_comparable
    from {{ ref('fct_ai_result') }} as r
    left join {{ ref('policy_code') }} as n
        on
            r.month = n.month
            and n.code_set = 'ai_negative_conclusion'
            and r.ai_conclusion_code = n.code
    left join {{ ref('policy_code') }} as f
        on
            r.month = f.month
            and f.code_set = 'ai_negative_conclusion'
            and r.final_conclusion_code = f.code
    where not r.is_test_patient
)

select
    r.month,
    r.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    r.person_key,
    r.event_date,
    case
        when {{ seconds_between('r.upload_time', 'r.result_time') }} <= 60 * p.ai_result_minutes then 1
        else 0
    end as ai_results_in_time,
    1 as ai_results,
    case when r.is_comparable then r.is_agreed end as ai_results_agreed,
    case when r.is_comparable then 1 end as ai_results_concluded,
    case when r.is_comparable then (1 - r.is_finally_negative) * (1 - r.is_negative) end as ai_findings_found,
    case when r.is_comparable then 1 - r.is_finally_negative end as ai_findings,
    case when r.is_comparable then r.is_finally_negative * r.is_negative end as ai_negatives_found,
    case when r.is_comparable then r.is_finally_negative end as ai_negatives,
    'his_ai_result' as source_feed,
    r.source_batch_id,
    r.source_file,
    r.source_line
from result as r
inner join {{ ref('policy_parameter') }} as p
    on r.month = p.month
