{#
  Five scores and their weighted total. A score is 100 without violations and falls in a straight line to 0 at the share
  that the policy names (an assumption). Without anything to judge there is no score, and its weight counts for nothing.
#}
with violated as (
    select
        deliverer_id,
        month,
        dimension,
        sum(violated) as violated
    from {{ ref('quality_finding') }}
    group by
        deliverer_id,
        month,
        dimension
),

measured as (
    select
        m.month,
        t.deliverer_id as institution_id,
        p.dimension,
        coalesce(v.violated, 0) as violated,
        t.total,
        p.weight,
        p.zero_at_pct,
        100 * {{ quotient('coalesce(v.violated, 0)', 't.total') }} as violated_pct
    from {{ ref('quality_total') }} as t
    inner join {{ ref('dim_month') }} as m
        on t.month = m.month
    inner join {{ incoming('policy', 'quality_dimension') }} as p
        on
            t.dimension = p.dimension
            and {{ in_force('p', 'm.last_day') }}
    left join violated as v
        on
            t.deliverer_id = v.deliverer_id
            and t.month = v.month
            and t.dimension = v.dimension
),

scored as (
    select
        month,
        institution_id,
        dimension,
        violated,
        total,
        weight,
        zero_at_pct,
        violated_pct,
        case
            when violated_pct is not null
                then 100 * (1 - least(1, {{ quotient('violated_pct', 'zero_at_pct') }}))
        end as score
    from measured
)

select
    month,
    institution_id,
    dimension,
    cast(violated as bigint) as violated,
    cast(total as bigint) as total,
    cast(round(violated_pct, 4) as decimal(9, 4)) as violated_pct,
    cast(zero_at_pct as decimal(9, 4)) as zero_at_pct,
    cast(weight as decimal(9, 4)) as weight,
    cast(round(score, 4) as decimal(9, 4)) as score,
    case when score is null then 'missing' else 'valid' end as status
from scored
union all
select
    month,
    institution_id,
    'total' as dimension,
    cast(sum(violated) as bigint) as violated,
    cast(sum(total) as bigint) as total,
    cast(null as decimal(9, 4)) as violated_pct,
    cast(null as decimal(9, 4)) as zero_at_pct,
    cast(sum(case when score is not null then weight end) as decimal(9, 4)) as weight,
    cast(
        round(
            {{ quotient('sum(weight * score)', 'sum(case when score is not null then weight end)') }}, 4
        ) as decimal(9, 4)
    ) as score,
    case when max(score) is null then 'missing' else 'valid' end as status
from scored
group by
    month,
    institution_id
