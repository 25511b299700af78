-- Grain: month, institution_id.
-- Whether more work is paid more: Spearman's rank correlation of a month's weighted points and pay, equal ones sharing
-- their mean rank.
-- Source: REQ-198; Spearman 1904, with ties as Pearson's correlation of ranks.
with paid_work as (
    select
        p.month,
        p.institution_id,
        p.staff_key,
        max(p.pay_fen) as pay_fen,
        sum(s.weighted_points) as points
    from {{ ref('pay_person') }} as p
    inner join {{ ref('staff_point') }} as s
        on
            p.month = s.month
            and p.staff_id = s.staff_id
    group by
        p.month,
        p.institution_id,
        p.staff_key
),

ranked as (
    select
        month,
        institution_id,
        rank() over (partition by month, institution_id order by pay_fen asc nulls last)
        + {{ quotient('count(*) over (partition by month, institution_id, pay_fen) - 1', '2') }} as pay_rank,
        rank() over (partition by month, institution_id order by points asc nulls last)
        + {{ quotient('count(*) over (partition by month, institution_id, points) - 1', '2') }} as point_rank
    from paid_work
),

summed as (
    select
        month,
        institution_id,
        count(*) as people,
        sum(pay_rank) as x,
        sum(point_rank) as y,
        sum(pay_rank * pay_rank) as xx,
        sum(point_rank * point_rank) as yy,
        sum(pay_rank * point_rank) as xy
    from ranked
    group by
        month,
        institution_id
)

select
    month,
    institution_id,
    cast(people as bigint) as people,
    round({{ quotient(
        'people * xy - x * y', 'sqrt(people * xx - x * x) * sqrt(people * yy - y * y)'
    ) }}, 6) as rank_correlation
from summed
