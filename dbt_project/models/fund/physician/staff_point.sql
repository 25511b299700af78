-- Grain: month, institution_id, department_code, staff_id.
-- Points of a person where the work was done: at several places listed by place, each event once. Quality is the
-- person's own factor, else the department's, else the institution's, else 1; the post is the posting held there,
-- else the title.
with work as (
    select
        w.month,
        w.institution_id,
        coalesce(w.department_code, d.department_code, '-') as department_code,
        w.staff_id,
        cast(sum(w.points) as decimal(18, 6)) as points,
        cast(count(*) as bigint) as events
    from {{ ref('staff_work') }} as w
    left join {{ ref('staff_department') }} as d
        on
            w.month = d.month
            and w.institution_id = d.institution_id
            and w.staff_id = d.staff_id
    where w.is_counted
    group by
        w.month,
        w.institution_id,
        coalesce(w.department_code, d.department_code, '-'),
        w.staff_id
),

listed as (
    select
        month,
        staff_id,
        institution_id,
        staff_type,
        title_level
    from (
        select
            *,
            row_number() over (
                partition by month, staff_id
                order by deliverer_id asc nulls last
            ) as place
        from {{ ref('dim_staff_month') }}
    ) as s
    where place = 1
),

post as (
    select
        m.month,
        f.basis,
        f.code,
        f.factor
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'post_factor') }} as f
        on {{ in_force('f', 'm.last_day') }}
),

posted as (
    select
        m.month,
        a.to_institution_id as institution_id,
        a.staff_id,
        max(p.factor) as factor
    from {{ ref('dim_month') }} as m
    inner join {{ ref('fct_staff_assignment') }} as a
        on
            m.last_day >= a.start_date
            and m.first_day <= coalesce(a.end_date, m.last_day)
    inner join post as p
        on
            m.month = p.month
            and a.assignment_type = p.code
            and p.basis = 'assignment_type'
    group by
        m.month,
        a.to_institution_id,
        a.staff_id
),

factored as (
    select
        w.*,
        s.institution_id as employer_id,
        s.staff_type,
        s.title_level,
        cast(coalesce(q.quality_factor, g.quality_factor, i.quality_factor, 1) as decimal(9, 6)) as quality_factor,
        case
            when q.quality_factor is not null then 'physician'
            when g.quality_factor is not null then 'department'
            when i.quality_factor is not null then 'institution'
            else 'none'
        end as quality_level,
        cast(coalesce(o.factor, t.factor, 1) as decimal(9, 6)) as post_factor
    from work as w
    left join listed as s
        on
            w.month = s.month
            and w.staff_id = s.staff_id
    left join {{ ref('staff_quality') }} as q
        on
            w.month = q.month
            and q.unit_level = 'physician'
            and w.institution_id || '/' || w.staff_id = q.unit_id
    left join {{ ref('staff_quality') }} as g
        on
            w.month = g.month
            and g.unit_level = 'department'
            and w.institution_id || '/' || w.department_code = g.unit_id
    left join {{ ref('staff_quality') }} as i
        on
            w.month = i.month
            and i.unit_level = 'institution'
            and w.institution_id = i.unit_id
    left join posted as o
        on
            w.month = o.month
            and w.institution_id = o.institution_id
            and w.staff_id = o.staff_id
    left join post as t
        on
            w.month = t.month
            and t.basis = 'title_level'
            and s.title_level = t.code
)

select
    month,
    institution_id,
    department_code,
    staff_id,
    employer_id,
    coalesce(employer_id <> institution_id, false) as is_away,
    staff_type,
    title_level,
    events,
    points,
    quality_factor,
    quality_level,
    post_factor,
    cast(round(cast(points as decimal(20, 6)) * quality_factor * post_factor, 6) as decimal(18, 6)) as weighted_points
from factored
