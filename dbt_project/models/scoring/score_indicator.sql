-- The score card: per institution and month, the indicators of its tier with their weights. Each takes the newest
-- month whose figures were mature when the card's month was closed (lagged indicators look further back). A threshold
-- that is not reached takes the item's points.
with {{ card_items('k.scoring_window') }},

-- Benchmark: the better quartile of the peers (linear interpolation): P75, or P25 where lower is better.
benchmark as (
    select
        month,
        peer_group,
        kpi_id,
        case
            when direction = 'lower'
                then percentile_cont(0.25) within group (order by cast(value as double))
            else percentile_cont(0.75) within group (order by cast(value as double))
        end as benchmark_value
    from card
    where
        status = 'valid'
        and coalesce(target_mode, 'abs') <> 'range'
    group by
        month,
        peer_group,
        kpi_id,
        direction,
        minimum_peers
    having count(*) >= minimum_peers
)

select
    c.month,
    c.institution_id,
    c.peer_group,
    c.dimension,
    c.kpi_id,
    cast(c.weight as decimal(9, 4)) as weight,
    c.value_month,
    c.value,
    c.status,
    cast(c.must_reach as decimal(18, 6)) as must_reach,
    c.is_threshold_missed,
    cast(c.score as decimal(9, 4)) as score,
    cast(
        round(
            {{ quotient(
                'c.weight * c.score',
                'sum(case when c.score is not null then c.weight end) over (partition by c.month, c.institution_id)'
            ) }}, 4
        ) as decimal(9, 4)
    ) as weighted_score,
    cast(round(b.benchmark_value, 6) as decimal(18, 6)) as benchmark_value,
    cast(
        round(
            case
                when c.status <> 'valid' or b.benchmark_value is null then null
                -- A ratio says nothing about negative figures.
                when c.value < 0 or b.benchmark_value < 0 then null
                when c.value = b.benchmark_value then 100
                when c.direction = 'lower' and c.value = 0 then 120
                when c.direction = 'lower' then least(120, 100 * {{ quotient('b.benchmark_value', 'c.value') }})
                when b.benchmark_value = 0 then 120
                else least(120, 100 * {{ quotient('c.value', 'b.benchmark_value') }})
            end, 4
        ) as decimal(9, 4)
    ) as benchmark_score
from card as c
left join benchmark as b
    on
        c.month = b.month
        and c.peer_group = b.peer_group
        and c.kpi_id = b.kpi_id
