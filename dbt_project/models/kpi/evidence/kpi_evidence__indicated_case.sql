-- KPI-007 below the line: cases that should be referred. Up: a visit in primary care; down: a discharge of a county
-- hospital (not by death). A case counts once: not again within the window after an earlier indicated event of the
-- same person, category and direction, whether or not that one was counted.
with first_month as (
    select min(month) as month from {{ ref('dim_month') }}
),

candidate as (
    select
        'up_indication_category' as code_set,
        v.month,
        v.institution_id,
        v.department_code,
        v.staff_id,
        v.person_key,
        v.diagnosis_category,
        v.event_date,
        v.visit_time as event_time,
        v.visit_id,
        'his_op_visit' as source_feed,
        v.source_batch_id,
        v.source_file,
        v.source_line
    from {{ ref('fct_outpatient_visit') }} as v
    inner join {{ ref('dim_institution') }} as i
        on v.institution_id = i.institution_id
    where
        v.is_valid
        and i.is_primary_care

    union all

    select
        'down_indication_category' as code_set,
        s.month,
        s.institution_id,
        s.department_code,
        s.staff_id,
        s.person_key,
        d.diagnosis_category,
        s.event_date,
        s.discharge_time as event_time,
        s.visit_id,
        'his_ip_stay' as source_feed,
        s.source_batch_id,
        s.source_file,
        s.source_line
    from {{ ref('fct_inpatient_stay') }} as s
    inner join {{ ref('fct_inpatient_diagnosis') }} as d
        on
            s.deliverer_id = d.deliverer_id
            and s.institution_id = d.institution_id
            and s.visit_id = d.visit_id
            and d.is_principal
    inner join {{ ref('dim_institution') }} as i
        on s.institution_id = i.institution_id
    where
        s.is_valid
        and coalesce(s.discharge_way, '9') <> '5'
        and i.is_county_hospital
),

indicated as (
    select
        e.*,
        lag(e.event_date) over (
            partition by e.code_set, e.person_key, e.diagnosis_category
            order by
                e.event_time asc nulls last,
                e.visit_id asc nulls last,
                e.institution_id asc nulls last,
                e.source_batch_id asc nulls last,
                e.source_line asc nulls last
        ) as previous_date
    from candidate as e
    cross join first_month as f
    inner join {{ ref('policy_code') }} as c
        on
            e.code_set = c.code_set
            and e.diagnosis_category = c.code
            -- Events before the first month serve as history only, under the policy of the first month.
            and c.month = greatest(e.month, f.month)
)

select
    e.month,
    e.institution_id,
    e.department_code,
    e.staff_id,
    e.person_key,
    e.event_date,
    1 as indicated_cases,
    e.source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from indicated as e
inner join {{ ref('policy_parameter') }} as p
    on e.month = p.month
where
    e.previous_date is null
    or {{ days_between('e.previous_date', 'e.event_date') }} > p.referral_case_window_days
