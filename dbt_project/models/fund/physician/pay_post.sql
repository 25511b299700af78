-- Grain: month, institution_id, staff_type, title_level.
-- Pay within a post (kind and title) of an institution: people, mean, coefficient of variation, Gini.
with in_order as (
    select
        *,
        row_number() over (
            partition by month, institution_id, staff_type, title_level
            order by pay_fen asc nulls last, staff_key asc nulls last
        ) as place
    from {{ ref('pay_person') }}
    where staff_type is not null
)

select
    month,
    institution_id,
    staff_type,
    coalesce(title_level, '-') as title_level,
    max(pay_group) as pay_group,
    cast(count(*) as bigint) as people,
    cast(sum(pay_fen) as bigint) as pay_fen,
    cast(round({{ quotient('stddev_pop(pay_fen)', 'avg(pay_fen)') }}, 6) as decimal(9, 6)) as variation,
    cast(
        round({{ quotient(
            'sum((2 * place - 1) * cast(pay_fen as double)) - count(*) * sum(cast(pay_fen as double))',
            'count(*) * sum(cast(pay_fen as double))'
        ) }}, 6) as decimal(9, 6)
    ) as gini
from in_order
group by
    month,
    institution_id,
    staff_type,
    coalesce(title_level, '-')
