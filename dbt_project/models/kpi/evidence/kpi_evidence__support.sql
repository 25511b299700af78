{% set quotas = {
    '01': 'support_quota_clinic',
    '02': 'support_quota_ward_round',
    '03': 'support_quota_consultation',
    '04': 'support_quota_demonstration',
    '05': 'support_quota_discussion',
    '06': 'support_quota_technique',
} %}
-- KPI-049, 050: help from above, booked at the receiver. 050: hours of an activity in its month that the place of
-- check-in and the work done prove both. 049: state of the year so far: what each activity adds to min(done, due)
-- of its kind and receiver, in every later month of its year too, and what is due; in twelfths, so both are whole.
with so_far as (
    select
        m.month,
        m.year,
        m.last_day,
        count(*) as months
    from {{ ref('dim_month') }} as m
    inner join {{ ref('dim_month') }} as e
        on
            m.year = e.year
            and m.month >= e.month
    group by
        m.month,
        m.year,
        m.last_day
),

activity as (
    select
        a.*,
        o.year,
        t.institution_tier in ('township', 'community') as is_owed,
        row_number() over (
            partition by o.year, a.to_institution_id, a.activity_type
            order by
                a.event_date asc nulls last,
                a.activity_id asc nulls last,
                a.source_batch_id asc nulls last,
                a.source_line asc nulls last
        ) as activity_number
    from {{ ref('fct_support_activity') }} as a
    inner join so_far as o
        on a.month = o.month
    inner join {{ ref('dim_institution') }} as t
        on
            a.to_institution_id = t.institution_id
            and t.is_primary_care
    left join {{ ref('dim_institution') }} as f
        on a.institution_id = f.institution_id
    where not coalesce(f.is_primary_care, false)
),

quota_of_kind as (
    {% for activity_type, quota in quotas.items() %}
    select
        month,
        '{{ activity_type }}' as activity_type,
        {{ quota }} as quota
    from {{ ref('policy_parameter') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

owed as (
    select
        o.month,
        o.year,
        o.last_day,
        q.activity_type,
        q.quota * o.months as due_twelfths
    from so_far as o
    inner join quota_of_kind as q
        on o.month = q.month
),

added as (
    select
        o.month,
        a.to_institution_id as institution_id,
        a.staff_id,
        a.event_date,
        case
            when a.is_owed and w.activity_type is not null
                then
                    least(12 * a.activity_number, w.due_twelfths)
                    - least(12 * (a.activity_number - 1), w.due_twelfths)
        end as done_twelfths,
        cast(null as decimal(18, 4)) as due_twelfths,
        case
            when
                o.month = a.month
                and a.has_check_in
                and coalesce(a.patients_served, 0) + coalesce(a.surgeries, 0) + coalesce(a.trainees, 0) > 0
                then a.activity_hours
        end as proven_hours,
        'his_dispatch' as source_feed,
        a.source_batch_id,
        a.source_file,
        a.source_line
    from activity as a
    inner join so_far as o
        on
            a.year = o.year
            and a.month <= o.month
    left join owed as w
        on
            o.month = w.month
            and a.activity_type = w.activity_type

    union all

    select
        w.month,
        i.institution_id,
        cast(null as string) as staff_id,
        w.last_day as event_date,
        cast(null as decimal(18, 4)) as done_twelfths,
        sum(w.due_twelfths) as due_twelfths,
        cast(null as decimal(18, 4)) as proven_hours,
        'his_org' as source_feed,
        i.source_batch_id,
        coalesce(i.source_file, 'county.yml') as source_file,
        coalesce(i.source_line, 0) as source_line
    from owed as w
    cross join {{ ref('dim_institution') }} as i
    where i.institution_tier in ('township', 'community')
    group by
        w.month,
        i.institution_id,
        w.last_day,
        i.source_batch_id,
        i.source_file,
        i.source_line
)

select
    month,
    institution_id,
    cast(null as string) as department_code,
    staff_id,
    cast(null as string) as person_key,
    event_date,
    done_twelfths,
    due_twelfths,
    proven_hours,
    source_feed,
    source_batch_id,
    source_file,
    source_line
from added
