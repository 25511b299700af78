-- The points of every value against the target in force for it, by three anchors: baseline, target, challenge
-- (piecewise linear below, between and above; lower-is-better is the same with the sign turned), or by a range.
with points as (
    {{ anchor_points() }}
),

turned as (
    select
        v.month,
        v.kpi_window,
        v.unit_level,
        v.unit_id,
        v.kpi_id,
        -- A window that is not full is scored only where policy says so.
        v.status = 'valid' or (v.status = 'partial' and s.score_partial_windows = 1) as is_scored,
        t.baseline,
        t.target,
        t.challenge,
        {{ turned_columns('v.value') }},
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
    baseline,
    target,
    challenge,
    cast(round(case when is_scored then {{ points_of_turned() }} end, 4) as decimal(9, 4)) as score
from turned
