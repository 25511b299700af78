-- Grain: month, institution_id, department_code.
-- How a department distributed: share of the money that went elsewhere than proposed, the head's share, Gini and
-- variation among its people, appeals per person; and whether it gave out what it was given.
-- Source: methods H.10, H.11; REQ-187, REQ-194.
with in_order as (
    select
        *,
        row_number() over (
            partition by month, institution_id, department_code
            order by given_fen asc nulls last, staff_id asc nulls last
        ) as place
    from {{ ref('pool_distribution') }}
)

select
    o.month,
    o.institution_id,
    o.department_code,
    cast(count(*) as bigint) as people,
    cast(sum(o.given_fen) as bigint) as given_fen,
    cast(max(d.amount_fen) as bigint) as department_fen,
    round(100 * {{ quotient('sum(abs(o.given_fen - o.proposed_fen))', '2 * sum(o.proposed_fen)') }}, 6)
        as deviation_pct,
    round(100 * {{ quotient('max(d.amount_fen) - sum(o.given_fen)', 'max(d.amount_fen)') }}, 6)
        as not_given_pct,
    round(100 * {{ quotient('sum(case when o.is_head then o.given_fen else 0 end)', 'sum(o.given_fen)') }}, 6)
        as head_share_pct,
    round({{ quotient(
        'sum((2 * o.place - 1) * cast(o.given_fen as double)) - count(*) * sum(cast(o.given_fen as double))',
        'count(*) * sum(cast(o.given_fen as double))'
    ) }}, 6) as gini,
    round({{ quotient('stddev_pop(o.given_fen)', 'avg(o.given_fen)') }}, 6) as variation,
    round(100 * {{ quotient('sum(o.appeals)', 'count(*)') }}, 6) as appeal_pct
from in_order as o
left join {{ ref('pool_department') }} as d
    on
        o.month = d.month
        and o.institution_id = d.institution_id
        and o.department_code = d.department_code
group by
    o.month,
    o.institution_id,
    o.department_code
