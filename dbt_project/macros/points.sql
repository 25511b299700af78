{#
  Points of a value against a target (methods A1), in three steps that score_value and the explained change of a card share:
  the points of each anchor by month, a value and its target turned so that more is better, and the piece it falls on.
#}
{% macro anchor_points() -%}
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
{%- endmacro %}

{# Columns of a `turned` row: x the value, f b t c the anchors, distance = how far outside the range. k: the KPI, t: its target. #}
{% macro turned_columns(value) -%}
        t.target_mode,
        t.tolerance,
        case when k.direction = 'lower' then -{{ value }} else {{ value }} end as x,
        case when k.direction = 'lower' then -t.baseline else t.baseline end as b,
        case when k.direction = 'lower' then -t.target else t.target end as t,
        case when k.direction = 'lower' then -t.challenge else t.challenge end as c,
        case when k.direction = 'lower' then -t.floor else t.floor end as f,
        greatest(t.range_low - {{ value }}, {{ value }} - t.range_high, 0) as distance
{%- endmacro %}

{# Points of a `turned` row; null where it has no target. #}
{% macro points_of_turned() -%}
            case
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
            end
{%- endmacro %}

{#
  Pay coefficients of scores by the curve in force; of each month and institution the row with preference 1. The piece of the
  curve that a score falls on is the one that starts highest at or below it. `scored`: month, last_day, institution_id, score.
#}
{% macro pay_by_curve(scored) -%}
    select
        s.month,
        s.institution_id,
        cast(
            round(
                c.coefficient_from
                + (c.coefficient_to - c.coefficient_from)
                * coalesce(
                    {{ quotient('least(s.score, c.score_to) - c.score_from', 'c.score_to - c.score_from') }}, 0
                ), 6
            ) as decimal(9, 6)
        ) as coefficient,
        row_number() over (
            partition by s.month, s.institution_id
            order by c.score_from desc nulls last, c.effective_from desc nulls last
        ) as preference
    from {{ scored }} as s
    inner join {{ incoming('policy', 'pay_curve') }} as c
        on
            {{ in_force('c', 's.last_day') }}
            and s.score >= c.score_from
{%- endmacro %}
