-- KPI-012, laboratory: done again for the same person within the window, wherever the earlier one was done.
-- Exempt: the earlier result was offered for recognition that day and refused for an allowed reason.
with in_order as (
    select
        e.*,
        lag(e.event_date) over earlier as previous_date,
        lag(e.source_file) over earlier as previous_file,
        lag(e.source_line) over earlier as previous_line
    from {{ ref('fct_lab_report') }} as e
    where not e.is_test_patient
    window
        earlier as (
            partition by e.person_key, e.item_group_code
            order by
                e.report_time asc nulls last,
                e.report_id asc nulls last,
                e.institution_id asc nulls last,
                e.source_batch_id asc nulls last,
                e.source_line asc nulls last
        )
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
            and c.code_set = 'recognition_exempt_reason'
            and r.reject_reason = c.code
    where
        not r.is_accepted
        and not r.is_test_patient
),

judged as (
    select
        e.*,
        coalesce(
            {{ days_between('e.previous_date', 'e.event_date') }} <= p.duplicate_lab_window_days
            and x.person_key is null,
            false
        ) as is_repeated
    from in_order as e
    inner join {{ ref('policy_parameter') }} as p
        on e.month = p.month
    left join exempt as x
        on
            e.person_key = x.person_key
            and e.ordering_institution_id = x.institution_id
            and e.item_group_code = x.item_code
            and e.apply_date = x.event_date
)

select
    e.month,
    e.ordering_institution_id as institution_id,
    e.ordering_department_code as department_code,
    e.ordering_staff_id as staff_id,
    e.person_key,
    e.event_date,
    case when e.is_repeated then 1 else 0 end as repeated_lab_panels,
    1 as lab_panels,
    'repeated_lab_panels' as cited_for,
    case when e.is_repeated then 'earlier' end as cited_as,
    case when e.is_repeated then e.previous_date end as cited_date,
    case when e.is_repeated then e.previous_file end as cited_file,
    case when e.is_repeated then e.previous_line end as cited_line,
    'his_lab_report' as source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from judged as e
