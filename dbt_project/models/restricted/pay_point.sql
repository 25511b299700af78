-- Grain: institution_id, month, work_month, worked_at, department_code, staff_id.
-- How the points of a quarter became a weight: month by month and place by place, points × quality × post. Village
-- clinics stand with the institution that keeps them, as a department of it; the weights of a sheet are sums of these.
select
    {{ kept_with('i') }} as institution_id,
    q.month,
    p.month as work_month,
    p.institution_id as worked_at,
    {{ kept_department('i', 'p') }} as department_code,
    p.staff_id,
    p.points,
    p.quality_factor,
    p.quality_level,
    p.post_factor,
    p.weighted_points,
    m.release_id
from {{ ref('kpi_window') }} as q
inner join {{ ref('dim_month') }} as m
    on q.month = m.month
inner join {{ ref('staff_point') }} as p
    on q.member_month = p.month
inner join {{ ref('dim_institution') }} as i
    on p.institution_id = i.institution_id
where
    q.kpi_window = 'quarter'
    and m.month_of_year in (3, 6, 9, 12)
