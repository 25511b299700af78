-- Grain: deliverer_id, referral_id.
-- What became of a referral down: after how many days the person was first back for the same category at a county
-- hospital (a visit that is no planned revisit, or a stay) or out of the county, and first seen in primary care.
with returned as (
    select
        v.person_key,
        v.diagnosis_category,
        v.event_date
    from {{ ref('fct_outpatient_visit') }} as v
    inner join {{ ref('dim_institution') }} as i
        on v.institution_id = i.institution_id
    where
        v.is_valid
        and coalesce(v.first_visit_flag, '1') <> '2'
        and i.is_county_hospital

    union all

    select
        s.person_key,
        d.diagnosis_category,
        s.admit_date as event_date
    from {{ ref('fct_inpatient_stay') }} as s
    inner join {{ ref('fct_inpatient_diagnosis') }} as d
        on
            s.deliverer_id = d.deliverer_id
            and s.institution_id = d.institution_id
            and s.visit_id = d.visit_id
    inner join {{ ref('dim_institution') }} as i
        on s.institution_id = i.institution_id
    where
        d.is_principal
        and s.status in ('1', '2')
        and not s.is_test_patient
        and i.is_county_hospital

    union all

    select
        person_key,
        diagnosis_category,
        event_date
    from {{ ref('fct_out_of_county_settlement') }}
),

care as (
    {{ seen_in_primary_care() }}
),

down as (
    select
        deliverer_id,
        referral_id,
        person_key,
        diagnosis_category,
        event_date
    from {{ ref('fct_referral') }}
    where
        is_effective
        and direction = '2'
),

back as (
    select
        d.deliverer_id,
        d.referral_id,
        min({{ days_between('d.event_date', 'r.event_date') }}) as days_to_return
    from down as d
    inner join returned as r
        on
            d.person_key = r.person_key
            and d.diagnosis_category = r.diagnosis_category
    where {{ days_between('d.event_date', 'r.event_date') }} >= 1
    group by
        d.deliverer_id,
        d.referral_id
),

seen as (
    select
        d.deliverer_id,
        d.referral_id,
        min({{ days_between('d.event_date', 'c.event_date') }}) as days_to_followup
    from down as d
    inner join care as c
        on d.person_key = c.person_key
    where {{ days_between('d.event_date', 'c.event_date') }} >= 1
    group by
        d.deliverer_id,
        d.referral_id
)

select
    d.deliverer_id,
    d.referral_id,
    cast(b.days_to_return as bigint) as days_to_return,
    cast(s.days_to_followup as bigint) as days_to_followup
from down as d
left join back as b
    on
        d.deliverer_id = b.deliverer_id
        and d.referral_id = b.referral_id
left join seen as s
    on
        d.deliverer_id = s.deliverer_id
        and d.referral_id = s.referral_id
