-- KPI-012, large imaging: done again for the same person within the window, wherever the earlier one was done.
-- Exempt: the earlier result was offered for recognition that day and refused for an allowed reason.
with first_month as (
    select min(month) as month from {{ ref('dim_month') }}
),

in_order as (
    select
        e.*,
        lag(e.event_date) over earlier as previous_date,
        lag(e.source_file) over earlier as previous_file,
        lag(e.source_line) over earlier as previous_line
    from {{ ref('fct_exam') }} as e
    cross join first_month as f
    inner join {{ ref('policy_code') }} as c
        on
            c.code_set = 'large_exam_modality'
            and e.modality = c.code
            -- Events before the first month serve as history only, under the policy of the first month.
            and c.month = greatest(e.month, f.month)
    where
        e.exam_time is not null
        and not e.is_test_patient
    window
        earlier as (
            partition by e.person_key, e.modality, e.body_part
            order by
                e.exam_time asc nulls last,
                e.exam_id asc nulls last,
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
            {{ days_between('e.previous_date', 'e.event_date') }} <= p.duplicate_imaging_window_days
            -- An unknown body part is not the same body part.
            and e.body_part is not null
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
            and e.item_code = x.item_code
            and e.apply_date = x.event_date
)

select
    e.month,
    e.ordering_institution_id as institution_id,
    e.ordering_department_code as department_code,
    e.ordering_staff_id as staff_id,
    e.person_key,
    e.event_date,
    case when e.is_repeated then 1 else 0 end as repeated_large_exams,
    1 as large_exams_ordered,
    'repeated_large_exams' as cited_for,
    case when e.is_repeated then 'earlier' end as cited_as,
    case when e.is_repeated then e.previous_date end as cited_date,
    case when e.is_repeated then e.previous_file end as cited_file,
    case when e.is_repeated then e.previous_line end as cited_line,
    'his_exam_report' as source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from judged as e
