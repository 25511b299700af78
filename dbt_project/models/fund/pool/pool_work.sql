-- Grain: month, institution_id, department_code, staff_id.
-- The work of a quarter as a weight: points × quality × post, person by person. Village clinics count with the
-- institution that keeps them, as a department of it.
-- Source: methods H.4; REQ-186.
select
    w.month,
    {{ kept_with('i') }} as institution_id,
    {{ kept_department('i', 'p') }} as department_code,
    p.staff_id,
    cast(sum(p.points) as decimal(18, 6)) as points,
    {{ millionths('sum(p.weighted_points)') }} as weight
from {{ ref('kpi_window') }} as w
inner join {{ ref('dim_month') }} as m
    on w.month = m.month
inner join {{ ref('staff_point') }} as p
    on w.member_month = p.month
inner join {{ ref('dim_institution') }} as i
    on p.institution_id = i.institution_id
where
    w.kpi_window = 'quarter'
    and m.month_of_year in (3, 6, 9, 12)
group by
    w.month,
    {{ kept_with('i') }},
    {{ kept_department('i', 'p') }},
    p.staff_id
