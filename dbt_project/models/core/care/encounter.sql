-- Grain: deliverer_id, institution_id, visit_id.
-- Where a visit or a stay took place, one row per number that only one of them bears: what an order or a questionnaire
-- that names the number belongs to.
with visit_or_stay as (
    select
        deliverer_id,
        institution_id,
        visit_id,
        department_code,
        staff_id,
        person_key,
        is_test_patient
    from {{ ref('fct_outpatient_visit') }}

    union all

    select
        deliverer_id,
        institution_id,
        visit_id,
        department_code,
        staff_id,
        person_key,
        is_test_patient
    from {{ ref('fct_inpatient_stay') }}
),

numbered as (
    select
        *,
        count(*) over (partition by deliverer_id, institution_id, visit_id) as borne_here,
        count(*) over (partition by deliverer_id, visit_id) as borne_at_all
    from visit_or_stay
)

select
    deliverer_id,
    institution_id,
    visit_id,
    department_code,
    staff_id,
    person_key,
    is_test_patient,
    borne_at_all = 1 as is_only
from numbered
where borne_here = 1
