-- The points of every value against the target in force for it, by three anchors: baseline, target, challenge
-- (piecewise linear below, between and above; lower-is-better is the same with the sign turned), or by a range.
with points as (
    select
        m.month,
        max(case when a.anchor = 'floor' then a.points end) as p_floor,
        max(case when a.anchor = 'baseline' then a.points end) as p_baseline,
        max(case when a.anchor = 'target' then a.points end) as p_target,
        max(case when a.anchor = 'challenge' then a.points end) as p_challenge
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'score_anchor') }} as a
        on {{ in_force('a', 'm.last_day') }}
    group by m.month
),

-- Turned so that more is better: x the value, f b t c the anchors. distance = how far outside the range.
turned as (
    select
        v.month,
        v.kpi_window,
        v.unit_level,
        v.unit_id,
        v.kpi_id,
        -- A window that is not full is scored only where policy says so.
        v.status = 'valid' or (v.status = 'partial' and s.score_partial_windows = 1) as is_scored,
        t.target_mode,
        t.tolerance,
        case when k.direction = 'lower' then -v.value else v.value end as x,
        case when k.direction = 'lower' then -t.baseline else t.baseline end as b,
        case when k.direction = 'lower' then -t.target else t.target end as t,
        case when k.direction = 'lower' then -t.challenge else t.challenge end as c,
        case when k.direction = 'lower' then -t.floor else t.floor end as f,
        greatest(t.range_low - v.value, v.value - t.range_high, 0) as distance,
        p.p_floor,
        p.p_baseline,
        p.p_target,
        p.p_challenge
    from {{ ref('kpi_value') }} as v
    inner join {{ ref('dim_kpi') }} as k
        on v.kpi_id = k.kpi_id
    inner join {{ ref('policy_parameter') }} as s
        on v.month = s.month
    left join {{ ref('score_target') }} as t
        on
            v.month = t.month
            and v.unit_level = t.unit_level
            and v.unit_id = t.unit_id
            and v.kpi_id = t.kpi_id
    left join points as p
        on v.month = p.month
)

select
    month,
    kpi_window,
    unit_level,
    unit_id,
    kpi_id,
    cast(
        round(
            case
                when not is_scored then null
                when target_mode = 'range'
                    then
                        case
                            when distance = 0 then p_target
                            when distance <= tolerance
                                then p_target - (p_target - p_baseline) * {{ quotient('distance', 'tolerance') }}
                            when distance <= 2 * tolerance
                                then
                                    p_baseline
                                    - (p_baseline - p_floor) * {{ quotient('distance - tolerance', 'tolerance') }}
                            else p_floor
                        end
                -- First, so that standing still where nothing lower is possible earns nothing.
                when x <= f then p_floor
                when x >= c then p_challenge
                when x >= t then p_target + (p_challenge - p_target) * {{ quotient('x - t', 'c - t') }}
                when x >= b then p_baseline + (p_target - p_baseline) * {{ quotient('x - b', 't - b') }}
                when x > f then p_floor + (p_baseline - p_floor) * {{ quotient('x - f', 'b - f') }}
            end, 4
        ) as decimal(9, 4)
    ) as score
from turned
