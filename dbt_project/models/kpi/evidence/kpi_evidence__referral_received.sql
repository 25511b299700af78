-- KPI-008 (up) and 058: referrals that arrived in the county, seen from the institution that received them. 008: below
-- the line only; the down-referrals come from kpi_evidence__referral_sent. 058: the receiver gave feedback and, after a
-- referral down, somebody in primary care saw the patient in the days after the arrival.
with care as (
    {{ seen_in_primary_care() }}
),

followed_up as (
    select distinct
        r.deliverer_id,
        r.referral_id
    from {{ ref('fct_referral') }} as r
    inner join {{ ref('policy_parameter') }} as p
        on r.month = p.month
    inner join care as c
        on r.person_key = c.person_key
    where
        r.direction = '2'
        and {{ days_between('r.event_date', 'c.event_date') }} between 1 and p.referral_followup_days
)

select
    r.month,
    r.to_institution_id as institution_id,
    cast(null as string) as department_code,
    r.accepting_staff_id as staff_id,
    r.person_key,
    r.event_date,
    case when r.direction = '1' and i.is_county_hospital then 1 end as up_referrals_received,
    1 as referrals_received,
    case
        when r.feedback_time is not null and (r.direction = '1' or f.referral_id is not null) then 1
        else 0
    end as closed_referrals,
    'his_referral' as source_feed,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('fct_referral') }} as r
inner join {{ ref('policy_parameter') }} as p
    on r.month = p.month
left join {{ ref('dim_institution') }} as i
    on r.to_institution_id = i.institution_id
left join followed_up as f
    on
        r.deliverer_id = f.deliverer_id
        and r.referral_id = f.referral_id
where
    r.is_effective
    and r.direction in ('1', '2')
    and r.out_of_county_flag <> '1'
