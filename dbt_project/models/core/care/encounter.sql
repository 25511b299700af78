-- Grain: deliverer_id, institution_id, visit_id.
-- Where a visit or a stay took place, one row per number that only one of them bears: what an order or a questionnaire
-- that names the number belongs to.
with visit_or_stay as (
    select
        deliverer_id,
        institution_id,
        visit_id,
        department_code,
        staff_id
    from {{ ref('fct_outpatient_visit') }}

    union all

    select
        deliverer_id,
        institution_id,
        visit_id,
        department_code,
        staff_id
    from {{ ref('fct_inpatient_stay') }}
)

select
    deliverer_id,
    institution_id,
    visit_id,
    max(department_code) as department_code,
    max(staff_id) as staff_id
from visit_or_stay
group by
    deliverer_id,
    institution_id,
    visit_id
having count(*) = 1
