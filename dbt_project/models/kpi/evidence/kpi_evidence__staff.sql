-- KPI-004, 005, 006, 048, 053: physicians of primary care, one row per staff member of the month's list.
-- 004 senior titles among those in post and not posted elsewhere; 005 trained this year among those in post;
-- 006 left in the last twelve months and not seen at another place of primary care (the doctor's national code tells),
-- over the mean of those in post at both ends (hence the scale of 200);
-- 048 away for full-time training long enough in the last twelve months, days really spent; 053 went to a
-- course of their own accord in the half-year.
{% set ended = 'least(coalesce(t.end_date, s.last_day), s.last_day)' %}
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
        s.doctor_code,
        s.is_in_post,
        s.was_in_post_year_before,
        m.last_day,
        m.last_day_year_before,
        make_date(m.year, 1, 1) as first_day_of_year,
        make_date(m.year, case when m.month_of_year > 6 then 7 else 1 end, 1) as first_day_of_half_year,
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

still_here as (
    select distinct
        month,
        doctor_code
    from physician
    where
        is_in_post
        and doctor_code is not null
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

course as (
    select
        s.month,
        s.deliverer_id,
        s.staff_id,
        max(
            case when c.code_set = 'counted_training_type' and t.start_date >= s.first_day_of_year then 1 else 0 end
        ) as is_trained,
        max(
            case
                when
                    c.code_set = 'counted_training_type'
                    and t.voluntary_flag = '1'
                    and t.start_date >= s.first_day_of_half_year
                    then 1
                else 0
            end
        ) as has_volunteered,
        sum(
            case
                when
                    c.code_set = 'full_time_training_type'
                    and coalesce(t.end_date, s.last_day) > s.last_day_year_before
                    then
                        least(
                            {{ days_between('t.start_date', ended) }} + 1,
                            {{ days_between('s.last_day_year_before', ended) }}
                        )
                else 0
            end
        ) as full_time_days
    from physician as s
    inner join {{ ref('fct_training') }} as t
        on
            s.deliverer_id = t.deliverer_id
            and s.staff_id = t.staff_id
    inner join {{ ref('policy_code') }} as c
        on
            s.month = c.month
            and c.code_set in ('counted_training_type', 'full_time_training_type')
            and t.training_type = c.code
    where t.start_date <= s.last_day
    group by
        s.month,
        s.deliverer_id,
        s.staff_id
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
        coalesce(t.is_trained, 0) as is_trained,
        coalesce(t.has_volunteered, 0) as has_volunteered,
        case when t.full_time_days >= y.full_time_training_min_days then 1 else 0 end as was_away_to_train,
        case
            when s.institution_tier <> 'village'
                then (case when s.was_in_post_year_before then 1 else 0 end)
                    + (case when s.is_in_post then 1 else 0 end)
        end as times_in_post,
        s.leave_date > s.last_day_year_before
        and s.leave_date <= s.last_day
        and x.code is null
        and h.doctor_code is null as has_left,
        s.source_batch_id,
        s.source_file,
        s.source_line
    from physician as s
    inner join {{ ref('policy_parameter') }} as y
        on s.month = y.month
    left join posted_elsewhere as p
        on
            s.month = p.month
            and s.deliverer_id = p.deliverer_id
            and s.staff_id = p.staff_id
    left join still_here as h
        on
            s.month = h.month
            and s.doctor_code = h.doctor_code
    left join course as t
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
    case when j.counts_for_005 then j.is_trained end as trained_physicians,
    case when j.counts_for_005 then j.has_volunteered end as volunteered_physicians,
    case when j.counts_for_005 then j.was_away_to_train end as full_time_trained_physicians,
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
