-- Every event of a month, and why the evidence of its subject leaves it out: the first reason that applies, else null.
select
    'exam_ordered' as subject,
    x.month,
    x.ordering_institution_id as institution_id,
    x.event_date,
    case
        when x.is_test_patient then 'test_patient'
        when c.code is null then 'other_kind'
    end as reason,
    'his_exam_report' as source_feed,
    x.source_batch_id,
    x.source_file,
    x.source_line
from {{ ref('fct_exam') }} as x
inner join {{ ref('policy_parameter') }} as p
    on x.month = p.month
left join {{ ref('policy_code') }} as c
    on
        x.month = c.month
        and c.code_set = 'large_exam_modality'
        and x.modality = c.code

union all

select
    'exam_performed' as subject,
    x.month,
    x.institution_id,
    x.event_date,
    case
        when x.is_test_patient then 'test_patient'
        when c.code is null then 'other_kind'
    end as reason,
    'his_exam_report' as source_feed,
    x.source_batch_id,
    x.source_file,
    x.source_line
from {{ ref('fct_exam') }} as x
inner join {{ ref('policy_parameter') }} as p
    on x.month = p.month
left join {{ ref('policy_code') }} as c
    on
        x.month = c.month
        and c.code_set = 'large_exam_modality'
        and x.modality = c.code

union all

select
    'lab' as subject,
    x.month,
    x.ordering_institution_id as institution_id,
    x.event_date,
    case
        when x.is_test_patient then 'test_patient'
    end as reason,
    'his_lab_report' as source_feed,
    x.source_batch_id,
    x.source_file,
    x.source_line
from {{ ref('fct_lab_report') }} as x
inner join {{ ref('policy_parameter') }} as p
    on x.month = p.month

union all

select
    'recognition' as subject,
    x.month,
    x.institution_id,
    x.event_date,
    case
        when x.is_test_patient then 'test_patient'
        when not coalesce(x.is_accepted, false) and c.code is not null then 'exempt_reason'
    end as reason,
    'his_recognition' as source_feed,
    x.source_batch_id,
    x.source_file,
    x.source_line
from {{ ref('fct_recognition') }} as x
inner join {{ ref('policy_parameter') }} as p
    on x.month = p.month
left join {{ ref('policy_code') }} as c
    on
        x.month = c.month
        and c.code_set = 'recognition_exempt_reason'
        and x.reject_reason = c.code

union all

select
    'satisfaction' as subject,
    x.month,
    x.institution_id,
    x.event_date,
    case
        when c.code is null then 'other_kind'
    end as reason,
    'his_satisfaction' as source_feed,
    x.source_batch_id,
    x.source_file,
    x.source_line
from {{ ref('fct_satisfaction') }} as x
inner join {{ ref('policy_parameter') }} as p
    on x.month = p.month
left join {{ ref('policy_code') }} as c
    on
        x.month = c.month
        and c.code_set in ('satisfaction_respondent', 'staff_satisfaction_respondent')
        and x.respondent_type = c.code

union all

select
    'slot' as subject,
    x.month,
    x.institution_id,
    x.event_date,
    case
        when coalesce(x.slot_type, '0') <> '2' then 'other_kind'
        when coalesce(x.status, '4') = '4' then 'void'
    end as reason,
    'his_slot' as source_feed,
    x.source_batch_id,
    x.source_file,
    x.source_line
from {{ ref('fct_slot') }} as x
inner join {{ ref('policy_parameter') }} as p
    on x.month = p.month
