-- Grain: institution_id, month, department_code, staff_id.
-- The sheet of every person: work of the quarter, what it weighs in the department, what it comes to.
select
    p.institution_id,
    p.month,
    p.department_code,
    p.staff_id,
    p.points,
    p.weight,
    d.weight as department_weight,
    d.amount_fen as department_fen,
    p.amount_fen,
    p.person_mode,
    m.release_id
from {{ ref('pool_person') }} as p
inner join {{ ref('pool_department') }} as d
    on
        p.month = d.month
        and p.institution_id = d.institution_id
        and p.department_code = d.department_code
inner join {{ ref('dim_month') }} as m
    on p.month = m.month
