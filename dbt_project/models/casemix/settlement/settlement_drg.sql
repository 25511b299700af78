-- Grain: case_id.
-- What a DRG case is worth: weight (or its points) times what the deviation and the institution's factor make of it,
-- times what a weight of 1 (or a point) is worth: stated, or the budget over its volume. A budget over the month's own
-- cases first pays those of them that have no group. Methods D3, D4; REQ-139.
with ratio as (
    select
        *,
        {{ cost_ratio('total_fen', 'mean_cost_fen') }}
    from {{ ref('settlement_drg_case') }}
),

deviation as (
    select
        *,
        case
            when rule_from is null then 'no_rule'
            when weight is null and not is_grouped then 'ungrouped'
            when weight is null then 'no_weight'
            {{ deviation_of_ratio() }}
        end as deviation,
        {{ base_factor() }} as base_factor
    from ratio
),

factor as (
    select
        *,
        {{ factor_of_deviation() }} as deviation_factor,
        weight * case when method = 'drg_points' then points_per_weight else 1 end as score
    from deviation
),

volume as (
    select
        *,
        score * deviation_factor * {{ factor_of_institution() }} as settlement_score,
        case
            when deviation = 'ungrouped' then {{ rounded_fen(quotient('total_fen * ungrouped_pct', '100')) }}
        end as ungrouped_fen
    from factor
),

of_month as (
    select
        *,
        sum(settlement_score) over (
            partition by method, rule_region, rule_insurance, rule_from, month
        ) as month_volume,
        coalesce(sum(ungrouped_fen) over (
            partition by method, rule_region, rule_insurance, rule_from, month
        ), 0) as month_ungrouped_fen
    from volume
),

worth as (
    select
        *,
        coalesce(
            case when method = 'drg_points' then point_value * 100 else base_rate_fen end,
            case
                when budget_volume is not null then {{ quotient('budget_fen', 'budget_volume') }}
                when budget_fen <= month_ungrouped_fen then 0
                else {{ quotient('budget_fen - month_ungrouped_fen', 'month_volume') }}
            end
        ) as unit_fen
    from of_month
)

select
    case_id,
    drg,
    'drg_payment_rule ' || method || ' ' || rule_region || ' ' || rule_insurance || ' ' || cast(rule_from as string)
        as rule_id,
    weight,
    score,
    mean_cost_fen,
    institution_factor,
    deviation,
    round(cost_ratio, 6) as cost_ratio,
    round(deviation_factor, 6) as deviation_factor,
    round(settlement_score, 6) as settlement_score,
    round(unit_fen, 6) as unit_fen,
    case
        when deviation = 'ungrouped' then ungrouped_fen
        else {{ rounded_fen('settlement_score * unit_fen') }}
    end as standard_fen
from worth
