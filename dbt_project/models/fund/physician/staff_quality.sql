-- Grain: month, unit_level, unit_id.
-- The quality factor of a physician, a department or an institution: the mean of the scores of the indicators that
-- policy names for its level, by their weights, over 100 and within the bounds. Targets are those of the
-- institution that counts an indicator: of a village clinic itself for some, the institution that keeps it for others.
with points as (
    {{ anchor_points() }}
),

rule as (
    select
        m.month,
        r.unit_level,
        r.kpi_id,
        r.weight,
        r.factor_min,
        r.factor_max
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'quality_factor_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
),

turned as (
    select
        v.month,
        v.unit_level,
        v.unit_id,
        v.kpi_id,
        r.weight,
        r.factor_min,
        r.factor_max,
        {{ turned_columns('v.value') }},
        p.p_floor,
        p.p_baseline,
        p.p_target,
        p.p_challenge
    from {{ ref('kpi_value') }} as v
    inner join rule as r
        on
            v.month = r.month
            and v.unit_level = r.unit_level
            and v.kpi_id = r.kpi_id
    inner join {{ ref('dim_kpi') }} as k
        on
            v.kpi_id = k.kpi_id
            and v.kpi_window = k.scoring_window
    inner join {{ ref('score_target') }} as t
        on
            v.month = t.month
            and t.unit_level = 'institution'
            and v.institution_id = t.unit_id
            and v.kpi_id = t.kpi_id
    inner join {{ ref('policy_parameter') }} as s
        on v.month = s.month
    inner join points as p
        on v.month = p.month
    where v.status = 'valid' or (v.status = 'partial' and s.score_partial_windows = 1)
),

scored as (
    select
        month,
        unit_level,
        unit_id,
        weight,
        factor_min,
        factor_max,
        cast(round({{ points_of_turned() }}, 4) as decimal(9, 4)) as score
    from turned
)

select
    month,
    unit_level,
    unit_id,
    cast(count(*) as integer) as indicators,
    cast(sum(score * weight) as decimal(24, 6)) as score_numerator,
    cast(sum(weight) as decimal(24, 6)) as score_denominator,
    cast(
        least(
            max(factor_max),
            greatest(
                min(factor_min),
                round({{ quotient('cast(sum(score * weight) as decimal(24, 6))', '100 * sum(weight)') }}, 6)
            )
        ) as decimal(9, 6)
    ) as quality_factor
from scored
where score is not null
group by
    month,
    unit_level,
    unit_id
