-- The score card: per institution and month, the indicators of its tier with their weights. Each takes the newest
-- month whose figures were mature when the card's month was closed (lagged indicators look further back).
with mature_month as (
    select
        m.month,
        k.kpi_id,
        max(v.month) as value_month
    from {{ ref('dim_month') }} as m
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    cross join {{ ref('dim_kpi') }} as k
    inner join {{ ref('dim_month') }} as v
        on
            m.month_number >= v.month_number
            and {{ days_between('v.last_day', 'm.last_day') }} + p.close_after_days >= k.maturity_lag_days
    group by
        m.month,
        k.kpi_id
),

-- What an institution itself owed; a platform that failed to deliver must not cost its members points.
withheld as (
    select distinct
        d.month,
        d.kpi_id,
        d.institution_id
    from {{ ref('kpi_missing_delivery') }} as d
    inner join {{ ref('dim_institution') }} as i
        on
            d.institution_id = i.institution_id
            and d.deliverer_id = i.delivered_by
),

card as (
    select
        m.month,
        i.institution_id,
        i.peer_group,
        w.dimension,
        w.kpi_id,
        k.direction,
        w.weight,
        v.value_month,
        a.value,
        coalesce(a.status, 'immature') as status,
        t.target_mode,
        case
            when a.status = 'missing' and h.kpi_id is not null and p.missing_indicator_is_lowest = 1 then 0
            else s.score
        end as score,
        p.minimum_peers
    from {{ ref('dim_month') }} as m
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    cross join {{ ref('dim_institution') }} as i
    inner join {{ incoming('policy', 'kpi_weight') }} as w
        on
            i.institution_tier = w.institution_tier
            and {{ in_force('w', 'm.last_day') }}
    inner join {{ ref('dim_kpi') }} as k
        on w.kpi_id = k.kpi_id
    left join mature_month as v
        on
            m.month = v.month
            and w.kpi_id = v.kpi_id
    left join {{ ref('kpi_value') }} as a
        on
            v.value_month = a.month
            and k.scoring_window = a.kpi_window
            and a.unit_level = 'institution'
            and i.institution_id = a.unit_id
            and w.kpi_id = a.kpi_id
    left join {{ ref('score_value') }} as s
        on
            a.month = s.month
            and a.kpi_window = s.kpi_window
            and a.unit_level = s.unit_level
            and a.unit_id = s.unit_id
            and a.kpi_id = s.kpi_id
    left join {{ ref('score_target') }} as t
        on
            a.month = t.month
            and a.unit_level = t.unit_level
            and a.unit_id = t.unit_id
            and a.kpi_id = t.kpi_id
    left join withheld as h
        on
            v.value_month = h.month
            and w.kpi_id = h.kpi_id
            and i.institution_id = h.institution_id
),

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
