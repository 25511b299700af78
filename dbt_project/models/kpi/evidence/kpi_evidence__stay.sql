-- KPI-010, 062, 063 and parts of 033, 084 and 089: discharges. 010 keeps day surgery and very long stays apart. 062,
-- 063: whoever left alive is in hospital again within the window for the same category, anywhere, unless the front page
-- says that it was planned; outside the county only the day of the settlement is known.
with same_kind as (
    select
        s.deliverer_id,
        s.institution_id,
        s.visit_id,
        s.month,
        s.person_key,
        d.diagnosis_category,
        s.admit_time,
        s.admit_date,
        s.discharge_time,
        s.event_date as discharge_date,
        s.is_valid
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
),

later as (
    select
        s.deliverer_id,
        s.institution_id,
        s.visit_id,
        {{ days_between('s.discharge_date', 'a.admit_date') }} as days_after
    from same_kind as s
    inner join same_kind as a
        on
            s.person_key = a.person_key
            and s.diagnosis_category = a.diagnosis_category
    where
        s.is_valid
        and a.admit_time >= s.discharge_time
        -- A stay whose clocks are wrong does not follow itself.
        and (
            s.deliverer_id <> a.deliverer_id
            or s.institution_id <> a.institution_id
            or s.visit_id <> a.visit_id
        )

    union all

    select
        s.deliverer_id,
        s.institution_id,
        s.visit_id,
        {{ days_between('s.discharge_date', 'a.event_date') }} as days_after
    from same_kind as s
    inner join {{ ref('fct_out_of_county_settlement') }} as a
        on
            s.person_key = a.person_key
            and s.diagnosis_category = a.diagnosis_category
            and s.discharge_date < a.event_date
    inner join {{ ref('policy_code') }} as c
        on
            s.month = c.month
            and c.code_set = 'inpatient_settlement_type'
            and a.medical_type_code = c.code
    where s.is_valid
),

again as (
    select
        deliverer_id,
        institution_id,
        visit_id,
        min(days_after) as days_until
    from later
    group by
        deliverer_id,
        institution_id,
        visit_id
),

planned as (
    select distinct
        deliverer_id,
        institution_id,
        visit_id
    from {{ ref('fct_inpatient_front_page') }}
    where readmission_plan_code = '2'
),

judged as (
    select
        s.*,
        s.stay_type = '1' and s.los_days <= p.long_stay_days as is_typical,
        coalesce(s.discharge_way, '') <> '5' as left_alive,
        coalesce(a.days_until <= p.early_readmission_window_days and f.visit_id is null, false) as is_back_early,
        coalesce(a.days_until <= p.readmission_window_days and f.visit_id is null, false) as is_back
    from {{ ref('fct_inpatient_stay') }} as s
    inner join {{ ref('policy_parameter') }} as p
        on s.month = p.month
    left join again as a
        on
            s.deliverer_id = a.deliverer_id
            and s.institution_id = a.institution_id
            and s.visit_id = a.visit_id
    left join planned as f
        on
            s.deliverer_id = f.deliverer_id
            and s.institution_id = f.institution_id
            and s.visit_id = f.visit_id
    where s.is_valid
)

select
    s.month,
    s.institution_id,
    s.department_code,
    s.staff_id,
    s.person_key,
    s.event_date,
    case when s.is_typical then s.los_days end as typical_bed_days,
    case when s.is_typical then 1 end as typical_stays,
    1 as discharges,
    case when i.is_county_hospital then 1 end as county_hospital_discharges,
    case when s.left_alive then 1 end as living_discharges,
    case when s.left_alive then (case when s.is_back_early then 1 else 0 end) end as early_readmissions,
    case when s.left_alive then (case when s.is_back then 1 else 0 end) end as readmissions,
    'his_ip_stay' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from judged as s
left join {{ ref('dim_institution') }} as i
    on s.institution_id = i.institution_id
