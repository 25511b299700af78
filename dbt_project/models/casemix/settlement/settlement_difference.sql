-- Grain: case_id.
-- Our settlement of a stay beside what the insurer delivered of it, and the first thing in which they part: the newest
-- result of each settlement; of several parts of a stay their money together, and the rest from the last that has one.
-- The insurer's result is what is paid; this says what to ask it about. REQ-139, REQ-141.
with result as (
    select
        deliverer_id,
        settlement_id,
        result_batch,
        'drg' as family,
        drg_code as group_code,
        case case_type
            when '1' then 'normal'
            when '2' then 'high'
            when '3' then 'low'
            when '5' then 'special'
            when '6' then 'ungrouped'
        end as deviation,
        cast(relative_weight as double) as weight,
        cast(base_points as double) as points,
        cast(group_average_fen as double) as mean_cost_fen,
        cast(institution_coefficient as double) as institution_factor,
        payment_standard_fen as standard_fen,
        fund_due_fen
    from {{ ref('fct_drg_result') }}

    union all

    select
        deliverer_id,
        settlement_id,
        result_batch,
        'dip' as family,
        group_code,
        case
            when review_coefficient is not null then 'special'
            when deviation_type = '0' then 'normal'
            when deviation_type = '1' then 'high'
            when deviation_type = '2' then 'low'
        end as deviation,
        cast(null as double) as weight,
        cast(base_score as double) as points,
        cast(null as double) as mean_cost_fen,
        cast(institution_coefficient as double) as institution_factor,
        payment_fen as standard_fen,
        cast(null as bigint) as fund_due_fen
    from {{ ref('fct_dip_result') }}
),

newest as (
    select
        p.case_id,
        p.place_from_end,
        r.*,
        row_number() over (
            partition by p.case_id, p.place_from_end, r.family
            order by r.result_batch desc nulls last
        ) as place
    from result as r
    inner join {{ ref('settlement_part') }} as p
        on
            r.deliverer_id = p.deliverer_id
            and r.settlement_id = p.settlement_id
),

together as (
    select
        case_id,
        family,
        group_code,
        deviation,
        weight,
        points,
        mean_cost_fen,
        institution_factor,
        -- Money of a stay is known when that of all its parts with a result is.
        case
            when count(standard_fen) over (partition by case_id, family) = count(*) over (partition by case_id, family)
                then cast(sum(standard_fen) over (partition by case_id, family) as bigint)
        end as standard_fen,
        case
            when count(fund_due_fen) over (partition by case_id, family) = count(*) over (partition by case_id, family)
                then cast(sum(fund_due_fen) over (partition by case_id, family) as bigint)
        end as fund_due_fen,
        row_number() over (
            partition by case_id, family
            order by
                place_from_end asc nulls last,
                result_batch desc nulls last
        ) as place
    from newest
    where place = 1
),

delivered as (
    select *
    from together
    where place = 1
),

compared as (
    select
        c.*,
        d.case_id is not null as is_delivered,
        d.group_code as delivered_group_code,
        d.deviation as delivered_deviation,
        case when c.method = 'drg_rate' then d.weight else d.points end as delivered_score,
        d.mean_cost_fen as delivered_mean_cost_fen,
        d.institution_factor as delivered_institution_factor,
        d.standard_fen as delivered_standard_fen,
        d.fund_due_fen as delivered_fund_due_fen
    from (
        select
            *,
            case
                when method = 'dip' then 'dip'
                when method in ('drg_rate', 'drg_points') then 'drg'
            end as family
        from {{ ref('casemix_settlement') }}
    ) as c
    left join delivered as d
        on
            c.case_id = d.case_id
            and c.family = d.family
    where c.family is not null
)

select
    case_id,
    deliverer_id,
    settlement_id,
    institution_id,
    month,
    insurance,
    method,
    group_code,
    delivered_group_code,
    deviation,
    delivered_deviation,
    payment_standard_fen,
    delivered_standard_fen,
    payment_standard_fen - delivered_standard_fen as standard_difference_fen,
    fund_due_fen,
    delivered_fund_due_fen,
    fund_due_fen - delivered_fund_due_fen as fund_due_difference_fen,
    case
        when not is_delivered then 'not_delivered'
        when payment_standard_fen is null then 'not_settled_here'
        when delivered_standard_fen is null then 'not_settled_there'
        when payment_standard_fen = delivered_standard_fen and fund_due_fen <> delivered_fund_due_fen
            then 'other_personal_share'
        when payment_standard_fen = delivered_standard_fen then 'same'
        when group_code <> delivered_group_code then 'other_group'
        when deviation <> delivered_deviation then 'other_deviation'
        when round(score, 6) <> round(delivered_score, 6) then 'other_score'
        when round(mean_cost_fen, 6) <> round(delivered_mean_cost_fen, 6) then 'other_mean_cost'
        when round(institution_factor, 6) <> round(delivered_institution_factor, 6) then 'other_institution_factor'
        else 'other_rate'
    end as outcome,
    source_batch_id,
    source_file,
    source_line
from compared
