-- Stays by the month of discharge, no tests, with the category of the principal diagnosis of the front page.
with principal as (
    select
        deliverer_id,
        institution_id,
        visit_id,
        min(diagnosis_category) as diagnosis_category
    from {{ ref('fct_inpatient_diagnosis') }}
    where is_principal
    group by
        deliverer_id,
        institution_id,
        visit_id
)

select
    s.month,
    s.event_date,
    s.admit_date,
    s.institution_id,
    s.department_code,
    s.stay_type,
    s.admit_way,
    s.discharge_way,
    s.los_days,
    d.diagnosis_category,
    s.referral_id is not null as is_referred,
    p.managing_institution_id as home_institution_id,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('fct_inpatient_stay') }} as s
left join principal as d
    on
        s.deliverer_id = d.deliverer_id
        and s.institution_id = d.institution_id
        and s.visit_id = d.visit_id
left join {{ ref('dim_person') }} as p
    on s.person_key = p.person_key
where s.is_valid
