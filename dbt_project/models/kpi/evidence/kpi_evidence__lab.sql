-- KPI-012, laboratory: done again for the same person within the window, wherever the earlier one was done.
-- Exempt: the earlier result was offered for recognition that day and refused for an allowed reason.
with in_order as (
    select
        e.*,
        lag(e.event_date) over (
            partition by e.person_key, e.item_group_code
            order by
                e.report_time asc nulls last,
                e.report_id asc nulls last,
                e.institution_id asc nulls last,
                e.source_batch_id asc nulls last,
                e.source_line asc nulls last
        ) as previous_date
    from {{ ref('fct_lab_report') }} as e
    where not e.is_test_patient
),

exempt as (
    select distinct
        r.person_key,
        r.institution_id,
        r.item_code,
        r.event_date
    from {{ ref('fct_recognition') }} as r
    inner join {{ ref('policy_code') }} as c
        on
            r.month = c.month
            and c.code_set = 'duplicate_exempt_reason'
            and r.reject_reason = c.code
    where
        not r.is_accepted
        and not r.is_test_patient
)

select
    e.month,
    e.ordering_institution_id as institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    e.person_key,
    e.event_date,
    case
        when
            {{ days_between('e.previous_date', 'e.event_date') }} <= p.duplicate_lab_window_days
            and x.person_key is null
            then 1
        else 0
    end as repeated_lab_panels,
    1 as lab_panels,
    'his_lab_report' as source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from in_order as e
inner join {{ ref('policy_parameter') }} as p
    on e.month = p.month
left join exempt as x
    on
        e.person_key = x.person_key
        and e.ordering_institution_id = x.institution_id
        and e.item_group_code = x.item_code
        and e.apply_date = x.event_date
