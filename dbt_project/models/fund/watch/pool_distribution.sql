-- Grain: month, institution_id, department_code, staff_id.
-- What a department gave its people beside what the system would have given them; only departments that told.
-- Source: methods H.10; REQ-187.
with told as (
    select distinct
        d.institution_id,
        d.department_code,
        d.month
    from {{ incoming('policy', 'second_distribution') }} as d
),

proposed as (
    select
        p.month,
        p.institution_id,
        p.department_code,
        p.staff_id,
        p.amount_fen
    from {{ ref('pool_person') }} as p
    inner join told as t
        on
            p.month = t.month
            and p.institution_id = t.institution_id
            and p.department_code = t.department_code
),

given as (
    select
        d.month,
        d.institution_id,
        d.department_code,
        d.staff_id,
        d.is_head,
        d.amount_fen,
        d.appeals
    from {{ incoming('policy', 'second_distribution') }} as d
    inner join {{ ref('dim_month') }} as m
        on d.month = m.month
)

select
    coalesce(g.month, p.month) as month,
    coalesce(g.institution_id, p.institution_id) as institution_id,
    coalesce(g.department_code, p.department_code) as department_code,
    coalesce(g.staff_id, p.staff_id) as staff_id,
    coalesce(g.is_head, 0) = 1 as is_head,
    coalesce(p.amount_fen, 0) as proposed_fen,
    coalesce(g.amount_fen, 0) as given_fen,
    coalesce(g.appeals, 0) as appeals
from given as g
full outer join proposed as p
    on
        g.month = p.month
        and g.institution_id = p.institution_id
        and g.department_code = p.department_code
        and g.staff_id = p.staff_id
