-- KPI-009: where a spell of illness began. First contact = no earlier event of the same person and category within
-- the window, in the county or outside it. Booked under the institution that manages the person's health record, or
-- under nobody.
with first_month as (
    select min(month) as month from {{ ref('dim_month') }}
),

contact as (
    select
        v.month,
        v.person_key,
        v.diagnosis_category,
        v.event_date,
        0 as is_out_of_county,
        v.visit_time as event_time,
        v.deliverer_id,
        v.visit_id as event_id,
        v.institution_id as visited_institution_id,
        v.department_code,
        v.staff_id,
        'his_op_visit' as source_feed,
        v.source_batch_id,
        v.source_file,
        v.source_line
    from {{ ref('fct_outpatient_visit') }} as v
    cross join first_month as f
    inner join {{ ref('policy_code') }} as c
        on
            c.code_set = 'first_contact_visit_type'
            and v.visit_type = c.code
            -- Events before the first month serve as history only, under the policy of the first month.
            and c.month = greatest(v.month, f.month)
    where
        v.is_valid
        and v.diagnosis_category is not null

    union all

    select
        month,
        person_key,
        diagnosis_category,
        event_date,
        1 as is_out_of_county,
        settled_at as event_time,
        deliverer_id,
        settlement_id as event_id,
        cast(null as string) as visited_institution_id,
        cast(null as string) as department_code,
        cast(null as string) as staff_id,
        'si_out_of_county' as source_feed,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_out_of_county_settlement') }}
    where diagnosis_category is not null
),

in_order as (
    select
        e.*,
        lag(e.event_date) over (
            partition by e.person_key, e.diagnosis_category
            order by
                e.event_date asc nulls last,
                e.is_out_of_county asc nulls last,
                e.event_time asc nulls last,
                e.deliverer_id asc nulls last,
                e.event_id asc nulls last,
                e.source_batch_id asc nulls last,
                e.source_line asc nulls last
        ) as previous_date
    from contact as e
)

select
    e.month,
    d.managing_institution_id as institution_id,
    e.department_code,
    e.staff_id,
    e.person_key,
    e.event_date,
    case when i.is_primary_care then 1 else 0 end as first_contacts_in_primary_care,
    1 as first_contacts,
    e.source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from in_order as e
inner join {{ ref('policy_parameter') }} as p
    on e.month = p.month
left join {{ ref('dim_person') }} as d
    on e.person_key = d.person_key
left join {{ ref('dim_institution') }} as i
    on e.visited_institution_id = i.institution_id
where
    e.previous_date is null
    or {{ days_between('e.previous_date', 'e.event_date') }} > p.first_contact_window_days
