-- KPI-008 (up): referrals that arrived at a county hospital, seen from the institution that received them.
-- They are below the line only; the down-referrals come from kpi_evidence__referral_sent.
select
    r.month,
    r.to_institution_id as institution_id,
    cast(null as string) as department_code,
    r.accepting_staff_id as staff_id,
    r.person_key,
    r.event_date,
    1 as up_referrals_received,
    'his_referral' as source_feed,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('fct_referral') }} as r
inner join {{ ref('policy_parameter') }} as p
    on r.month = p.month
inner join {{ ref('dim_institution') }} as i
    on r.to_institution_id = i.institution_id
where
    r.is_effective
    and r.direction = '1'
    and r.out_of_county_flag <> '1'
    and i.is_county_hospital
