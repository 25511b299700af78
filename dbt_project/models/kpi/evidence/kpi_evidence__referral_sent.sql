-- KPI-007, 033 and 060 above the line, KPI-008 (down), 014, 059: referrals that arrived, seen from the institution that
-- sent them. 059: documents after the patient, too long after the request, or never are late.
-- 014: within the window after arrival the same person is back, for the same category, at a county hospital
-- (a visit that is no planned revisit, or a stay) or out of the county.
with county_hospital as (
    select institution_id
    from {{ ref('dim_institution') }}
    where is_county_hospital
),

returned as (
    select
        person_key,
        diagnosis_category,
        event_date,
        visit_type,
        false as is_always_counted,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_outpatient_visit') }}
    where
        is_valid
        and coalesce(first_visit_flag, '1') <> '2'
        and institution_id in (select h.institution_id from county_hospital as h)

    union all

    select
        s.person_key,
        d.diagnosis_category,
        s.admit_date as event_date,
        cast(null as string) as visit_type,
        true as is_always_counted,
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
    where
        s.status in ('1', '2')
        and not s.is_test_patient
        and s.institution_id in (select h.institution_id from county_hospital as h)

    union all

    select
        person_key,
        diagnosis_category,
        event_date,
        cast(null as string) as visit_type,
        true as is_always_counted,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_out_of_county_settlement') }}
),

back as (
    select
        r.deliverer_id,
        r.referral_id,
        e.event_date,
        e.source_file,
        e.source_line,
        row_number() over (
            partition by r.deliverer_id, r.referral_id
            order by
                e.event_date asc nulls last,
                e.source_batch_id asc nulls last,
                e.source_line asc nulls last
        ) as time_back
    from {{ ref('fct_referral') }} as r
    inner join {{ ref('policy_parameter') }} as p
        on r.month = p.month
    inner join returned as e
        on
            r.person_key = e.person_key
            and r.diagnosis_category = e.diagnosis_category
    left join {{ ref('policy_code') }} as c
        on
            r.month = c.month
            and c.code_set = 'bounce_back_visit_type'
            and e.visit_type = c.code
    where
        r.direction = '2'
        and {{ days_between('r.event_date', 'e.event_date') }} between 1 and p.bounce_back_window_days
        and (e.is_always_counted or c.code is not null)
),

bounced as (
    select *
    from back
    where time_back = 1
)

select
    r.month,
    r.institution_id,
    cast(null as string) as department_code,
    r.staff_id,
    r.person_key,
    r.event_date,
    1 as referrals_sent,
    case when i.is_county_hospital and r.direction = '2' and r.out_of_county_flag <> '1' then 1 end
        as down_referrals_in_county,
    case
        when i.is_county_hospital and r.direction = '2'
            then (case when b.referral_id is null then 0 else 1 end)
    end as bounced_down_referrals,
    case when i.is_county_hospital and r.direction = '2' then 1 end as down_referrals,
    case when i.is_primary_care and r.direction = '1' then 1 end as up_referrals_from_primary_care,
    case
        when
            r.info_sent_time <= r.arrive_time
            and {{ seconds_between('r.apply_time', 'r.info_sent_time') }} <= 60 * p.referral_documents_minutes
            then 0
        else 1
    end as late_documents,
    'bounced_down_referrals' as cited_for,
    case when i.is_county_hospital and b.referral_id is not null then 'return' end as cited_as,
    case when i.is_county_hospital then b.event_date end as cited_date,
    case when i.is_county_hospital then b.source_file end as cited_file,
    case when i.is_county_hospital then b.source_line end as cited_line,
    'his_referral' as source_feed,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('fct_referral') }} as r
inner join {{ ref('policy_parameter') }} as p
    on r.month = p.month
inner join {{ ref('dim_institution') }} as i
    on r.institution_id = i.institution_id
left join bounced as b
    on
        r.deliverer_id = b.deliverer_id
        and r.referral_id = b.referral_id
where
    r.is_effective
    and r.direction in ('1', '2')
