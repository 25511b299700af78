-- Deliveries of the month, one row per pregnancy. Weeks of the registration are counted from the last menses, else as
-- written. The feed has no day of discharge: the visit after birth is counted from the delivery.
with judged as (
    select
        b.*,
        coalesce(
            {{ days_between('b.last_menses_date', 'b.register_date') }} < p.early_registration_days,
            b.register_weeks * 7 < p.early_registration_days,
            false
        )
        and coalesce(b.prenatal_visits, 0) >= 1 as is_early,
        coalesce(b.prenatal_visits, 0) >= p.prenatal_visits_due as is_seen_often,
        coalesce(
            {{ days_between('b.event_date', 'b.postpartum_visit_date') }} between 0 and p.postpartum_visit_days, false
        ) as is_visited
    from {{ ref('fct_pregnancy') }} as b
    inner join {{ ref('policy_parameter') }} as p
        on b.month = p.month
)

select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    event_date,
    live_births,
    case when is_early then 1 else 0 end as early_registered,
    case when is_early and is_seen_often and is_visited then 1 else 0 end as systematically_managed,
    case when is_visited then 1 else 0 end as postpartum_visited,
    'ph_maternal' as source_feed,
    source_batch_id,
    source_file,
    source_line
from judged
where live_births > 0
