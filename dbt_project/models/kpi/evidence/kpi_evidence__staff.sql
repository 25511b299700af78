-- KPI-004, 005, 006: physicians of primary care, one row per staff member of the month's list.
-- 004 senior titles among those in post and not posted elsewhere; 005 trained this year among those in post;
-- 006 left in the last twelve months, over the mean of those in post at both ends (hence the scale of 200).
with physician as (
    select
        s.month,
        s.deliverer_id,
        s.staff_id,
        s.institution_id,
        i.institution_tier,
        s.title_level,
        s.leave_date,
        s.leave_reason,
        s.is_in_post,
        s.was_in_post_year_before,
        m.last_day,
        m.last_day_year_before,
        make_date(m.year, 1, 1) as first_day_of_year,
        s.source_batch_id,
        s.source_file,
        s.source_line
    from {{ ref('dim_staff_month') }} as s
    inner join {{ ref('dim_month') }} as m
        on s.month = m.month
    inner join {{ ref('dim_institution') }} as i
        on s.institution_id = i.institution_id
    inner join {{ ref('policy_code') }} as c
        on
            s.month = c.month
            and s.staff_type = c.code
    where
        (c.code_set = 'physician_staff_type' and i.institution_tier in ('township', 'community'))
        or (c.code_set = 'village_physician_staff_type' and i.institution_tier = 'village')
),

posted_elsewhere as (
    select distinct
        s.month,
        s.deliverer_id,
        s.staff_id
    from physician as s
    inner join {{ ref('fct_staff_assignment') }} as a
        on
            s.deliverer_id = a.deliverer_id
            and s.staff_id = a.staff_id
    where
        a.assignment_type = '01'
        and a.to_institution_id <> s.institution_id
        and a.start_date <= s.last_day
        and (a.end_date is null or a.end_date >= s.last_day)
),

trained as (
    select distinct
        s.month,
        s.deliverer_id,
        s.staff_id
    from physician as s
    inner join {{ ref('fct_training') }} as t
        on
            s.deliverer_id = t.deliverer_id
            and s.staff_id = t.staff_id
    inner join {{ ref('policy_code') }} as c
        on
            s.month = c.month
            and c.code_set = 'counted_training_type'
            and t.training_type = c.code
    where t.start_date between s.first_day_of_year and s.last_day
),

judged as (
    select
        s.month,
        s.institution_id,
        s.staff_id,
        s.last_day as event_date,
        s.institution_tier <> 'village' and s.is_in_post and p.staff_id is null as counts_for_004,
        s.title_level in ('1', '2') as has_senior_title,
        s.is_in_post as counts_for_005,
        t.staff_id is not null as is_trained,
        case
            when s.institution_tier <> 'village'
                then (case when s.was_in_post_year_before then 1 else 0 end)
                    + (case when s.is_in_post then 1 else 0 end)
        end as times_in_post,
        s.leave_date > s.last_day_year_before
        and s.leave_date <= s.last_day
        and x.code is null as has_left,
        s.source_batch_id,
        s.source_file,
        s.source_line
    from physician as s
    left join posted_elsewhere as p
        on
            s.month = p.month
            and s.deliverer_id = p.deliverer_id
            and s.staff_id = p.staff_id
    left join trained as t
        on
            s.month = t.month
            and s.deliverer_id = t.deliverer_id
            and s.staff_id = t.staff_id
    left join {{ ref('policy_code') }} as x
        on
            s.month = x.month
            and x.code_set = 'attrition_exempt_reason'
            and s.leave_reason = x.code
)

select
    j.month,
    j.institution_id,
    cast(null as string) as department_code,
    j.staff_id,
    cast(null as string) as person_key,
    j.event_date,
    case when j.counts_for_004 then (case when j.has_senior_title then 1 else 0 end) end
        as senior_physicians,
    case when j.counts_for_004 then 1 end as own_physicians,
    case when j.counts_for_005 then (case when j.is_trained then 1 else 0 end) end
        as trained_physicians,
    case when j.counts_for_005 then 1 end as physicians_in_post,
    case
        when j.times_in_post > 0 or (j.times_in_post = 0 and j.has_left)
            then (case when j.has_left then 1 else 0 end)
    end as departed_physicians,
    case
        when j.times_in_post > 0 or (j.times_in_post = 0 and j.has_left)
            then j.times_in_post
    end as physician_headcounts,
    'his_staff' as source_feed,
    j.source_batch_id,
    j.source_file,
    j.source_line
from judged as j
