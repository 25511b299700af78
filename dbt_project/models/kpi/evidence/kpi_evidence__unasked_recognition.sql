-- KPI-001, below the line only: ordered and done although a result of another institution was at hand, and recognition
-- was not asked for. At hand: a report of the same laboratory panel, or of the same modality and body part, out before
-- the order and within the days in which KPI-012 calls it repeated. An order without a code of its item cannot be found
-- among what was asked, and is not held against anybody.
with report as (
    select
        e.month,
        e.institution_id,
        e.ordering_institution_id,
        e.ordering_department_code as department_code,
        e.ordering_staff_id as staff_id,
        e.person_key,
        e.event_date,
        e.apply_time,
        e.apply_date,
        e.report_time,
        e.item_code,
        e.modality || ' ' || e.body_part as examined,
        'his_exam_report' as source_feed,
        e.source_batch_id,
        e.source_file,
        e.source_line
    from {{ ref('fct_exam') }} as e
    where not e.is_test_patient

    union all

    select
        r.month,
        r.institution_id,
        r.ordering_institution_id,
        r.ordering_department_code as department_code,
        r.ordering_staff_id as staff_id,
        r.person_key,
        r.event_date,
        r.apply_time,
        r.apply_date,
        r.report_time,
        r.item_group_code as item_code,
        r.item_group_code as examined,
        'his_lab_report' as source_feed,
        r.source_batch_id,
        r.source_file,
        r.source_line
    from {{ ref('fct_lab_report') }} as r
    where not r.is_test_patient
),

asked as (
    select distinct
        person_key,
        institution_id,
        item_code,
        event_date
    from {{ ref('fct_recognition') }}
    where not is_test_patient
),

at_hand as (
    select
        d.*,
        e.report_time as cited_time,
        e.source_file as cited_file,
        e.source_line as cited_line,
        row_number() over (
            partition by d.source_feed, d.source_batch_id, d.source_line
            order by
                e.report_time desc nulls last,
                e.source_batch_id desc nulls last,
                e.source_line desc nulls last
        ) as preference
    from report as d
    inner join {{ ref('policy_parameter') }} as p
        on d.month = p.month
    inner join report as e
        on
            d.person_key = e.person_key
            and d.source_feed = e.source_feed
            and d.examined = e.examined
            and d.ordering_institution_id <> e.institution_id
            and d.apply_time >= e.report_time
            and {{ days_between('cast(e.report_time as date)', 'd.apply_date') }} <= case
                when d.source_feed = 'his_lab_report' then p.duplicate_lab_window_days
                else p.duplicate_imaging_window_days
            end
)

select
    h.month,
    h.ordering_institution_id as institution_id,
    h.department_code,
    h.staff_id,
    h.person_key,
    h.event_date,
    1 as unasked_results,
    'unasked_results' as cited_for,
    'earlier' as cited_as,
    cast(h.cited_time as date) as cited_date,
    h.cited_file,
    h.cited_line,
    h.source_feed,
    h.source_batch_id,
    h.source_file,
    h.source_line
from at_hand as h
left join asked as a
    on
        h.person_key = a.person_key
        and h.ordering_institution_id = a.institution_id
        and h.item_code = a.item_code
        and h.apply_date = a.event_date
where
    h.preference = 1
    and h.item_code is not null
    and a.person_key is null
