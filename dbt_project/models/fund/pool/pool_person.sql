-- Grain: month, institution_id, department_code, staff_id.
-- A department's money by the work of its people. Where the community lets departments distribute, this is what the
-- system would do, beside which their own distribution is held (pool_second_distribution).
-- Source: methods H.4, H.10, H.12; REQ-186.
with worked as (
    select
        d.community_id,
        d.month,
        d.institution_id,
        d.department_code,
        d.amount_fen as department_fen,
        w.staff_id,
        w.points,
        w.weight
    from {{ ref('pool_department') }} as d
    inner join {{ ref('pool_work') }} as w
        on
            d.month = w.month
            and d.institution_id = w.institution_id
            and d.department_code = w.department_code
),

split as (
    {{ split_exactly(
        'worked', ['month', 'institution_id', 'department_code'], ['staff_id'], 'department_fen', 'weight'
    ) }}
)

select
    s.community_id,
    s.month,
    s.institution_id,
    s.department_code,
    s.staff_id,
    s.points,
    s.weight,
    -- A department in which nobody weighs anything was given nothing.
    cast(coalesce(s.amount_fen, 0) as bigint) as amount_fen,
    r.person_mode
from split as s
inner join {{ ref('pool_round') }} as r
    on
        s.community_id = r.community_id
        and s.month = r.month
